// breaks: queueMicrotask queues a tick
// noticed by: ordering/microtask ordering/nexttick

'use strict';
const real = process.nextTick;
globalThis.queueMicrotask = (callback) => real(callback);
