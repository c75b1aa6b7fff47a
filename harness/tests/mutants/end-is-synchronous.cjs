// breaks: 'end' is emitted by the push(null) that ends the stream
// noticed by: backpressure/node-readable

'use strict';
const { Readable } = require('node:stream');
const push = Readable.prototype.push;
const emit = Readable.prototype.emit;
Readable.prototype.push = function (chunk, ...rest) {
  const more = push.call(this, chunk, ...rest);
  if (chunk === null && !this.endedAtOnce) {
    this.endedAtOnce = true;
    emit.call(this, 'end');
  }
  return more;
};
Readable.prototype.emit = function (name, ...args) { return name === 'end' ? false : emit.call(this, name, ...args); };
