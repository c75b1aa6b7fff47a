// breaks: write() returns false only when the buffer is over its high-water mark
// noticed by: backpressure/node-writable

'use strict';
const { Writable } = require('node:stream');
const real = Writable.prototype.write;
Writable.prototype.write = function write(...args) {
  const ok = real.apply(this, args);
  return ok || this.writableLength === this.writableHighWaterMark;
};
