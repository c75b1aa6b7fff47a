// breaks: clearTimeout ignores a timer that is named by its number
// noticed by: ordering/timers

'use strict';
const real = globalThis.clearTimeout;
globalThis.clearTimeout = (timer) => { if (typeof timer === 'object') real(timer); };
