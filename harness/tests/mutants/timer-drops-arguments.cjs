// breaks: a timer's callback gets no arguments
// noticed by: ordering/timers

'use strict';
const real = globalThis.setTimeout;
globalThis.setTimeout = (callback, delay) => real(callback, delay);
