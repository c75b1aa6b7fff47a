// breaks: timers of one delay that are due together run in one callback, without microtasks in between
// noticed by: ordering/timers ordering/nexttick

'use strict';
const real = globalThis.setTimeout;
const pending = new Map();
globalThis.setTimeout = (callback, delay, ...args) => {
  if (!pending.has(delay)) pending.set(delay, new Map());
  const list = pending.get(delay);
  const timer = real(() => {
    const due = [...list.values()];
    list.clear();
    for (const each of due) each();
  }, delay);
  list.set(timer, () => callback.apply(timer, args));
  return timer;
};
const clear = globalThis.clearTimeout;
globalThis.clearTimeout = (timer) => {
  for (const list of pending.values()) list.delete(timer);
  clear(timer);
};
