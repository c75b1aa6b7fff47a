'use strict';
// DOMException. Authority: https://webidl.spec.whatwg.org/#idl-DOMException
//
// An instance is a genuine error of the engine ([[ErrorData]], a stack) with the interface's prototype; what the
// attributes return lies in a WeakMap, so that a program can neither forge nor change it.

const { defineInterface, dictionary, domString, invalidThis } = require('internal/web/webidl');
const { platformPrototypes, registerInterface } = require('internal/web/transferable');

// "DOMException names table": the names that carry a legacy code, whose constants are spelled differently.
const LEGACY = [
  ['IndexSizeError', 'INDEX_SIZE_ERR', 1], [null, 'DOMSTRING_SIZE_ERR', 2],
  ['HierarchyRequestError', 'HIERARCHY_REQUEST_ERR', 3], ['WrongDocumentError', 'WRONG_DOCUMENT_ERR', 4],
  ['InvalidCharacterError', 'INVALID_CHARACTER_ERR', 5], [null, 'NO_DATA_ALLOWED_ERR', 6],
  ['NoModificationAllowedError', 'NO_MODIFICATION_ALLOWED_ERR', 7], ['NotFoundError', 'NOT_FOUND_ERR', 8],
  ['NotSupportedError', 'NOT_SUPPORTED_ERR', 9], ['InUseAttributeError', 'INUSE_ATTRIBUTE_ERR', 10],
  ['InvalidStateError', 'INVALID_STATE_ERR', 11], ['SyntaxError', 'SYNTAX_ERR', 12],
  ['InvalidModificationError', 'INVALID_MODIFICATION_ERR', 13], ['NamespaceError', 'NAMESPACE_ERR', 14],
  ['InvalidAccessError', 'INVALID_ACCESS_ERR', 15], [null, 'VALIDATION_ERR', 16],
  ['TypeMismatchError', 'TYPE_MISMATCH_ERR', 17], ['SecurityError', 'SECURITY_ERR', 18],
  ['NetworkError', 'NETWORK_ERR', 19], ['AbortError', 'ABORT_ERR', 20], ['URLMismatchError', 'URL_MISMATCH_ERR', 21],
  ['QuotaExceededError', 'QUOTA_EXCEEDED_ERR', 22], ['TimeoutError', 'TIMEOUT_ERR', 23],
  ['InvalidNodeTypeError', 'INVALID_NODE_TYPE_ERR', 24], ['DataCloneError', 'DATA_CLONE_ERR', 25],
];
const CODES = new Map(LEGACY.filter(([name]) => name !== null).map(([name, , code]) => [name, code]));

const slots = new WeakMap();

function unwrap(exception) {
  const slot = slots.get(exception);
  if (slot === undefined) throw invalidThis('DOMException');
  return slot;
}

function DOMException(message = '', options = 'Error') {
  if (new.target === undefined) throw new TypeError("Class constructor DOMException cannot be invoked without 'new'");
  const slot = { message: domString(message), name: 'Error' };
  const exception = new Error();
  Object.setPrototypeOf(exception, new.target.prototype);
  // Node takes a bag with `name` and `cause` in place of the name.
  if (typeof options === 'object' && options !== null) {
    const bag = dictionary(options, 'options');
    if (bag.name !== undefined) slot.name = domString(bag.name);
    if ('cause' in bag) {
      Object.defineProperty(exception, 'cause', {
        value: bag.cause, writable: true, enumerable: false, configurable: true,
      });
    }
  } else {
    slot.name = domString(options);
  }
  slots.set(exception, slot);
  // Taken again so that the trace begins at the caller and, where the engine writes a header, shows name and message.
  if (typeof Error.captureStackTrace === 'function') Error.captureStackTrace(exception, DOMException);
  return exception;
}

Object.defineProperty(DOMException, 'length', { value: 0, configurable: true });
DOMException.prototype = Object.create(Error.prototype, {
  constructor: { value: DOMException, writable: true, configurable: true },
  name: { get() { return unwrap(this).name; }, configurable: true },
  message: { get() { return unwrap(this).message; }, configurable: true },
  code: { get() { return CODES.get(unwrap(this).name) ?? 0; }, configurable: true },
});
Object.defineProperty(DOMException, 'prototype', { writable: false });
defineInterface(DOMException, { constants: Object.fromEntries(LEGACY.map(([, constant, code]) => [constant, code])) });

// It is told by its slots: an ordinary object that merely inherits from the prototype is cloned as one.
platformPrototypes.delete(DOMException.prototype);

registerInterface('DOMException', {
  isInstance: (value) => slots.has(value),
  // "serialization steps": name, message, and the stack as accompanying data.
  serialize(exception) {
    const { name, message } = unwrap(exception);
    const { stack } = exception;
    return { name, message, stack: typeof stack === 'string' ? stack : undefined };
  },
  deserialize({ name, message, stack }) {
    const exception = new DOMException(message, name);
    if (stack !== undefined) {
      Object.defineProperty(exception, 'stack', {
        value: stack, writable: true, enumerable: false, configurable: true,
      });
    }
    return exception;
  },
});

module.exports = { DOMException };
