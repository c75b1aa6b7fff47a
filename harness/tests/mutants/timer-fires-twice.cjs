// breaks: a timer's callback is called twice
// noticed by: ordering/timers

'use strict';
const real = globalThis.setTimeout;
globalThis.setTimeout = (callback, delay, ...args) => real(() => { callback(...args); callback(...args); }, delay);
