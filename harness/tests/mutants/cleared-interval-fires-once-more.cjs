// breaks: clearInterval takes effect only after the next turn
// noticed by: ordering/timers

'use strict';
const real = globalThis.clearInterval;
globalThis.clearInterval = (interval) => void setTimeout(() => real(interval), 5);
