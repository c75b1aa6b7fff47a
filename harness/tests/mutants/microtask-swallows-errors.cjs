// breaks: an exception in a microtask is lost
// noticed by: ordering/microtask ordering/queuemicrotask ordering/process

'use strict';
const real = globalThis.queueMicrotask;
globalThis.queueMicrotask = (callback) => real(() => { try { callback(); } catch { /* lost */ } });
