// breaks: the period of an interval begins when its callback has returned
// noticed by: blocking/timing/interval

'use strict';
const realClear = globalThis.clearInterval;
globalThis.setInterval = (callback, delay, ...args) => {
  const interval = {};
  const call = () => {
    callback(...args);
    if (!interval.cleared) interval.timer = setTimeout(call, delay);
  };
  interval.timer = setTimeout(call, delay);
  return interval;
};
globalThis.clearInterval = (interval) => {
  interval.cleared = true;
  realClear(interval.timer);
};
