'use strict';
// events.addAbortListener: an abort listener that `stopImmediatePropagation` of others cannot stop.
// Authority: https://nodejs.org/api/events.html#eventsaddabortlistenersignal-listener

const { codes } = require('internal/errors');
const validate = require('internal/validate');

function addAbortListener(signal, listener) {
  if (signal === undefined) throw new codes.ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
  validate.abortSignal(signal, 'signal');
  validate.func(listener, 'listener');
  let release;
  if (signal.aborted) queueMicrotask(() => listener());
  else {
    const { kResistStopPropagation } = require('internal/web/event_target');
    const options = { __proto__: null, once: true, [kResistStopPropagation]: true };
    signal.addEventListener('abort', listener, options);
    release = () => signal.removeEventListener('abort', listener);
  }
  return {
    __proto__: null,
    [Symbol.dispose]() { release?.(); },
  };
}

module.exports = { addAbortListener };
