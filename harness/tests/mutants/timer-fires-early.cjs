// breaks: a timer fires when half of its delay is over
// noticed by: ordering/timers blocking/timing

'use strict';
const real = globalThis.setTimeout;
globalThis.setTimeout = (callback, delay, ...args) => real(callback, delay / 2, ...args);
