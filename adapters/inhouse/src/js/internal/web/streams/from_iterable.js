'use strict';
// ReadableStream.from. Authority: https://streams.spec.whatwg.org/#readable-stream-from-iterable,
// https://webidl.spec.whatwg.org/#js-async-iterable (opening, next value, closing), ECMA-262 (async-from-sync iterators)

const { apply, react, rejectedWith, resolvedWith } = require('internal/web/promises');
const { coded, isObject } = require('internal/web/webidl');
const { createReadableStream } = require('internal/web/streams/readable_controller');

const END = Symbol('end of iteration');

const notIterable = (value) => {
  const { describeType } = require('internal/errors');
  return coded(TypeError, 'ERR_ARG_NOT_ITERABLE', `${describeType(value)} must be iterable`);
};

// GetMethod
function getMethod(object, key) {
  const method = object[key];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== 'function') throw new TypeError(`${String(key)} is not a function`);
  return method;
}

// "opening an async sequence": the iterator record, with `next` looked up once.
function open(iterable) {
  const value = isObject(iterable) || typeof iterable === 'string' ? iterable : undefined;
  if (value === undefined) throw notIterable(iterable);
  const method = getMethod(value, Symbol.asyncIterator);
  if (method !== undefined) return iteratorRecord(apply(method, value, []));
  const syncMethod = getMethod(value, Symbol.iterator);
  if (syncMethod === undefined) throw notIterable(iterable);
  return asyncFromSync(iteratorRecord(apply(syncMethod, value, [])));
}

function iteratorRecord(iterator) {
  if (!isObject(iterator)) throw coded(TypeError, 'ERR_INVALID_STATE', 'The iterator method must return an object');
  const { next } = iterator;
  return {
    next: () => apply(next, iterator, []),
    // Undefined if there is nothing to call.
    return: (reason) => {
      const method = getMethod(iterator, 'return');
      return method === undefined ? undefined : { result: apply(method, iterator, [reason]) };
    },
  };
}

// CreateAsyncFromSyncIterator, AsyncFromSyncIteratorContinuation
function asyncFromSync(sync) {
  const proceed = (result, closing) => {
    const done = Boolean(result.done);
    const { value } = result;
    let wrapped;
    try {
      wrapped = resolvedWith(value);
    } catch (error) {
      if (!done && closing) closeQuietly();
      throw error;
    }
    const onRejected = done || !closing ? undefined : (error) => {
      closeQuietly();
      throw error;
    };
    return react(wrapped, (unwrapped) => ({ value: unwrapped, done }), onRejected);
  };
  // IteratorClose with a throw completion: what closing throws is not seen.
  const closeQuietly = () => {
    try {
      sync.return(undefined);
    } catch { /* the first error counts */ }
  };
  return {
    next() {
      try {
        const result = sync.next();
        if (!isObject(result)) throw new TypeError('The iterator result is not an object');
        return proceed(result, true);
      } catch (error) {
        return rejectedWith(error);
      }
    },
    return(reason) {
      try {
        const returned = sync.return(reason);
        if (returned === undefined) return { result: resolvedWith({ value: reason, done: true }) };
        if (!isObject(returned.result)) throw new TypeError('The iterator result is not an object');
        return { result: proceed(returned.result, false) };
      } catch (error) {
        return { result: rejectedWith(error) };
      }
    },
  };
}

// "get an async iterator next value"
function nextValue(iterator) {
  let result;
  try {
    result = resolvedWith(iterator.next());
  } catch (error) {
    return rejectedWith(error);
  }
  return react(result, (iterResult) => {
    if (!isObject(iterResult)) {
      throw coded(TypeError, 'ERR_INVALID_STATE', 'The promise or value returned by next() must be an object');
    }
    return iterResult.done ? END : iterResult.value;
  });
}

// "close an async iterator"
function close(iterator, reason) {
  let returned;
  try {
    returned = iterator.return(reason);
    if (returned === undefined) return resolvedWith(undefined);
    returned = resolvedWith(returned.result);
  } catch (error) {
    return rejectedWith(error);
  }
  return react(returned, (result) => {
    if (!isObject(result)) {
      throw coded(TypeError, 'ERR_INVALID_STATE', 'The promise or value returned by return() must be an object');
    }
  });
}

// ReadableStreamFromIterable
function fromIterable(iterable) {
  const iterator = open(iterable);
  const pull = () => react(nextValue(iterator), (value) => {
    if (value === END) stream.controller.close();
    else stream.controller.enqueue(value);
  }, (reason) => stream.controller.error(reason));
  const stream = createReadableStream(() => undefined, pull, (reason) => close(iterator, reason), 0);
  return stream;
}

module.exports = { fromIterable };
