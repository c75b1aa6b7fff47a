// breaks: 'end' is emitted twice
// noticed by: backpressure/node-readable

'use strict';
const { Readable } = require('node:stream');
const real = Readable.prototype.emit;
Readable.prototype.emit = function emit(name, ...args) {
  if (name === 'end') real.call(this, name, ...args);
  return real.call(this, name, ...args);
};
