// breaks: an interval is called once for each period it missed
// noticed by: blocking/timing/interval-does-not

'use strict';
const real = globalThis.setInterval;
globalThis.setInterval = (callback, delay, ...args) => {
  let due = Date.now() + delay;
  return real(() => {
    const now = Date.now();
    do {
      callback(...args);
      due += Math.max(delay, 1);
    } while (due <= now);
  }, delay);
};
