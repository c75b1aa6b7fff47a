// breaks: aborting the signal of an event listener does not remove it
// noticed by: ordering/eventtarget ordering/abort

'use strict';
const real = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function addEventListener(type, listener, options) {
  const rest = typeof options === 'object' && options ? { capture: options.capture, once: options.once, passive: options.passive } : options;
  return real.call(this, type, listener, rest);
};
