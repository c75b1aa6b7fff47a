// breaks: 'rejectionHandled' is never emitted
// noticed by: ordering/rejections

'use strict';
const real = process.emit;
process.emit = function emit(name, ...args) { return name === 'rejectionHandled' ? true : real.call(this, name, ...args); };
