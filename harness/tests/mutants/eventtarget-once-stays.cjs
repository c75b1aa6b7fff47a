// breaks: an event listener with `once` stays
// noticed by: ordering/eventtarget

'use strict';
const real = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function addEventListener(type, listener, options) {
  return real.call(this, type, listener, typeof options === 'object' && options ? { ...options, once: false } : options);
};
