'use strict';
// The table of platform objects that structured cloning can copy or move.
// Authority: https://html.spec.whatwg.org/multipage/structured-data.html#serializable-objects, #transferable-objects
//
// Contract: a module that defines such an interface registers it here when it is loaded:
//   isInstance(value)                whether `value` has the interface's internal slots
//   serialize(value, sub)            serialization steps: plain data; `sub(v)` gives the record of a sub-value
//   deserialize(data, sub)           a new object; `sub(record)` gives the value of a sub-record
//   isDetached(value)                [[Detached]]
//   transfer(value)                  transfer steps: the data holder; `value` is detached afterwards
//   receive(data)                    transfer-receiving steps: a new object
// A pair of functions that is left out means: not serializable, or not transferable. Plain data is what the record of
// internal/web/structured_clone may hold, so that it can be carried to another engine, where `interfaceNamed` loads
// the module that knows the name.

const MODULES = {
  __proto__: null,
  DOMException: 'internal/web/dom_exception',
  Blob: 'internal/web/blob',
  File: 'internal/web/blob',
  MessagePort: 'internal/web/messaging',
  ReadableStream: 'internal/web/streams/transfer',
  WritableStream: 'internal/web/streams/transfer',
  TransformStream: 'internal/web/streams/transfer',
};

const interfaces = new Map();

// The prototypes of all interfaces: an object below one of them that is not serializable is no ordinary object either.
const platformPrototypes = new WeakSet();

function isPlatformObject(value) {
  for (let prototype = Object.getPrototypeOf(value); prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    if (platformPrototypes.has(prototype)) return true;
  }
  return false;
}

function registerInterface(name, steps) {
  interfaces.set(name, { name, ...steps });
}

// The interface of a value, or undefined for an ordinary object.
function interfaceOf(value) {
  for (const steps of interfaces.values()) {
    if (steps.isInstance(value)) return steps;
  }
  return undefined;
}

function interfaceNamed(name) {
  if (!interfaces.has(name)) require(MODULES[name]);
  return interfaces.get(name);
}

// What programs have said must stay where it is (Node's markAsUntransferable), or must not be copied (markAsUncloneable).
const untransferable = new WeakSet();
const uncloneable = new WeakSet();

module.exports = { untransferable, uncloneable, registerInterface, interfaceOf, interfaceNamed, platformPrototypes, isPlatformObject };
