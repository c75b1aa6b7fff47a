// breaks: an event listener that is added twice is called twice
// noticed by: ordering/eventtarget

'use strict';
const real = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function addEventListener(type, listener, options) {
  const call = typeof listener === 'function' ? function (event) { return listener.call(this, event); } : listener;
  return real.call(this, type, call, options);
};
