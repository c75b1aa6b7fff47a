'use strict';
// assert.AssertionError. Authority: https://nodejs.org/api/assert.html#class-assertassertionerror

const validate = require('internal/validate');

class AssertionError extends Error {
  constructor(options) {
    validate.object(options, 'options');
    const { message, operator, stackStartFn, stackStartFunction, actual, expected, diff = 'simple' } = options;
    let text;
    if (message == null) text = require('internal/assert/message').messageFor(options);
    else if (operator === 'deepStrictEqual' || operator === 'strictEqual') {
      text = require('internal/assert/message').differenceMessage(actual, expected, operator, String(message));
    } else text = String(message);
    super(text);
    this.generatedMessage = message == null;
    Object.defineProperty(this, 'name', { value: 'AssertionError', enumerable: false, writable: true, configurable: true });
    this.code = 'ERR_ASSERTION';
    this.actual = actual;
    this.expected = expected;
    this.operator = operator;
    Error.captureStackTrace?.(this, stackStartFn || stackStartFunction);
    this.diff = diff;
  }

  toString() { return `${this.name} [${this.code}]: ${this.message}`; }

  [Symbol.for('nodejs.util.inspect.custom')](recurseTimes, context) {
    const { inspect } = require('internal/inspect');
    return inspect(this, { ...context, customInspect: false, depth: 0 });
  }
}

module.exports = { AssertionError };
