// breaks: no timeout is shorter than 4 ms
// noticed by: blocking/timing/no-nesting

'use strict';
const real = globalThis.setTimeout;
globalThis.setTimeout = (callback, delay, ...args) => real(callback, Math.max(delay || 0, 4), ...args);
