// breaks: the microtask that was queued last runs first
// noticed by: ordering/microtask ordering/queuemicrotask

'use strict';
const real = globalThis.queueMicrotask;
const pending = [];
globalThis.queueMicrotask = (callback) => {
  pending.push(callback);
  real(() => pending.pop()());
};
