// breaks: read(n) returns fewer than n bytes instead of null
// noticed by: backpressure/node-readable

'use strict';
const { Readable } = require('node:stream');
const real = Readable.prototype.read;
Readable.prototype.read = function read(size) {
  const chunk = real.call(this, size);
  return chunk === null && size > this.readableLength && this.readableLength > 0 ? real.call(this, this.readableLength) : chunk;
};
