// breaks: an immediate that is set by an immediate runs in the same turn
// noticed by: ordering/immediate

'use strict';
const { setImmediate: real } = globalThis;
let queue = null;
globalThis.setImmediate = (callback, ...args) => {
  if (queue) {
    queue.push(() => callback(...args));
    return undefined;
  }
  return real(() => {
    queue = [() => callback(...args)];
    while (queue.length > 0) queue.shift()();
    queue = null;
  });
};
