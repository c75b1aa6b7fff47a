// breaks: of equal listeners the one that was added first is removed
// noticed by: ordering/events

'use strict';
const { EventEmitter } = require('node:events');
const real = EventEmitter.prototype.removeListener;
EventEmitter.prototype.removeListener = EventEmitter.prototype.off = function off(name, listener) {
  const list = this.listeners(name);
  if (list.filter((each) => each === listener).length < 2) return real.call(this, name, listener);
  const first = list.indexOf(listener);
  const rest = this.rawListeners(name).filter((_, index) => index !== first);
  this.removeAllListeners(name);
  for (const each of rest) this.on(name, each);
  return this;
};
