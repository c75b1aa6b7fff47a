// breaks: 'drain' is emitted twice
// noticed by: backpressure/node-writable

'use strict';
const { Writable } = require('node:stream');
const real = Writable.prototype.emit;
Writable.prototype.emit = function emit(name, ...args) {
  if (name === 'drain') real.call(this, name, ...args);
  return real.call(this, name, ...args);
};
