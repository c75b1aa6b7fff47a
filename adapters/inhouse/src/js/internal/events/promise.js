'use strict';
// events.once: the next event as a promise.
// Authority: https://nodejs.org/api/events.html#eventsonceemitter-name-options

const { AbortError, codes } = require('internal/errors');
const validate = require('internal/validate');

function listen(emitter, type, listener, options) {
  if (typeof emitter.on === 'function') {
    if (options?.once) emitter.once(type, listener);
    else emitter.on(type, listener);
  } else if (typeof emitter.addEventListener === 'function') {
    emitter.addEventListener(type, listener, options);
  } else throw new codes.ERR_INVALID_ARG_TYPE('emitter', 'EventEmitter', emitter);
}

function unlisten(emitter, type, listener, options) {
  if (typeof emitter.removeListener === 'function') emitter.removeListener(type, listener);
  else if (typeof emitter.removeEventListener === 'function') emitter.removeEventListener(type, listener, options);
  else throw new codes.ERR_INVALID_ARG_TYPE('emitter', 'EventEmitter', emitter);
}

// An async function that returns a promise: the extra turns until the caller resumes are Node's.
// Resolves with the array of arguments; rejects on 'error' (unless that is the event) and on abort.
async function nextEvent(emitter, type, options = {}) {
  validate.object(options, 'options');
  const { signal } = options;
  validate.abortSignal(signal, 'options.signal');
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  return new Promise((resolve, reject) => {
    const stop = () => {
      unlisten(emitter, type, onEvent);
      if (typeof emitter.removeListener === 'function') emitter.removeListener('error', onError);
    };
    const onError = (error) => {
      if (typeof emitter.removeListener === 'function') emitter.removeListener(type, onEvent);
      if (signal != null) unlisten(signal, 'abort', onAbort);
      reject(error);
    };
    const onEvent = (...args) => {
      if (typeof emitter.removeListener === 'function') emitter.removeListener('error', onError);
      if (signal != null) unlisten(signal, 'abort', onAbort);
      resolve(args);
    };
    const onAbort = () => {
      stop();
      reject(new AbortError(undefined, { cause: signal?.reason }));
    };
    listen(emitter, type, onEvent, { __proto__: null, once: true });
    if (type !== 'error' && typeof emitter.once === 'function') emitter.once('error', onError);
    if (signal != null) {
      const { kResistStopPropagation } = require('internal/web/event_target');
      listen(signal, 'abort', onAbort, { __proto__: null, once: true, [kResistStopPropagation]: true });
    }
  });
}

module.exports = { nextEvent, listen, unlisten };
