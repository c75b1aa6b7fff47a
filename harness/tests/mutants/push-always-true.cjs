// breaks: push() returns true also when the buffer is full
// noticed by: backpressure/node-readable

'use strict';
const { Readable } = require('node:stream');
const real = Readable.prototype.push;
Readable.prototype.push = function push(...args) {
  real.apply(this, args);
  return true;
};
