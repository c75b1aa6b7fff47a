// breaks: 'beforeExit' is never emitted
// noticed by: ordering/process

'use strict';
const real = process.emit;
process.emit = function emit(name, ...args) { return name === 'beforeExit' ? false : real.call(this, name, ...args); };
