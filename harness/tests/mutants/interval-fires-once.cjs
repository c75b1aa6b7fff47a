// breaks: an interval fires only once
// noticed by: ordering/timers

'use strict';
globalThis.setInterval = (callback, delay, ...args) => setTimeout(callback, delay, ...args);
