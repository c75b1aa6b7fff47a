'use strict';
// Node's `assert` module. Authority: https://nodejs.org/api/assert.html

const { codes } = require('internal/errors');
const { AssertionError } = require('internal/assert/assertion_error');
const { isDeepEqual, isDeepStrictEqual, isPartialStrictEqual } = require('internal/comparisons');
const exceptions = require('internal/assert/exceptions');

function fail(options) {
  if (options.message instanceof Error) throw options.message;
  throw new AssertionError(options);
}

function checkTruth(caller, args) {
  const [value, message] = args;
  if (value) return;
  if (args.length === 0) {
    const error = new AssertionError({
      actual: value, expected: true, operator: '==', stackStartFn: caller,
      message: 'No value argument passed to `assert.ok()`',
    });
    error.generatedMessage = true;
    throw error;
  }
  if (message instanceof Error) throw message;
  const error = new AssertionError({
    actual: value, expected: true, operator: '==', stackStartFn: caller,
    message: message ?? 'The expression evaluated to a falsy value',
  });
  error.generatedMessage = message == null;
  throw error;
}

function assert(...args) {
  checkTruth(assert, args);
}
function ok(...args) {
  checkTruth(ok, args);
}

// A comparison as a function of (actual, expected, message).
function comparison(name, operator, holds) {
  const check = { [name](...args) {
    if (args.length < 2) throw new codes.ERR_MISSING_ARGS('actual', 'expected');
    const [actual, expected, message] = args;
    if (!holds(actual, expected)) fail({ actual, expected, message, operator, stackStartFn: check });
  } }[name];
  return Object.defineProperty(check, 'length', { value: 3 });
}

// eslint-disable-next-line eqeqeq -- what `equal` means
const looselySame = (one, two) => one == two || (one !== one && two !== two);

function matchText(caller, text, pattern, message, wanted) {
  if (!(pattern instanceof RegExp)) throw new codes.ERR_INVALID_ARG_TYPE('regexp', 'RegExp', pattern);
  if (typeof text === 'string' && (pattern.exec(text) !== null) === wanted) return;
  if (message instanceof Error) throw message;
  const { inspect } = require('internal/inspect');
  let generated = `The input ${wanted ? 'did not match' : 'was expected to not match'} the regular expression ${
    inspect(pattern)}. Input:\n\n${inspect(text)}\n`;
  if (typeof text !== 'string') {
    generated = `The "string" argument must be of type string. Received ${require('internal/errors').describeType(text)}`;
  }
  const error = new AssertionError({
    actual: text, expected: pattern, message: message || generated, operator: caller.name, stackStartFn: caller,
  });
  error.generatedMessage = !message;
  throw error;
}

Object.assign(assert, {
  AssertionError,
  ok,
  fail: function fail(message) {
    if (message instanceof Error) throw message;
    const error = new AssertionError({ message: message ?? 'Failed', operator: 'fail', stackStartFn: fail });
    error.generatedMessage = message === undefined;
    throw error;
  },
  equal: comparison('equal', '==', looselySame),
  notEqual: comparison('notEqual', '!=', (one, two) => !looselySame(one, two)),
  deepEqual: comparison('deepEqual', 'deepEqual', isDeepEqual),
  notDeepEqual: comparison('notDeepEqual', 'notDeepEqual', (one, two) => !isDeepEqual(one, two)),
  deepStrictEqual: comparison('deepStrictEqual', 'deepStrictEqual', isDeepStrictEqual),
  notDeepStrictEqual: comparison('notDeepStrictEqual', 'notDeepStrictEqual', (one, two) => !isDeepStrictEqual(one, two)),
  strictEqual: comparison('strictEqual', 'strictEqual', Object.is),
  notStrictEqual: comparison('notStrictEqual', 'notStrictEqual', (one, two) => !Object.is(one, two)),
  partialDeepStrictEqual: comparison('partialDeepStrictEqual', 'partialDeepStrictEqual', isPartialStrictEqual),
  match: function match(string, regexp, message) { matchText(match, string, regexp, message, true); },
  doesNotMatch: function doesNotMatch(string, regexp, message) { matchText(doesNotMatch, string, regexp, message, false); },
  throws: function throws(fn, ...rest) { exceptions.expectError(throws, exceptions.caught(fn), rest); },
  rejects: async function rejects(promiseFn, ...rest) {
    exceptions.expectError(rejects, await exceptions.rejected(promiseFn), rest);
  },
  doesNotThrow: function doesNotThrow(fn, ...rest) { exceptions.expectNoError(doesNotThrow, exceptions.caught(fn), rest); },
  doesNotReject: async function doesNotReject(fn, ...rest) {
    exceptions.expectNoError(doesNotReject, await exceptions.rejected(fn), rest);
  },
  ifError: function ifError(error) {
    if (error === null || error === undefined) return;
    let message = 'ifError got unwanted exception: ';
    if (typeof error === 'object' && typeof error.message === 'string') {
      message += error.message.length === 0 && error.constructor ? error.constructor.name : error.message;
    } else message += require('internal/inspect').inspect(error);
    const wrapped = new AssertionError({ actual: error, expected: null, operator: 'ifError', message, stackStartFn: ifError });
    wrapped.generatedMessage = false;
    throw wrapped;
  },
});

// In strict mode the loose names mean the strict comparisons.
const strict = Object.assign(function strict(...args) { checkTruth(strict, args); }, assert, {
  equal: assert.strictEqual,
  deepEqual: assert.deepStrictEqual,
  notEqual: assert.notStrictEqual,
  notDeepEqual: assert.notDeepStrictEqual,
});
assert.strict = strict;
strict.strict = strict;

module.exports = assert;
