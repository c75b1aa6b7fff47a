'use strict';
// Errors that carry a `code`, as programs for Node's API see them.
// Authority: https://nodejs.org/api/errors.html (names, codes and the meaning of each).
//
// Contract: `new codes.ERR_X(…)` gives an instance of the built-in class named in the table `internal/errors/table` or where the code was
// defined, with an own enumerable `code`. Arguments depend on the code; the message function names them. Most programs see no such error,
// so the table is loaded with the first.

const defined = Object.create(null);

const codes = new Proxy(defined, {
  get(_, code) {
    if (defined[code] === undefined) require('internal/errors/table');
    return defined[code];
  },
});

// The result is an instance of `Base` itself, as in Node: `err.constructor === TypeError`.
function define(code, Base, message) {
  function CodedError(...args) {
    const text = typeof message === 'function' ? message(...args) : message;
    const error = new Base(text);
    Object.defineProperty(error, 'toString', {
      value() { return `${this.name} [${code}]: ${this.message}`; },
      enumerable: false, writable: true, configurable: true,
    });
    if (Error.captureStackTrace) Error.captureStackTrace(error, new.target ?? CodedError);
    error.code = code;
    return error;
  }
  defined[code] = CodedError;
}

// The error of an aborted operation; `cause` is the signal's reason.
class AbortError extends Error {
  constructor(message = 'The operation was aborted', options = undefined) {
    if (options !== undefined && typeof options !== 'object') {
      throw new codes.ERR_INVALID_ARG_TYPE('options', 'Object', options);
    }
    super(message, options);
    this.code = 'ABORT_ERR';
    this.name = 'AbortError';
  }
}

// Joins the error of a clean-up with the one that caused it; neither may be lost.
function combineErrors(inner, outer) {
  if (!inner || !outer || inner === outer) return inner || outer;
  if (Array.isArray(outer.errors)) {
    outer.errors.push(inner);
    return outer;
  }
  const both = new AggregateError([outer, inner], outer.message);
  both.code = outer.code;
  return both;
}

const describeType = (value) => require('internal/errors/table').describeType(value);

module.exports = { codes, AbortError, combineErrors, describeType, define };
