'use strict';
// What the facades of streams share: the token that lets the runtime construct them, and conversions of their arguments.

const { apply, invokeForPromise, isolate, resolvedWith } = require('internal/web/promises');
const { callback, coded, dictionary, invalidArgType, isObject } = require('internal/web/webidl');
const { isView, isDetachedBuffer, viewedBuffer } = require('internal/web/streams/buffers');

// First argument of a facade's constructor, when the runtime calls it; the second is the record.
const construct = Symbol('construct');

// "optional object": absent is null, everything else must be an object.
function optionalObject(value, name) {
  if (value === undefined) return null;
  if (!isObject(value)) throw invalidArgType(name, 'Object', value);
  return value;
}

// A dictionary of callbacks and other members, read in lexicographical order. `members` maps a name to its converter.
function convertMembers(object, name, members) {
  const dict = dictionary(object, name);
  const converted = { __proto__: null };
  for (const [key, convert] of members) {
    const value = dict[key];
    converted[key] = value === undefined ? undefined : convert(value, `${name}.${key}`);
  }
  return converted;
}

// Algorithms that "invoke" a callback with the program's object as callback this value.
const resolvedAlgorithm = () => resolvedWith(undefined);

function startAlgorithm(fn, thisArg, argument) {
  return fn === undefined ? () => undefined : () => apply(fn, thisArg, [argument()]);
}

function promiseAlgorithm(fn, thisArg, argumentsOf) {
  return fn === undefined ? resolvedAlgorithm : (given) => invokeForPromise(fn, thisArg, argumentsOf(given));
}

// ArrayBufferView without [AllowShared] and [AllowResizable].
function bufferView(value, name) {
  if (!isView(value)) throw invalidArgType(name, ['Buffer', 'TypedArray', 'DataView'], value);
  const buffer = viewedBuffer(value);
  if (host.util.classOf(buffer) === 'SharedArrayBuffer') {
    throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The "${name}" argument must not be backed by a SharedArrayBuffer`);
  }
  if (!isDetachedBuffer(buffer) && buffer.resizable) {
    throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The "${name}" argument must not be backed by a resizable buffer`);
  }
  return value;
}

// A read request whose outcome is the promise of a read(). Members of a dictionary come in lexicographical order.
class ReadPromise {
  constructor(deferred) {
    this.deferred = deferred;
  }

  chunk(chunk) { this.deferred.resolve({ done: false, value: chunk }); }

  close(chunk) { this.deferred.resolve({ done: true, value: chunk }); }

  error(reason) { this.deferred.reject(reason); }
}

isolate(ReadPromise);

// How Node's streams question web streams: properties under registered symbols. `answers` maps a symbol's description to
// a function of the record; see internal/streams/queries.
function answerNode(Class, unwrap, answers) {
  for (const [description, answer] of Object.entries(answers)) {
    Object.defineProperty(Class.prototype, Symbol.for(description), {
      get() { return answer(unwrap(this)); },
      enumerable: false,
      configurable: true,
    });
  }
}

module.exports = {
  construct, optionalObject, convertMembers, startAlgorithm, promiseAlgorithm, bufferView, callback, ReadPromise,
  answerNode,
};
