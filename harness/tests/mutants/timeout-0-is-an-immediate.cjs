// breaks: a timer without a delay is an immediate
// noticed by: ordering/timers

'use strict';
const real = globalThis.setTimeout;
globalThis.setTimeout = (callback, delay, ...args) => (delay > 0 ? real(callback, delay, ...args) : setImmediate(callback, ...args));
