// breaks: dispatchEvent calls the listeners in a microtask
// noticed by: ordering/eventtarget

'use strict';
const real = EventTarget.prototype.dispatchEvent;
EventTarget.prototype.dispatchEvent = function dispatchEvent(event) {
  queueMicrotask(() => real.call(this, event));
  return true;
};
