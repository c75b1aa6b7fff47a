// breaks: 'unhandledRejection' is never emitted
// noticed by: ordering/rejections

'use strict';
const real = process.emit;
process.emit = function emit(name, ...args) { return name === 'unhandledRejection' ? true : real.call(this, name, ...args); };
