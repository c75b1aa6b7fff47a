// breaks: a call of an unreferenced interval references it again
// noticed by: blocking/liveness/unref-interval

'use strict';
const real = globalThis.setInterval;
globalThis.setInterval = (callback, delay, ...args) => {
  const interval = real(() => {
    interval.ref();
    callback(...args);
  }, delay);
  return interval;
};
