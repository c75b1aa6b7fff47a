// breaks: a delay above 2^31-1 is waited for instead of becoming 1
// noticed by: ordering/timers

'use strict';
const real = globalThis.setTimeout;
globalThis.setTimeout = (callback, delay, ...args) => real(callback, delay > 2 ** 31 - 1 ? 2 ** 31 - 1 : delay, ...args);
