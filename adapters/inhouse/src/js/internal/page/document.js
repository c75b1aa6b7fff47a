'use strict';
// A minimal node tree: enough to mutate, to observe mutations, and to dispatch events along. No markup is parsed, nothing is shown.
// Authority: https://dom.spec.whatwg.org/#nodes
//
// Every change goes through `insert`, `remove`, `setAttribute` and `replaceData`, which tell internal/page/mutation_observer.

const { defineInterface, domString, invalidArgType, requireArguments } = require('internal/web/webidl');
const { EventTarget, kGetTheParent } = require('internal/web/event_target');
const { DOMException } = require('internal/web/dom_exception');

const ELEMENT_NODE = 1;
const TEXT_NODE = 3;
const COMMENT_NODE = 8;
const DOCUMENT_NODE = 9;
const DOCUMENT_FRAGMENT_NODE = 11;

// A node's slots: { type, parent, children, attributes, data }.
const slots = new WeakMap();
const slotsOf = (node) => {
  const found = slots.get(node);
  if (found === undefined) throw invalidArgType('node', 'Node', node);
  return found;
};
const observers = () => require('internal/page/mutation_observer');

// Only this module makes nodes whose constructor is not public.
let making = false;

function make(Class, type, fields) {
  making = true;
  const node = new Class();
  making = false;
  Object.assign(slotsOf(node), { type }, fields);
  return node;
}

class Node extends EventTarget {
  constructor() {
    super();
    if (!making) throw new TypeError('Illegal constructor');
    slots.set(this, { type: 0, parent: null, children: [], attributes: new Map(), data: '', name: '' });
  }

  get nodeType() { return slotsOf(this).type; }

  get nodeName() { return slotsOf(this).name; }

  get parentNode() { return slotsOf(this).parent; }

  get parentElement() {
    const { parent } = slotsOf(this);
    return parent instanceof Element ? parent : null;
  }

  get childNodes() { return [...slotsOf(this).children]; }

  get firstChild() { return slotsOf(this).children[0] ?? null; }

  get lastChild() { return slotsOf(this).children.at(-1) ?? null; }

  get nextSibling() { return sibling(this, 1); }

  get previousSibling() { return sibling(this, -1); }

  get ownerDocument() { return this === document ? null : document; }

  get isConnected() { return document.contains(this); }

  contains(other) {
    for (let node = other; node !== null && node !== undefined; node = slotsOf(node).parent) if (node === this) return true;
    return false;
  }

  hasChildNodes() { return slotsOf(this).children.length > 0; }

  appendChild(node) {
    requireArguments(arguments.length, 'node');
    return insert(this, node, null);
  }

  insertBefore(node, child) {
    requireArguments(arguments.length, 'node', 'child');
    return insert(this, node, child);
  }

  removeChild(child) {
    requireArguments(arguments.length, 'child');
    if (slotsOf(child).parent !== this) throw new DOMException('The node is no child of this one', 'NotFoundError');
    remove(child);
    return child;
  }

  replaceChild(node, child) {
    requireArguments(arguments.length, 'node', 'child');
    const next = child.nextSibling;
    this.removeChild(child);
    insert(this, node, next);
    return child;
  }

  get textContent() {
    const { type, data, children } = slotsOf(this);
    if (type === DOCUMENT_NODE) return null;
    return type === TEXT_NODE || type === COMMENT_NODE
      ? data
      : children.filter((child) => child.nodeType !== COMMENT_NODE).map((child) => child.textContent).join('');
  }

  set textContent(value) {
    const { type, children } = slotsOf(this);
    if (type === DOCUMENT_NODE) return;
    const text = value === null ? '' : domString(value);
    if (type === TEXT_NODE || type === COMMENT_NODE) {
      replaceData(this, text);
      return;
    }
    const removed = children.splice(0);
    for (const child of removed) slotsOf(child).parent = null;
    const added = text === '' ? [] : [document.createTextNode(text)];
    for (const child of added) slotsOf(child).parent = this;
    children.push(...added);
    if (added.length + removed.length > 0) observers().queueRecord('childList', this, { addedNodes: added, removedNodes: removed });
  }

  // "get the parent": events go up the tree, and from a document to its window.
  [kGetTheParent](event) {
    if (this === document) return event.type === 'load' ? null : globalThis;
    return slotsOf(this).parent;
  }
}

function sibling(node, step) {
  const { parent } = slotsOf(node);
  if (parent === null) return null;
  const { children } = slotsOf(parent);
  return children[children.indexOf(node) + step] ?? null;
}

// ---- Mutation ---------------------------------------------------------------------------------

// "pre-insert" and "insert"; a fragment gives its children.
function insert(parent, node, before) {
  const target = slotsOf(parent);
  const moved = slotsOf(node);
  if (target.type === TEXT_NODE || target.type === COMMENT_NODE || node.contains(parent) || moved.type === DOCUMENT_NODE) {
    throw new DOMException('The node cannot be inserted here', 'HierarchyRequestError');
  }
  if (before !== null && slotsOf(before).parent !== parent) {
    throw new DOMException('The child is no child of this node', 'NotFoundError');
  }
  const next = before === node ? node.nextSibling : before;
  let added = [node];
  if (moved.type === DOCUMENT_FRAGMENT_NODE) {
    added = moved.children.splice(0);
    if (added.length > 0) observers().queueRecord('childList', node, { removedNodes: added });
  } else if (moved.parent !== null) {
    remove(node);
  }
  if (added.length === 0) return node;
  const place = next === null ? target.children.length : target.children.indexOf(next);
  const previousSibling = target.children[place - 1] ?? null;
  target.children.splice(place, 0, ...added);
  for (const child of added) slotsOf(child).parent = parent;
  observers().queueRecord('childList', parent, { addedNodes: added, previousSibling, nextSibling: next });
  return node;
}

function remove(node) {
  const { parent } = slotsOf(node);
  const { previousSibling, nextSibling } = node;
  const { children } = slotsOf(parent);
  observers().keepWatching(node);
  children.splice(children.indexOf(node), 1);
  slotsOf(node).parent = null;
  observers().queueRecord('childList', parent, { removedNodes: [node], previousSibling, nextSibling });
}

function setAttribute(element, name, value) {
  const { attributes } = slotsOf(element);
  const oldValue = attributes.get(name) ?? null;
  observers().queueRecord('attributes', element, { attributeName: name, oldValue });
  if (value === undefined) attributes.delete(name);
  else attributes.set(name, value);
}

function replaceData(node, data) {
  const state = slotsOf(node);
  observers().queueRecord('characterData', node, { oldValue: state.data });
  state.data = data;
}

// ---- Kinds of nodes ---------------------------------------------------------------------------

class Element extends Node {
  get tagName() { return slotsOf(this).name; }

  get localName() { return slotsOf(this).name.toLowerCase(); }

  get children() { return slotsOf(this).children.filter((child) => child instanceof Element); }

  get id() { return this.getAttribute('id') ?? ''; }

  set id(value) { this.setAttribute('id', value); }

  get className() { return this.getAttribute('class') ?? ''; }

  set className(value) { this.setAttribute('class', value); }

  getAttribute(name) { return slotsOf(this).attributes.get(domString(name).toLowerCase()) ?? null; }

  hasAttribute(name) { return slotsOf(this).attributes.has(domString(name).toLowerCase()); }

  getAttributeNames() { return [...slotsOf(this).attributes.keys()]; }

  setAttribute(name, value) {
    requireArguments(arguments.length, 'qualifiedName', 'value');
    setAttribute(this, domString(name).toLowerCase(), domString(value));
  }

  removeAttribute(name) {
    if (this.hasAttribute(name)) setAttribute(this, domString(name).toLowerCase(), undefined);
  }

  toggleAttribute(name, force = undefined) {
    const has = this.hasAttribute(name);
    const wanted = force === undefined ? !has : Boolean(force);
    if (wanted && !has) this.setAttribute(name, '');
    if (!wanted && has) this.removeAttribute(name);
    return wanted;
  }

  append(...nodes) {
    for (const node of nodes) insert(this, asNode(node), null);
  }

  prepend(...nodes) {
    const { firstChild } = this;
    for (const node of nodes) insert(this, asNode(node), firstChild);
  }

  replaceChildren(...nodes) {
    for (const child of this.childNodes) remove(child);
    this.append(...nodes);
  }

  remove() {
    if (slotsOf(this).parent !== null) remove(this);
  }

  click() {
    const { createTrusted, Event, fire } = require('internal/web/event_target');
    fire(this, createTrusted(Event, 'click', { bubbles: true, cancelable: true, composed: true }));
  }
}

const asNode = (value) => (slots.has(value) ? value : document.createTextNode(value));

class CharacterData extends Node {
  get data() { return slotsOf(this).data; }

  set data(value) { replaceData(this, value === null ? '' : domString(value)); }

  get nodeValue() { return slotsOf(this).data; }

  set nodeValue(value) { this.data = value ?? ''; }

  get length() { return slotsOf(this).data.length; }

  appendData(data) { replaceData(this, slotsOf(this).data + domString(data)); }

  remove() {
    if (slotsOf(this).parent !== null) remove(this);
  }
}

class Text extends CharacterData {}
class Comment extends CharacterData {}
class DocumentFragment extends Node {
  append(...nodes) {
    for (const node of nodes) insert(this, asNode(node), null);
  }
}

class Document extends Node {
  createElement(name) {
    requireArguments(arguments.length, 'localName');
    return make(Element, ELEMENT_NODE, { name: domString(name).toUpperCase() });
  }

  createTextNode(data) {
    requireArguments(arguments.length, 'data');
    return make(Text, TEXT_NODE, { name: '#text', data: domString(data) });
  }

  createComment(data) {
    requireArguments(arguments.length, 'data');
    return make(Comment, COMMENT_NODE, { name: '#comment', data: domString(data) });
  }

  createDocumentFragment() { return make(DocumentFragment, DOCUMENT_FRAGMENT_NODE, { name: '#document-fragment' }); }

  get documentElement() { return slotsOf(this).children[0] ?? null; }

  get head() { return this.documentElement?.children[0] ?? null; }

  get body() { return this.documentElement?.children[1] ?? null; }

  getElementById(id) {
    const wanted = domString(id);
    const find = (node) => {
      for (const child of slotsOf(node).children) {
        if (child instanceof Element && child.getAttribute('id') === wanted) return child;
        const found = find(child);
        if (found !== null) return found;
      }
      return null;
    };
    return find(this);
  }

  get defaultView() { return globalThis; }

  get readyState() { return 'complete'; }

  get visibilityState() { return 'visible'; }

  get hidden() { return false; }
}

for (const Class of [Node, Element, CharacterData, Text, Comment, DocumentFragment, Document]) defineInterface(Class);

const document = make(Document, DOCUMENT_NODE, { name: '#document' });
const root = make(Element, ELEMENT_NODE, { name: 'HTML' });
for (const [parent, child] of [[document, root], [root, make(Element, ELEMENT_NODE, { name: 'HEAD' })], [root, make(Element, ELEMENT_NODE, { name: 'BODY' })]]) {
  slotsOf(parent).children.push(child);
  slotsOf(child).parent = parent;
}

module.exports = { Node, Element, Text, Comment, DocumentFragment, Document, document };
