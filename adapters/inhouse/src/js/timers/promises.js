'use strict';
// Node's `timers/promises`. Authority: https://nodejs.org/api/timers.html#timers-promises-api

const { AbortError } = require('internal/errors');
const validate = require('internal/validate');
const timers = require('timers');
const { clear } = require('internal/timers');

// The checked options of one call.
function readOptions(options) {
  validate.object(options, 'options');
  const { signal, ref = true } = options;
  validate.abortSignal(signal, 'options.signal');
  validate.boolean(ref, 'options.ref');
  return { signal, ref };
}

function aborted(signal) {
  return new AbortError(undefined, { cause: signal.reason });
}

// A promise that `start` arms and the signal takes down again.
function wait(value, options, start, cancel) {
  let read;
  try {
    read = readOptions(options ?? {});
  } catch (error) {
    return Promise.reject(error);
  }
  const { signal, ref } = read;
  if (signal?.aborted) return Promise.reject(aborted(signal));
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      cancel(timer);
      reject(aborted(signal));
    };
    const timer = start(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve(value);
    });
    if (!ref) timer.unref();
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function setTimeout(delay, value, options) {
  if (delay !== undefined) {
    try {
      validate.number(delay, 'delay');
    } catch (error) {
      return Promise.reject(error);
    }
  }
  return wait(value, options, (done) => timers.setTimeout(done, delay), clear);
}

function setImmediate(value, options) {
  return wait(value, options, (done) => timers.setImmediate(done), timers.clearImmediate);
}

// Yields `value` once for each period; periods that nobody waited for are made up for.
async function* setInterval(delay, value, options) {
  if (delay !== undefined) validate.number(delay, 'delay');
  const { signal, ref } = readOptions(options ?? {});
  if (signal?.aborted) throw aborted(signal);
  let owed = 0;
  let wake;
  const interval = timers.setInterval(() => {
    owed++;
    wake?.();
    wake = undefined;
  }, delay);
  if (!ref) interval.unref();
  const onAbort = () => {
    clear(interval);
    wake?.(Promise.reject(aborted(signal)));
    wake = undefined;
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    while (!signal?.aborted) {
      if (owed === 0) await new Promise((resolve) => { wake = resolve; });
      for (; owed > 0; owed--) yield value;
    }
    throw aborted(signal);
  } finally {
    clear(interval);
    signal?.removeEventListener('abort', onAbort);
  }
}

// Nobody but this module makes one.
let making = true;

class Scheduler {
  constructor() {
    if (!making) throw require('internal/web/webidl').illegalConstructor();
  }

  yield() { return setImmediate(); }

  wait(delay, options) { return setTimeout(delay, undefined, options); }
}

const scheduler = new Scheduler();
making = false;

module.exports = { setTimeout, setImmediate, setInterval, scheduler };
