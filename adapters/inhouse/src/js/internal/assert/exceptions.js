'use strict';
// assert.throws, rejects and their opposites: what was thrown, compared with what was expected.
// Authority: https://nodejs.org/api/assert.html#assertthrowsfn-error-message

const { codes } = require('internal/errors');
const { AssertionError } = require('internal/assert/assertion_error');

const NOTHING = Symbol('nothing was thrown');

function isPromiseLike(value) {
  return value !== null && typeof value === 'object' && typeof value.then === 'function' && typeof value.catch === 'function';
}

function caught(fn) {
  if (typeof fn !== 'function') throw new codes.ERR_INVALID_ARG_TYPE('fn', 'Function', fn);
  try {
    fn();
  } catch (error) {
    return error;
  }
  return NOTHING;
}

async function rejected(promiseFn) {
  let promise = promiseFn;
  if (typeof promiseFn === 'function') {
    promise = promiseFn();
    if (!isPromise(promise)) throw new codes.ERR_INVALID_RETURN_VALUE('instance of Promise', 'promiseFn', promise);
  } else if (!isPromise(promise)) throw new codes.ERR_INVALID_ARG_TYPE('promiseFn', ['Function', 'Promise'], promiseFn);
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return NOTHING;
}

function isPromise(value) {
  return value instanceof Promise || isPromiseLike(value);
}

// ---- Comparing ----------------------------------------------------------------------------------

// The named properties of an error, for a diff that speaks of nothing else.
class Comparison {
  constructor(object, keys, actual) {
    for (const key of keys) {
      if (!(key in object)) continue;
      const matched = actual !== undefined && typeof actual[key] === 'string' && object[key] instanceof RegExp &&
        object[key].exec(actual[key]) !== null;
      this[key] = matched ? actual[key] : object[key];
    }
  }
}

function fail(actual, expected, message, caller, generated) {
  if (message instanceof Error) throw message;
  const error = new AssertionError({ actual, expected, message, operator: caller.name, stackStartFn: caller });
  error.generatedMessage = generated;
  throw error;
}

function checkObject(actual, expected, message, caller) {
  if (typeof actual !== 'object' || actual === null) {
    const error = new AssertionError({ actual, expected, message, operator: 'deepStrictEqual', stackStartFn: caller });
    error.operator = caller.name;
    throw error;
  }
  const keys = Object.keys(expected);
  if (expected instanceof Error) keys.push('name', 'message');
  else if (keys.length === 0) throw new codes.ERR_INVALID_ARG_VALUE('error', expected, 'may not be an empty object');
  for (const key of keys) {
    if (typeof actual[key] === 'string' && expected[key] instanceof RegExp && expected[key].exec(actual[key]) !== null) continue;
    if (key in actual && require('internal/comparisons').isDeepStrictEqual(actual[key], expected[key])) continue;
    if (message) fail(actual, expected, message, caller, false);
    const error = new AssertionError({
      actual: new Comparison(actual, keys),
      expected: new Comparison(expected, keys, actual),
      operator: 'deepStrictEqual',
      stackStartFn: caller,
    });
    Object.assign(error, { actual, expected, operator: caller.name });
    throw error;
  }
}

function check(actual, expected, message, caller) {
  const { inspect } = require('internal/inspect');
  if (expected instanceof RegExp) {
    const text = String(actual);
    if (expected.exec(text) !== null) return;
    fail(actual, expected, message || `The input did not match the regular expression ${inspect(expected)}. Input:\n\n${inspect(text)}\n`,
      caller, !message);
  }
  if (typeof expected === 'object') {
    checkObject(actual, expected, message, caller);
    return;
  }
  if (expected.prototype !== undefined && actual instanceof expected) return;
  if (Object.prototype.isPrototypeOf.call(Error, expected)) {
    if (message) fail(actual, expected, message, caller, false);
    const isError = actual instanceof Error;
    const received = isError ? actual.name : inspect(actual, { depth: -1 });
    fail(actual, expected, `The error is expected to be an instance of "${expected.name}". Received "${received}"${
      isError ? `\n\nError message:\n\n${actual.message}` : ''}`, caller, true);
  }
  const result = Reflect.apply(expected, {}, [actual]);
  if (result === true) return;
  if (message) fail(actual, expected, message, caller, false);
  const name = expected.name ? `"${expected.name}" ` : '';
  fail(actual, expected, `The ${name}validation function is expected to return "true". Received ${inspect(result)}${
    actual instanceof Error ? `\n\nCaught error:\n\n${actual}` : ''}`, caller, true);
}

// ---- The functions ------------------------------------------------------------------------------

// `rest` is what the caller got after the function: an expectation, a message, both or neither.
function expectError(caller, actual, rest) {
  let [error, message] = rest;
  if (typeof error === 'string') {
    if (rest.length === 2) throw new codes.ERR_INVALID_ARG_TYPE('error', ['Object', 'Error', 'Function', 'RegExp'], error);
    if (typeof actual === 'object' && actual !== null) {
      if (actual.message === error) {
        throw new codes.ERR_AMBIGUOUS_ARGUMENT('error/message', `The error message "${actual.message}" is identical to the message.`);
      }
    } else if (actual === error) {
      throw new codes.ERR_AMBIGUOUS_ARGUMENT('error/message', `The error "${actual}" is identical to the message.`);
    }
    message = error;
    error = undefined;
  } else if (error != null && typeof error !== 'object' && typeof error !== 'function') {
    throw new codes.ERR_INVALID_ARG_TYPE('error', ['Object', 'Error', 'Function', 'RegExp'], error);
  }
  if (actual === NOTHING) {
    const named = error?.name ? ` (${error.name})` : '';
    const kind = caller.name === 'rejects' ? 'rejection' : 'exception';
    if (message instanceof Error) throw message;
    throw new AssertionError({
      actual: undefined,
      expected: error,
      operator: caller.name,
      message: `Missing expected ${kind}${named}${message ? `: ${message}` : '.'}`,
      stackStartFn: caller,
    });
  }
  if (error) check(actual, error, message, caller);
}

function expectNoError(caller, actual, [givenError, givenMessage]) {
  if (actual === NOTHING) return;
  const [error, message] = typeof givenError === 'string' ? [undefined, givenError] : [givenError, givenMessage];
  if (error && !matches(actual, error)) throw actual;
  const kind = caller.name === 'doesNotReject' ? 'rejection' : 'exception';
  if (message instanceof Error) throw message;
  throw new AssertionError({
    actual,
    expected: error,
    operator: caller.name,
    message: `Got unwanted ${kind}${message ? `: ${message}` : '.'}\nActual message: "${actual && actual.message}"`,
    stackStartFn: caller,
  });
}

function matches(actual, expected) {
  if (typeof expected !== 'function') {
    if (expected instanceof RegExp) return expected.exec(String(actual)) !== null;
    throw new codes.ERR_INVALID_ARG_TYPE('expected', ['Function', 'RegExp'], expected);
  }
  if (expected.prototype !== undefined && actual instanceof expected) return true;
  if (Object.prototype.isPrototypeOf.call(Error, expected)) return false;
  return Reflect.apply(expected, {}, [actual]) === true;
}

module.exports = { caught, rejected, expectError, expectNoError };
