// breaks: the delay of a timer begins when the loop next turns
// noticed by: blocking/timing/delay

'use strict';
const real = globalThis.setTimeout;
globalThis.setTimeout = (...args) => {
  setImmediate(() => real(...args));
  return real(() => {}, 0);
};
