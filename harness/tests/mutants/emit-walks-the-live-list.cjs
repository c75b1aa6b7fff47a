// breaks: a listener that is added while an event is emitted is called for that event
// noticed by: ordering/events

'use strict';
const { EventEmitter } = require('node:events');
const real = EventEmitter.prototype.emit;
EventEmitter.prototype.emit = function emit(name, ...args) {
  const before = this.listenerCount(name);
  const emitted = real.call(this, name, ...args);
  for (const added of this.rawListeners(name).slice(before)) added.apply(this, args);
  return emitted;
};
