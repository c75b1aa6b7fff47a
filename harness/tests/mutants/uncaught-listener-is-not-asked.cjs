// breaks: listeners of 'uncaughtException' are not called
// noticed by: ordering/process

'use strict';
const real = process.emit;
process.emit = function emit(name, ...args) { return name === 'uncaughtException' ? false : real.call(this, name, ...args); };
