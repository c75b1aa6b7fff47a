'use strict';
// stream.finished: one call when a stream is no longer readable, no longer writable, or broken.
// Authority: https://nodejs.org/api/stream.html#streamfinishedstream-options-callback

const process = require('process');
const { AbortError, codes } = require('internal/errors');
const validate = require('internal/validate');
const { addAbortListener } = require('internal/events/abort_listener');
const {
  isReadableNodeStream, isWritableNodeStream, isNodeStream, isReadableStream, isWritableStream, isRequest,
  isReadable, isWritable, isReadableFinished, isWritableFinished, isClosed, willEmitClose,
  readableError, writableError, kIsClosedPromise,
} = require('internal/streams/queries');

const noop = () => {};

function onlyOnce(callback) {
  let called = false;
  return function(...args) {
    if (called) return;
    called = true;
    callback.apply(this, args);
  };
}

// Returns a function that takes all listeners off again.
function finished(stream, givenOptions, givenCallback) {
  const hasOptions = arguments.length !== 2;
  const options = (hasOptions && givenOptions) || {};
  const userCallback = hasOptions ? givenCallback : givenOptions;
  if (hasOptions && givenOptions != null) validate.object(givenOptions, 'options');
  validate.func(userCallback, 'callback');
  validate.abortSignal(options.signal, 'options.signal');
  let callback = onlyOnce(inCurrentContext(userCallback));

  if (isReadableStream(stream) || isWritableStream(stream)) return finishedWeb(stream, options, callback);
  if (!isNodeStream(stream)) {
    throw new codes.ERR_INVALID_ARG_TYPE('stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
  }

  const wantsReadable = options.readable ?? isReadableNodeStream(stream);
  const wantsWritable = options.writable ?? isWritableNodeStream(stream);
  const writable = stream._writableState;
  const readable = stream._readableState;

  // 'close' is waited for if it will come and speaks of exactly the sides that were asked for.
  let closeComes = willEmitClose(stream) && isReadableNodeStream(stream) === wantsReadable &&
    isWritableNodeStream(stream) === wantsWritable;
  let writableDone = isWritableFinished(stream, false);
  let readableDone = isReadableFinished(stream, false);
  const closed = isClosed(stream);

  const onFinish = () => {
    writableDone = true;
    // Destroyed by hand: 'close' may be long in coming.
    if (stream.destroyed) closeComes = false;
    if (closeComes && (!stream.readable || wantsReadable)) return;
    if (!wantsReadable || readableDone) callback.call(stream);
  };
  const onEnd = () => {
    readableDone = true;
    if (stream.destroyed) closeComes = false;
    if (closeComes && (!stream.writable || wantsWritable)) return;
    if (!wantsWritable || writableDone) callback.call(stream);
  };
  const onError = (error) => callback.call(stream, error);
  const failure = () => {
    const error = writableError(stream) || readableError(stream);
    return error && typeof error !== 'boolean' ? error : undefined;
  };
  // undefined: it ended well.
  const outcomeOfClose = () => {
    const error = failure();
    if (error) return error;
    const cutShort =
      (wantsReadable && !readableDone && isReadableNodeStream(stream, true) && !isReadableFinished(stream, false)) ||
      (wantsWritable && !writableDone && !isWritableFinished(stream, false));
    return cutShort ? new codes.ERR_STREAM_PREMATURE_CLOSE() : undefined;
  };
  const tell = (error) => {
    if (error) callback.call(stream, error);
    else callback.call(stream);
  };
  const onClose = () => tell(outcomeOfClose());
  const onLegacyFinish = () => {
    if (!stream.writable) onFinish();
  };
  const onRequest = () => stream.req.on('finish', onFinish);

  // It may be over already; then no event tells. The answer, which speaks of now, comes a tick later.
  let isOver = false;
  let outcome;
  if (closed) {
    isOver = true;
    outcome = outcomeOfClose();
  } else {
    if (writable?.errorEmitted || readable?.errorEmitted) isOver = !closeComes;
    else if (!wantsReadable && (!closeComes || isReadable(stream)) &&
             (writableDone || isWritable(stream) === false) && !writable?.pendingcb) isOver = true;
    else if (!wantsWritable && (!closeComes || isWritable(stream)) &&
             (readableDone || isReadable(stream) === false)) isOver = true;
    else if (readable && stream.req && stream.aborted) isOver = true;
    if (isOver) outcome = failure();
  }

  if (isOver) {
    // An error that is still to be emitted must not be uncaught.
    if (options.error !== false) stream.on('error', noop);
    process.nextTick(tell, outcome);
  } else listen();

  function listen() {
    if (isRequest(stream)) {
      stream.on('complete', onFinish);
      if (!closeComes) stream.on('abort', onClose);
      if (stream.req) onRequest();
      else stream.on('request', onRequest);
    } else if (wantsWritable && !writable) {
      stream.on('end', onLegacyFinish);
      stream.on('close', onLegacyFinish);
    }
    if (!closeComes && typeof stream.aborted === 'boolean') stream.on('aborted', onClose);
    stream.on('end', onEnd);
    stream.on('finish', onFinish);
    if (options.error !== false) stream.on('error', onError);
    stream.on('close', onClose);
  }

  const cleanUp = () => {
    callback = noop;
    stream.removeListener('aborted', onClose);
    stream.removeListener('complete', onFinish);
    stream.removeListener('abort', onClose);
    stream.removeListener('request', onRequest);
    if (stream.req) stream.req.removeListener('finish', onFinish);
    stream.removeListener('end', onLegacyFinish);
    stream.removeListener('close', onLegacyFinish);
    stream.removeListener('finish', onFinish);
    stream.removeListener('end', onEnd);
    stream.removeListener('error', onError);
    stream.removeListener('error', noop);
    stream.removeListener('close', onClose);
  };

  if (options.signal && !closed) {
    callback = watchSignal(stream, options.signal, callback, () => {
      const last = callback;
      cleanUp();
      last.call(stream, new AbortError(undefined, { cause: options.signal.reason }));
    });
  }
  return cleanUp;
}

// Calls `onAbort` on abort; returns the callback to use, which ends the watch.
function watchSignal(stream, signal, callback, onAbort) {
  if (signal.aborted) {
    process.nextTick(onAbort);
    return callback;
  }
  const subscription = addAbortListener(signal, onAbort);
  return onlyOnce((...args) => {
    subscription[Symbol.dispose]();
    callback.apply(stream, args);
  });
}

function inCurrentContext(callback) {
  const frames = host.async;
  if (frames?.get() === undefined) return callback;
  return require('async_hooks').AsyncResource.bind(callback, 'STREAM_END_OF_STREAM');
}

function finishedWeb(stream, options, given) {
  let callback = given;
  let isAborted = false;
  if (options.signal) {
    const onAbort = () => {
      isAborted = true;
      callback.call(stream, new AbortError(undefined, { cause: options.signal.reason }));
    };
    callback = watchSignal(stream, options.signal, callback, onAbort);
  }
  const settle = (...args) => {
    if (!isAborted) process.nextTick(() => callback.apply(stream, args));
  };
  stream[kIsClosedPromise].promise.then(settle, settle);
  return noop;
}

// stream/promises.finished
function finishedPromise(stream, options) {
  let cleanup = false;
  if (options == null) options = {};
  if (options?.cleanup) {
    validate.boolean(options.cleanup, 'cleanup');
    cleanup = options.cleanup;
  }
  return new Promise((resolve, reject) => {
    const cleanUp = finished(stream, options, (error) => {
      if (cleanup) cleanUp();
      if (error) reject(error);
      else resolve();
    });
  });
}

module.exports = { finished, finishedPromise };
