// breaks: a timer without a delay is a microtask
// noticed by: ordering/timers

'use strict';
const real = globalThis.setTimeout;
globalThis.setTimeout = (callback, delay, ...args) => {
  if (delay > 0) return real(callback, delay, ...args);
  let live = true;
  queueMicrotask(() => { if (live) callback(...args); });
  const timer = real(() => {}, 1);
  const { close } = timer;
  timer.close = () => { live = false; return close.call(timer); };
  return timer;
};
