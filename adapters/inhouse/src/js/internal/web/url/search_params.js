'use strict';
// URLSearchParams. Authority: https://url.spec.whatwg.org/#interface-urlsearchparams

const { coded, defineInterface, definePairIterable, invalidThis, isObject, requireArguments, sequence, usvString } =
  require('internal/web/webidl');
const { parseForm, serializeForm } = require('internal/web/url/percent');

const construct = Symbol('construct');

let slotsOf;

class URLSearchParams {
  // { list: pairs of name and value, update: told after each change, for the URL that owns the object }
  #slots = { list: [], update: undefined };

  constructor(init = undefined) {
    if (init === construct) {
      this.#slots.update = arguments[1];
      return;
    }
    if (init !== undefined) this.#slots.list = convertInit(init);
  }

  static {
    slotsOf = (params) => {
      if (!isObject(params) || !(#slots in params)) throw invalidThis('URLSearchParams');
      return params.#slots;
    };
  }

  get size() { return slotsOf(this).list.length; }

  append(name, value) {
    const slots = slotsOf(this);
    requireArguments(arguments.length, 'name', 'value');
    slots.list.push([usvString(name), usvString(value)]);
    slots.update?.();
  }

  delete(name, value = undefined) {
    const slots = slotsOf(this);
    requireArguments(arguments.length, 'name');
    const matches = matcher(name, value);
    slots.list = slots.list.filter((pair) => !matches(pair));
    slots.update?.();
  }

  get(name) {
    const { list } = slotsOf(this);
    requireArguments(arguments.length, 'name');
    return list.find(matcher(name))?.[1] ?? null;
  }

  getAll(name) {
    const { list } = slotsOf(this);
    requireArguments(arguments.length, 'name');
    return list.filter(matcher(name)).map(([, value]) => value);
  }

  has(name, value = undefined) {
    const { list } = slotsOf(this);
    requireArguments(arguments.length, 'name');
    return list.some(matcher(name, value));
  }

  set(name, value) {
    const slots = slotsOf(this);
    requireArguments(arguments.length, 'name', 'value');
    const [wanted, text] = [usvString(name), usvString(value)];
    const first = slots.list.find(([key]) => key === wanted);
    if (first === undefined) {
      slots.list.push([wanted, text]);
    } else {
      first[1] = text;
      slots.list = slots.list.filter((pair) => pair === first || pair[0] !== wanted);
    }
    slots.update?.();
  }

  // By code units of the names; equal names keep their order.
  sort() {
    const slots = slotsOf(this);
    slots.list.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    slots.update?.();
  }

  toString() { return serializeForm(slotsOf(this).list); }
}

defineInterface(URLSearchParams);
definePairIterable(URLSearchParams, (slots) => slots.list, (params) => slotsOf(params));

function matcher(name, value = undefined) {
  const wanted = usvString(name);
  if (value === undefined) return ([key]) => key === wanted;
  const text = usvString(value);
  return ([key, one]) => key === wanted && one === text;
}

// (sequence<sequence<USVString>> or record<USVString, USVString> or USVString)
function convertInit(init) {
  if (!isObject(init)) return parseForm(usvString(init).replace(/^\?/, ''));
  if (init[Symbol.iterator] !== undefined && init[Symbol.iterator] !== null) {
    return sequence(init, 'init', (pair, name) => {
      const items = isObject(pair) ? sequence(pair, name, usvString) : [];
      if (items.length !== 2) throw coded(TypeError, 'ERR_INVALID_TUPLE', 'Each query pair must be an iterable [name, value] tuple');
      return items;
    });
  }
  const record = new Map();
  for (const key of Reflect.ownKeys(init)) {
    if (Object.getOwnPropertyDescriptor(init, key)?.enumerable) record.set(usvString(key), usvString(init[key]));
  }
  return [...record];
}

const newParams = (update) => new URLSearchParams(construct, update);

module.exports = { URLSearchParams, newParams, paramsSlots: slotsOf };
