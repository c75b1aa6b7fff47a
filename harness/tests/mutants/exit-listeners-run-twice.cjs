// breaks: listeners of 'exit' are called twice
// noticed by: ordering/process

'use strict';
const real = process.emit;
process.emit = function emit(name, ...args) {
  if (name === 'exit') real.call(this, name, ...args);
  return real.call(this, name, ...args);
};
