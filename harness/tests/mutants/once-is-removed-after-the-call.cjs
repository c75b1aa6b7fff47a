// breaks: a listener that was added by once() is removed only after it was called
// noticed by: ordering/events

'use strict';
const { EventEmitter } = require('node:events');
EventEmitter.prototype.once = function once(name, listener) {
  const wrapper = (...args) => {
    listener.apply(this, args);
    this.removeListener(name, wrapper);
  };
  wrapper.listener = listener;
  return this.on(name, wrapper);
};
