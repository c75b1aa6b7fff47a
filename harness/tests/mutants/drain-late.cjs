// breaks: 'drain' is emitted a turn late
// noticed by: backpressure/node-writable

'use strict';
const { Writable } = require('node:stream');
const real = Writable.prototype.emit;
Writable.prototype.emit = function emit(name, ...args) {
  if (name !== 'drain') return real.call(this, name, ...args);
  setImmediate(() => real.call(this, name, ...args));
  return true;
};
