// breaks: a tick that is queued by a tick runs after the microtasks
// noticed by: ordering/nexttick

'use strict';
const real = process.nextTick;
let inside = false;
process.nextTick = (callback, ...args) => {
  const run = () => {
    inside = true;
    try { callback(...args); } finally { inside = false; }
  };
  if (inside) queueMicrotask(() => real(run));
  else real(run);
};
