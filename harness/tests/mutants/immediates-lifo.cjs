// breaks: immediates that are queued together run in the reverse of their order
// noticed by: ordering/immediate

'use strict';
const { setImmediate: real } = globalThis;
let batch = [];
globalThis.setImmediate = (callback, ...args) => {
  if (batch.length === 0) {
    const own = batch;
    real(() => {
      batch = [];
      for (const [each, its] of own.reverse()) each(...its);
    });
  }
  batch.push([callback, args]);
};
