'use strict';
// Web IDL in JavaScript: how arguments are converted and how an interface looks from outside.
// Authority: https://webidl.spec.whatwg.org/ (section numbers change, so algorithms are named by title).
//
// Contract: converters throw a TypeError (with Node's `code`, since Node's programs look at it) or return the IDL value.
// `what` names the argument in messages, for example 'The "options" argument'.

const { platformPrototypes } = require('internal/web/transferable');

function coded(Base, code, message) {
  const error = new Base(message);
  error.code = code;
  return error;
}

// ---- Errors that every interface raises -------------------------------------------------------

const illegalConstructor = () => coded(TypeError, 'ERR_ILLEGAL_CONSTRUCTOR', 'Illegal constructor');
const invalidThis = (name) => coded(TypeError, 'ERR_INVALID_THIS', `Value of "this" must be of type ${name}`);
const invalidState = (reason) => coded(TypeError, 'ERR_INVALID_STATE', `Invalid state: ${reason}`);

function invalidArgType(name, expected, actual) {
  const { codes } = require('internal/errors');
  return new codes.ERR_INVALID_ARG_TYPE(name, expected, actual);
}

function invalidArgValue(name, value, reason) {
  const { codes } = require('internal/errors');
  return new codes.ERR_INVALID_ARG_VALUE(name, value, reason);
}

// Every operation with required arguments checks their number before it converts one of them.
function requireArguments(given, ...names) {
  if (given >= names.length) return;
  const quoted = names.map((name) => `"${name}"`);
  const list = quoted.length < 3 ? quoted.join(' and ') : `${quoted.slice(0, -1).join(', ')}, and ${quoted.at(-1)}`;
  throw coded(TypeError, 'ERR_MISSING_ARGS', `The ${list} argument${names.length > 1 ? 's' : ''} must be specified`);
}

// ---- Conversions ------------------------------------------------------------------------------

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

// "convert to a dictionary": absent is the empty dictionary, which reads nothing from Object.prototype.
const EMPTY = Object.freeze({ __proto__: null });
function dictionary(value, name) {
  if (value === undefined || value === null) return EMPTY;
  if (!isObject(value)) throw invalidArgType(name, 'Object', value);
  return value;
}

// "convert to DOMString": a template refuses symbols, which String() would accept.
const domString = (value) => `${value}`;
const usvString = (value) => `${value}`.toWellFormed();

// ByteString: each code unit must fit a byte.
function byteString(value, what) {
  const text = `${value}`;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 255) {
      throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', `${what} has a character above U+00FF at index ${i}`);
    }
  }
  return text;
}

// ConvertToInt for unsigned types with [EnforceRange].
function enforceRange(value, max, what) {
  const number = Math.trunc(+value);
  if (!Number.isFinite(number)) throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', `${what} is not a finite number`);
  if (number < 0 || number > max) {
    throw coded(TypeError, 'ERR_OUT_OF_RANGE', `${what} must be between 0 and ${max}, not ${number}`);
  }
  return number + 0;
}

const unsignedShort = (value) => +value & 0xffff;

function restrictedDouble(value, what) {
  const number = +value;
  if (!Number.isFinite(number)) throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', `${what} must be a finite number`);
  return number;
}

function callback(value, name) {
  if (typeof value !== 'function') throw invalidArgType(name, 'Function', value);
  return value;
}

// "convert to sequence<T>"; each element is converted by `element`. `unfit` makes the error for what cannot be iterated.
function sequence(value, name, element, unfit = () => invalidArgType(name, 'iterable', value)) {
  const method = isObject(value) ? value[Symbol.iterator] : undefined;
  if (typeof method !== 'function') throw unfit();
  const iterator = Reflect.apply(method, value, []);
  if (!isObject(iterator) || typeof iterator.next !== 'function') throw unfit();
  const items = [];
  for (;;) {
    const result = iterator.next();
    if (!isObject(result)) throw unfit();
    if (result.done) return items;
    items.push(element(result.value, `${name}[${items.length}]`));
  }
}

function objectElement(value, name) {
  if (!isObject(value)) throw invalidArgType(name, 'Object', value);
  return value;
}

// ---- The shape of an interface ----------------------------------------------------------------

// "Interface prototype object": operations and attributes are enumerable there, the class string is not.
function defineInterface(Class, options = {}) {
  const prototype = Class.prototype;
  platformPrototypes.add(prototype);
  for (const key of Object.getOwnPropertyNames(prototype)) {
    if (key === 'constructor') continue;
    Object.defineProperty(prototype, key, { enumerable: true });
  }
  for (const key of options.statics ?? []) Object.defineProperty(Class, key, { enumerable: true });
  for (const [key, value] of Object.entries(options.constants ?? {})) {
    const descriptor = { value, writable: false, enumerable: true, configurable: false };
    Object.defineProperty(Class, key, descriptor);
    Object.defineProperty(prototype, key, descriptor);
  }
  Object.defineProperty(prototype, Symbol.toStringTag, {
    value: options.name ?? Class.name, writable: false, enumerable: false, configurable: true,
  });
}

// "Iterable declarations": the default iterator object of a pair iterable. `pairs(target)` gives a live array of pairs.
function definePairIterable(Class, pairs, unwrap) {
  const name = Class.name;
  const prototypeOfIterators = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
  const states = new WeakMap();
  const iteratorPrototype = Object.create(prototypeOfIterators, {
    next: {
      value: function next() {
        const state = states.get(this);
        if (state === undefined) throw invalidThis(`${name}Iterator`);
        const list = pairs(state.target);
        if (state.index >= list.length) return { value: undefined, done: true };
        const [key, value] = list[state.index++];
        const item = state.kind === 'keys' ? key : state.kind === 'values' ? value : [key, value];
        return { value: item, done: false };
      },
      writable: true, enumerable: true, configurable: true,
    },
    [Symbol.toStringTag]: { value: `${name} Iterator`, configurable: true },
  });
  const make = (target, kind) => {
    const iterator = Object.create(iteratorPrototype);
    states.set(iterator, { target, kind, index: 0 });
    return iterator;
  };
  const methods = {
    entries() { return make(unwrap(this), 'entries'); },
    keys() { return make(unwrap(this), 'keys'); },
    values() { return make(unwrap(this), 'values'); },
    forEach(fn, thisArg = undefined) {
      const target = unwrap(this);
      requireArguments(arguments.length, 'callback');
      callback(fn, 'callback');
      for (let i = 0; i < pairs(target).length; i++) {
        const [key, value] = pairs(target)[i];
        fn.call(thisArg, value, key, this);
      }
    },
  };
  for (const key of Object.keys(methods)) {
    Object.defineProperty(Class.prototype, key, {
      value: methods[key], writable: true, enumerable: true, configurable: true,
    });
  }
  Object.defineProperty(Class.prototype, Symbol.iterator, {
    value: methods.entries, writable: true, enumerable: false, configurable: true,
  });
}

module.exports = {
  coded, illegalConstructor, invalidThis, invalidState, invalidArgType, invalidArgValue, requireArguments,
  isObject, dictionary, domString, usvString, byteString, enforceRange, unsignedShort, restrictedDouble, callback,
  sequence, objectElement, defineInterface, definePairIterable,
};
