// breaks: the immediates of one turn run in one callback, without microtasks in between
// noticed by: ordering/immediate

'use strict';
const { setImmediate: real } = globalThis;
let batch = [];
globalThis.setImmediate = (callback, ...args) => {
  if (batch.length === 0) {
    const own = batch;
    real(() => {
      batch = [];
      for (const each of own) each();
    });
  }
  batch.push(() => callback(...args));
};
