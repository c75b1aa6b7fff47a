// breaks: an 'error' event without a listener is lost
// noticed by: ordering/events ordering/process

'use strict';
const { EventEmitter } = require('node:events');
const real = EventEmitter.prototype.emit;
EventEmitter.prototype.emit = function emit(name, ...args) {
  if (name === 'error' && this.listenerCount('error') === 0) return false;
  return real.call(this, name, ...args);
};
