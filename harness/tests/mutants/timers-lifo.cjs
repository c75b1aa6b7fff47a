// breaks: of timers with equal delays the one that was set last runs first
// noticed by: ordering/timers

'use strict';
const real = globalThis.setTimeout;
const pending = new Map();
globalThis.setTimeout = (callback, delay, ...args) => {
  if (!pending.has(delay)) pending.set(delay, []);
  pending.get(delay).push(() => callback(...args));
  return real(() => pending.get(delay).pop()(), delay);
};
