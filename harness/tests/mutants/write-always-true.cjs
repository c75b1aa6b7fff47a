// breaks: write() returns true also when the buffer is full
// noticed by: backpressure/node-writable

'use strict';
const { Writable } = require('node:stream');
const real = Writable.prototype.write;
Writable.prototype.write = function write(...args) {
  real.apply(this, args);
  return true;
};
