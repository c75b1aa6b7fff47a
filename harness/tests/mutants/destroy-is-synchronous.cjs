// breaks: destroy() emits 'close' before it returns
// noticed by: backpressure/node-readable backpressure/node-writable

'use strict';
const { Readable } = require('node:stream');
const destroy = Readable.prototype.destroy;
const emit = Readable.prototype.emit;
Readable.prototype.destroy = function (...args) {
  const again = this.destroyed;
  destroy.apply(this, args);
  if (!again) emit.call(this, 'close');
  return this;
};
Readable.prototype.emit = function (name, ...args) { return name === 'close' ? false : emit.call(this, name, ...args); };
