// breaks: the tick that was queued last runs first
// noticed by: ordering/nexttick

'use strict';
const real = process.nextTick;
const pending = [];
process.nextTick = (callback, ...args) => {
  pending.push(() => callback(...args));
  real(() => pending.pop()());
};
