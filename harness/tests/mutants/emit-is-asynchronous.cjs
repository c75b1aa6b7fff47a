// breaks: emit() calls the listeners in a tick
// noticed by: ordering/events

'use strict';
const { EventEmitter } = require('node:events');
const real = EventEmitter.prototype.emit;
EventEmitter.prototype.emit = function emit(name, ...args) {
  if (this === process || typeof name !== 'string' || this.constructor !== EventEmitter) return real.call(this, name, ...args);
  const has = this.listenerCount(name) > 0;
  if (has) process.nextTick(() => real.call(this, name, ...args));
  return has || real.call(this, name, ...args);
};
