// breaks: adding a 'data' listener delivers what is buffered before on() returns
// noticed by: backpressure/node-readable

'use strict';
const { Readable } = require('node:stream');
const real = Readable.prototype.on;
Readable.prototype.on = Readable.prototype.addListener = function on(name, listener) {
  real.call(this, name, listener);
  if (name === 'data' && this.readableFlowing !== false) while (this.read() !== null);
  return this;
};
