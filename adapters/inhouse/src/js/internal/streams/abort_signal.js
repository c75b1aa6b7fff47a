'use strict';
// stream.addAbortSignal: aborting destroys the stream.
// Authority: https://nodejs.org/api/stream.html#streamaddabortsignalsignal-stream

const { AbortError, codes } = require('internal/errors');
const validate = require('internal/validate');
const { addAbortListener } = require('internal/events/abort_listener');
const {
  isNodeStream, isReadableStream, isWritableStream, kControllerErrorFunction,
} = require('internal/streams/queries');

function addAbortSignalChecked(signal, stream) {
  if (signal === null || typeof signal !== 'object') throw new codes.ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
  validate.abortSignal(signal, 'signal');
  if (!isNodeStream(stream) && !isReadableStream(stream) && !isWritableStream(stream)) {
    throw new codes.ERR_INVALID_ARG_TYPE('stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
  }
  return addAbortSignal(signal, stream);
}

// For constructors, which call it before there is anything to check.
function addAbortSignal(signal, stream) {
  if (typeof signal !== 'object' || !('aborted' in signal)) return stream;
  const onAbort = isReadableStream(stream) || isWritableStream(stream) ?
    () => stream[kControllerErrorFunction](new AbortError(undefined, { cause: signal.reason })) :
    () => stream.destroy(new AbortError(undefined, { cause: signal.reason }));
  if (signal.aborted) {
    onAbort();
  } else {
    const subscription = addAbortListener(signal, onAbort);
    require('internal/streams/finished').finished(stream, subscription[Symbol.dispose]);
  }
  return stream;
}

module.exports = { addAbortSignal, addAbortSignalChecked };
