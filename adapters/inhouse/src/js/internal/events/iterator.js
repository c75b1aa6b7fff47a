'use strict';
// events.on: an async iterator over the arguments of each event, with back-pressure by
// pause() and resume() of the emitter.
// Authority: https://nodejs.org/api/events.html#eventsonemitter-eventname-options

const { AbortError, codes } = require('internal/errors');
const validate = require('internal/validate');
const { listen, unlisten } = require('internal/events/promise');
const { addAbortListener } = require('internal/events/abort_listener');

const kWatermarkData = Symbol.for('nodejs.watermarkData');

const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function*() {}).prototype);

function watermark(options, name, alternative, fallback) {
  const value = options[name] ?? options[alternative] ?? fallback;
  validate.integer(value, `options.${name}`, 1);
  return value;
}

// `pick` makes the iterated value of an event's arguments; readline wants the bare line. `left` is called when a loop is left early.
function iterate(emitter, type, options = {}, pick = (args) => args, left = undefined) {
  validate.object(options, 'options');
  const { signal } = options;
  validate.abortSignal(signal, 'options.signal');
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  const high = watermark(options, 'highWaterMark', 'highWatermark', Number.MAX_SAFE_INTEGER);
  const low = watermark(options, 'lowWaterMark', 'lowWatermark', 1);

  const values = [];      // events nobody asked for yet
  const waiting = [];     // requests without an event yet
  const subscriptions = [];
  let abortSubscription;
  let paused = false;
  let failure = null;
  let finished = false;

  const subscribe = (event, listener) => {
    listen(emitter, event, listener);
    subscriptions.push([event, listener]);
  };
  const onEvent = (...args) => {
    const value = pick(args);
    if (waiting.length > 0) {
      waiting.shift().resolve({ value, done: false });
      return;
    }
    values.push(value);
    if (!paused && values.length > high) {
      paused = true;
      emitter.pause();
    }
  };
  const onClose = () => {
    abortSubscription?.[Symbol.dispose]();
    for (const [event, listener] of subscriptions.splice(0)) unlisten(emitter, event, listener);
    finished = true;
    const result = { value: undefined, done: true };
    for (const request of waiting.splice(0)) request.resolve(result);
    return Promise.resolve(result);
  };
  const onError = (error) => {
    if (waiting.length === 0) failure = error;
    else waiting.shift().reject(error);
    onClose();
  };

  const iterator = Object.setPrototypeOf({
    next() {
      if (values.length > 0) {
        const value = values.shift();
        if (paused && values.length < low) {
          emitter.resume();
          paused = false;
        }
        return Promise.resolve({ value, done: false });
      }
      if (failure) {
        const rejected = Promise.reject(failure);
        failure = null;
        return rejected;
      }
      if (finished) return onClose();
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    return() {
      const result = onClose();
      left?.();
      return result;
    },
    throw(error) {
      if (!error || !(error instanceof Error)) {
        throw new codes.ERR_INVALID_ARG_TYPE('EventEmitter.AsyncIterator', 'Error', error);
      }
      onError(error);
    },
    [Symbol.asyncIterator]() { return this; },
    [kWatermarkData]: {
      get size() { return values.length; },
      get low() { return low; },
      get high() { return high; },
      get isPaused() { return paused; },
    },
  }, AsyncIteratorPrototype);

  subscribe(type, onEvent);
  if (type !== 'error' && typeof emitter.on === 'function') subscribe('error', onError);
  for (const event of options.close ?? []) subscribe(event, onClose);
  if (signal) {
    abortSubscription = addAbortListener(signal, () => {
      onError(new AbortError(undefined, { cause: signal.reason }));
    });
  }
  return iterator;
}

module.exports = { iterate };
