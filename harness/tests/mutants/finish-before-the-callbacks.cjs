// breaks: 'finish' is emitted as soon as end() is called
// noticed by: backpressure/node-writable

'use strict';
const { Writable } = require('node:stream');
const end = Writable.prototype.end;
const emit = Writable.prototype.emit;
Writable.prototype.end = function (...args) {
  emit.call(this, 'finish');
  return end.apply(this, args);
};
