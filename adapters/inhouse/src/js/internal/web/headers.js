'use strict';
// Headers. Authority: https://fetch.spec.whatwg.org/#headers-class
//
// The guards "request" and "request-no-cors" do not forbid names here: there is no page to protect, and servers set them all.

const { byteString, coded, defineInterface, definePairIterable, invalidThis, isObject, requireArguments, sequence } =
  require('internal/web/webidl');

const construct = Symbol('construct');
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

let listOf;
let isHeaders;

class Headers {
  // "header list" and "guard"; names keep their case, comparisons do not see it.
  #list;

  constructor(init = undefined) {
    if (init === construct) {
      this.#list = arguments[1];
      return;
    }
    this.#list = new HeaderList('none');
    if (init !== undefined) fill(this.#list, init);
  }

  static {
    isHeaders = (value) => isObject(value) && #list in value;
    listOf = (headers) => {
      if (!isHeaders(headers)) throw invalidThis('Headers');
      return headers.#list;
    };
  }

  append(name, value) {
    const list = listOf(this);
    requireArguments(arguments.length, 'name', 'value');
    append(list, convertName(name), convertValue(value));
  }

  delete(name) {
    const list = listOf(this);
    requireArguments(arguments.length, 'name');
    const key = checkName(convertName(name));
    checkGuard(list);
    list.delete(key);
  }

  get(name) {
    const list = listOf(this);
    requireArguments(arguments.length, 'name');
    return list.get(checkName(convertName(name)));
  }

  getSetCookie() { return listOf(this).values('set-cookie'); }

  has(name) {
    const list = listOf(this);
    requireArguments(arguments.length, 'name');
    return list.values(checkName(convertName(name))).length > 0;
  }

  set(name, value) {
    const list = listOf(this);
    requireArguments(arguments.length, 'name', 'value');
    const key = checkName(convertName(name));
    const text = checkValue(normalize(convertValue(value)));
    checkGuard(list);
    list.set(key, text);
  }
}

// ---- Header lists -----------------------------------------------------------------------------

class HeaderList {
  constructor(guard) {
    this.guard = guard;
    this.entries = [];
  }

  values(name) {
    const key = name.toLowerCase();
    return this.entries.filter(([one]) => one.toLowerCase() === key).map(([, value]) => value);
  }

  // "get": null, or all values joined
  get(name) {
    const values = this.values(name);
    return values.length === 0 ? null : values.join(', ');
  }

  // "append" keeps the case of the first entry of the name.
  append(name, value) {
    const key = name.toLowerCase();
    const known = this.entries.find(([one]) => one.toLowerCase() === key);
    this.entries.push([known?.[0] ?? name, value]);
  }

  delete(name) {
    const key = name.toLowerCase();
    this.entries = this.entries.filter(([one]) => one.toLowerCase() !== key);
  }

  set(name, value) {
    const key = name.toLowerCase();
    const known = this.entries.find(([one]) => one.toLowerCase() === key);
    if (known === undefined) {
      this.entries.push([name, value]);
    } else {
      known[1] = value;
      this.entries = this.entries.filter((entry) => entry === known || entry[0].toLowerCase() !== key);
    }
  }

  // "sort and combine"
  sorted() {
    const names = [...new Set(this.entries.map(([name]) => name.toLowerCase()))].sort();
    return names.flatMap((name) =>
      (name === 'set-cookie' ? this.values(name).map((value) => [name, value]) : [[name, this.get(name)]]));
  }

  copy(guard) {
    const list = new HeaderList(guard);
    list.entries = this.entries.map(([name, value]) => [name, value]);
    return list;
  }
}

const convertName = (name) => byteString(name, 'The header name');
const convertValue = (value) => byteString(value, 'The header value');

const invalid = (message) => coded(TypeError, 'ERR_INVALID_ARG_VALUE', message);

// "header name"
function checkName(name) {
  if (!TOKEN.test(name)) throw invalid(`"${name}" is an invalid header name`);
  return name;
}

// "normalize" a value
const normalize = (value) => value.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');

// "header value"
function checkValue(value) {
  if (/[\0\n\r]/.test(value)) throw invalid(`"${value}" is an invalid header value`);
  return value;
}

function checkGuard({ guard }) {
  if (guard === 'immutable') throw new TypeError('immutable');
}

// "append" a header to a Headers object
function append(list, name, value) {
  const normalized = normalize(value);
  checkName(name);
  checkValue(normalized);
  checkGuard(list);
  list.append(name, normalized);
}

// "fill", from (sequence<sequence<ByteString>> or record<ByteString, ByteString>)
function fill(list, init) {
  if (!isObject(init)) throw invalid('Headers can be made from a sequence of pairs or a record');
  const method = init[Symbol.iterator];
  if (method !== undefined && method !== null) {
    for (const pair of sequence(init, 'init', (item, name) => sequence(item, name, (part) => byteString(part, name)))) {
      if (pair.length !== 2) throw invalid('Each header pair must be a [name, value] tuple');
      append(list, pair[0], pair[1]);
    }
    return;
  }
  for (const key of Reflect.ownKeys(init)) {
    if (!Object.getOwnPropertyDescriptor(init, key)?.enumerable) continue;
    append(list, convertName(key), convertValue(init[key]));
  }
}

defineInterface(Headers);
definePairIterable(Headers, (list) => list.sorted(), (headers) => listOf(headers));

const wrapHeaders = (list) => new Headers(construct, list);

module.exports = { Headers, HeaderList, isHeaders, listOf, wrapHeaders, fill, normalize };
