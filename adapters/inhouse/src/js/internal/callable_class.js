'use strict';
// Classes that may also be called without `new`, as old ones of Node's can.

// A function of that name that makes instances of `Class`, and of whatever extends it.
function callable(Class, name) {
  function made(...args) {
    return Reflect.construct(Class, args, new.target ?? made);
  }
  Object.setPrototypeOf(made, Class);
  Object.defineProperties(made, {
    name: { value: name, configurable: true },
    length: { value: Class.length, configurable: true },
    prototype: { value: Class.prototype, writable: true, enumerable: false, configurable: false },
  });
  Object.defineProperty(Class.prototype, 'constructor', { value: made, writable: true, configurable: true });
  return made;
}

module.exports = { callable };
