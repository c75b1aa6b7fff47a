// breaks: an exception of a listener does not reach the caller of emit()
// noticed by: ordering/events

'use strict';
const { EventEmitter } = require('node:events');
const real = EventEmitter.prototype.emit;
EventEmitter.prototype.emit = function emit(name, ...args) {
  if (this.constructor !== EventEmitter || name === 'error') return real.call(this, name, ...args);
  try { return real.call(this, name, ...args); } catch { return true; }
};
