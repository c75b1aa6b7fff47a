'use strict';
// MutationObserver. Authority: https://dom.spec.whatwg.org/#mutation-observers
//
// The first record queues one microtask for all observers; it stands among promise jobs, and delivers what was recorded until it runs.

const { callback, defineInterface, dictionary, invalidArgType, requireArguments } = require('internal/web/webidl');

// Node -> its registrations { observer, options }, and the transient ones { observer, options, source }.
const registrations = new WeakMap();
// "pending mutation observers", in the order in which they were made.
const observers = new Set();
let queued = false;

let recordsOf;
let notify;
let watch;
const kMade = Symbol('made');

class MutationRecord {
  #slots;

  constructor(slots) {
    // Programs cannot name the mark, so they cannot make records.
    if (slots?.[kMade] !== true) throw new TypeError('Illegal constructor');
    this.#slots = slots;
  }

  get type() { return this.#slots.type; }

  get target() { return this.#slots.target; }

  get addedNodes() { return this.#slots.addedNodes; }

  get removedNodes() { return this.#slots.removedNodes; }

  get previousSibling() { return this.#slots.previousSibling; }

  get nextSibling() { return this.#slots.nextSibling; }

  get attributeName() { return this.#slots.attributeName; }

  get attributeNamespace() { return null; }

  get oldValue() { return this.#slots.oldValue; }
}

class MutationObserver {
  #callback;
  #nodes = new Set();
  #records = [];

  constructor(run) {
    requireArguments(arguments.length, 'callback');
    this.#callback = callback(run, 'callback');
    observers.add(this);
  }

  static {
    recordsOf = (observer) => observer.#records;
    watch = (observer, node) => observer.#nodes.add(node);
    // "notify mutation observers", for one of them.
    notify = (observer) => {
      const records = observer.takeRecords();
      for (const node of observer.#nodes) dropTransient(node, observer);
      if (records.length === 0) return;
      try {
        Reflect.apply(observer.#callback, observer, [records, observer]);
      } catch (error) {
        host.reportUncaught(error);
      }
    };
  }

  observe(target, options = undefined) {
    requireArguments(arguments.length, 'target');
    if (!(target instanceof require('internal/page/document').Node)) throw invalidArgType('target', 'Node', target);
    const wanted = optionsOf(dictionary(options, 'options'));
    const list = listOf(target);
    const known = list.find((one) => one.observer === this && one.source === undefined);
    if (known !== undefined) {
      for (const node of this.#nodes) dropTransient(node, this, known);
      known.options = wanted;
      return;
    }
    list.push({ observer: this, options: wanted, source: undefined });
    this.#nodes.add(target);
  }

  disconnect() {
    for (const node of this.#nodes) {
      const list = listOf(node);
      registrations.set(node, list.filter((one) => one.observer !== this));
    }
    this.#nodes.clear();
    this.#records = [];
  }

  takeRecords() {
    const records = this.#records;
    this.#records = [];
    return records;
  }
}

defineInterface(MutationRecord);
defineInterface(MutationObserver);

function listOf(node) {
  let list = registrations.get(node);
  if (list === undefined) registrations.set(node, list = []);
  return list;
}

function dropTransient(node, observer, source = undefined) {
  const list = listOf(node);
  const stays = (one) => one.observer !== observer || one.source === undefined || (source !== undefined && one.source !== source);
  registrations.set(node, list.filter(stays));
}

// The options of `observe`, with what they imply.
function optionsOf(given) {
  const options = {
    childList: Boolean(given.childList),
    attributes: given.attributes === undefined ? undefined : Boolean(given.attributes),
    characterData: given.characterData === undefined ? undefined : Boolean(given.characterData),
    subtree: Boolean(given.subtree),
    attributeOldValue: Boolean(given.attributeOldValue),
    characterDataOldValue: Boolean(given.characterDataOldValue),
    attributeFilter: given.attributeFilter === undefined ? undefined : [...given.attributeFilter].map(String),
  };
  options.attributes ??= given.attributeOldValue !== undefined || given.attributeFilter !== undefined;
  options.characterData ??= given.characterDataOldValue !== undefined;
  if (!options.childList && !options.attributes && !options.characterData) {
    throw new TypeError('The options must include at least one of childList, attributes and characterData');
  }
  if (!options.attributes && (options.attributeOldValue || options.attributeFilter !== undefined)) {
    throw new TypeError('Attribute options need attributes to be observed');
  }
  if (options.characterDataOldValue && !options.characterData) {
    throw new TypeError('characterDataOldValue needs characterData to be observed');
  }
  return options;
}

// "queue a mutation record"
function queueRecord(type, target, fields) {
  if (observers.size === 0) return;
  // Observer -> the old value it gets.
  const interested = new Map();
  for (let node = target; node !== null; node = node.parentNode) {
    for (const { observer, options } of registrations.get(node) ?? []) {
      if (node !== target && !options.subtree) continue;
      if (!options[type]) continue;
      if (type === 'attributes' && options.attributeFilter?.includes(fields.attributeName) === false) continue;
      const wantsOld = (type === 'attributes' && options.attributeOldValue)
        || (type === 'characterData' && options.characterDataOldValue);
      if (!interested.has(observer)) interested.set(observer, null);
      if (wantsOld) interested.set(observer, fields.oldValue);
    }
  }
  for (const [observer, oldValue] of interested) {
    recordsOf(observer).push(new MutationRecord({
      [kMade]: true, type, target, addedNodes: [], removedNodes: [], previousSibling: null, nextSibling: null, attributeName: null,
      ...fields, oldValue,
    }));
  }
  if (interested.size > 0) queueMicrotaskOfObservers();
}

// A node that is removed goes on being watched for those who watch its ancestors' subtrees, until they are notified.
function keepWatching(node) {
  for (let parent = node.parentNode; parent !== null; parent = parent.parentNode) {
    for (const one of registrations.get(parent) ?? []) {
      if (!one.options.subtree) continue;
      listOf(node).push({ observer: one.observer, options: one.options, source: one });
      watch(one.observer, node);
    }
  }
}

// "queue a mutation observer microtask"
function queueMicrotaskOfObservers() {
  if (queued) return;
  queued = true;
  host.queueMicrotask(() => {
    queued = false;
    for (const observer of [...observers]) notify(observer);
  });
}

module.exports = { MutationObserver, MutationRecord, queueRecord, keepWatching };
