// breaks: newListener is emitted when the listener is there already
// noticed by: ordering/events

'use strict';
const { EventEmitter } = require('node:events');
const real = EventEmitter.prototype.on;
EventEmitter.prototype.on = EventEmitter.prototype.addListener = function on(name, listener) {
  const heard = this.rawListeners('newListener');
  if (name === 'newListener' || heard.length === 0) return real.call(this, name, listener);
  this.removeAllListeners('newListener');
  real.call(this, name, listener);
  for (const each of heard) real.call(this, 'newListener', each);
  this.emit('newListener', name, listener);
  return this;
};
