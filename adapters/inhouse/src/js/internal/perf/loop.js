'use strict';
// How busy the loop is. Authority: https://nodejs.org/api/perf_hooks.html#performanceeventlooputilizationutilization1-utilization2

const validate = require('internal/validate');

// { idle, active, utilization } since the start; since `before`; or between two earlier answers.
function eventLoopUtilization(later, before) {
  if (later !== undefined && before !== undefined) return difference(later, before);
  const idle = host.process.idleTime();
  // Before the loop has waited for the first time there is nothing to compare with.
  const now = idle === 0 ? { idle: 0, active: 0, utilization: 0 } : since(idle, host.clock.now() - idle);
  if (later === undefined) return now;
  return difference({ idle, active: host.clock.now() - idle }, later);
}

function since(idle, active) {
  return { idle, active, utilization: active / (idle + active) };
}

function difference(later, earlier) {
  const idle = later.idle - earlier.idle;
  const active = later.active - earlier.active;
  return { idle, active, utilization: idle + active === 0 ? 0 : active / (idle + active) };
}

// A function that records how long each call takes, as a 'function' entry.
function timerify(callback, options = {}) {
  validate.func(callback, 'fn');
  validate.object(options, 'options');
  const { histogram } = options;
  const record = (start) => {
    const duration = host.clock.now() - start;
    histogram?.record(Math.max(1, Math.ceil(duration * 1e6)));
  };
  function timerified(...args) {
    const start = host.clock.now();
    const result = new.target === undefined ? Reflect.apply(callback, this, args) : Reflect.construct(callback, args, callback);
    if (typeof result?.finally === 'function') return result.finally(() => record(start));
    record(start);
    return result;
  }
  return Object.defineProperties(timerified, {
    length: { configurable: true, value: callback.length },
    name: { configurable: true, value: `timerified ${callback.name}` },
  });
}

module.exports = { eventLoopUtilization, timerify };
