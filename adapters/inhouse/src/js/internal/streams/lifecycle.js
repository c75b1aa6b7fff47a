'use strict';
// The life of a stream outside its data: construction, destruction, errors.
// Authority: https://nodejs.org/api/stream.html (destroy, autoDestroy, emitClose, _construct, _destroy)
//
// Order, for both sides of a Duplex together:
//   _construct is called a tick after the constructor; nothing else of the implementation before its callback;
//   destroy() marks the stream at once and calls _destroy at once (after construction, if that still runs);
//   'error' and then 'close' come a tick after the callback of _destroy.

const process = require('process');
const { codes, combineErrors, AbortError } = require('internal/errors');
const { kIsDestroyed, isDestroyed, isFinished, isRequest, isServerRequest } = require('internal/streams/queries');

function markErrored(stream, error) {
  if (!error) return;
  const { _writableState: writable, _readableState: readable } = stream;
  // Read by intent: engines that make traces lazily keep what the error would otherwise hold on to.
  error.stack; // eslint-disable-line no-unused-expressions
  if (writable && !writable.errored) writable.errored = error;
  if (readable && !readable.errored) readable.errored = error;
}

// ---- Destruction --------------------------------------------------------------------------------

// The method `destroy` of all streams.
function destroy(error, callback) {
  const { _writableState: writable, _readableState: readable } = this;
  const state = writable || readable;
  if (writable?.destroyed || readable?.destroyed) {
    if (typeof callback === 'function') callback();
    return this;
  }
  markErrored(this, error);
  if (writable) writable.destroyed = true;
  if (readable) readable.destroyed = true;
  if (state.constructed) runDestroy(this, error, callback);
  else state.afterConstruction = (failure) => runDestroy(this, combineErrors(failure, error), callback);
  return this;
}

function runDestroy(stream, error, callback) {
  let called = false;
  const done = (failure) => {
    if (called) return;
    called = true;
    markErrored(stream, failure);
    const { _writableState: writable, _readableState: readable } = stream;
    if (writable) writable.closed = true;
    if (readable) readable.closed = true;
    if (typeof callback === 'function') callback(failure);
    if (failure) process.nextTick(emitErrorAndClose, stream, failure);
    else process.nextTick(emitClose, stream);
  };
  try {
    stream._destroy(error || null, done);
  } catch (failure) {
    done(failure);
  }
}

function emitErrorAndClose(stream, error) {
  emitError(stream, error);
  emitClose(stream);
}

function emitClose(stream) {
  const { _writableState: writable, _readableState: readable } = stream;
  if (writable) writable.closeEmitted = true;
  if (readable) readable.closeEmitted = true;
  if (writable?.emitClose || readable?.emitClose) stream.emit('close');
}

// 'error' is emitted once in the life of a stream.
function emitError(stream, error) {
  const { _writableState: writable, _readableState: readable } = stream;
  if (writable?.errorEmitted || readable?.errorEmitted) return;
  if (writable) writable.errorEmitted = true;
  if (readable) readable.errorEmitted = true;
  stream.emit('error', error);
}

// Back to the state after construction, for streams that are opened again.
function undestroy() {
  const { _writableState: writable, _readableState: readable } = this;
  const fresh = { constructed: true, closed: false, closeEmitted: false, destroyed: false, errored: null, errorEmitted: false };
  if (readable) {
    const ended = readable.readable === false;
    Object.assign(readable, fresh, { reading: false, ended, endEmitted: ended });
  }
  if (writable) {
    const ended = writable.writable === false;
    Object.assign(writable, fresh, { finalCalled: false, prefinished: false, ended, ending: ended, finished: ended });
  }
}

// A failure of the implementation: destroys the stream, or only reports if it has autoDestroy off.
// `deferred`: called from inside a call of the user's, who must first be able to add a listener.
function fail(stream, error, deferred) {
  const { _writableState: writable, _readableState: readable } = stream;
  if (writable?.destroyed || readable?.destroyed) return;
  if (writable?.autoDestroy || readable?.autoDestroy) {
    stream.destroy(error);
  } else if (error) {
    markErrored(stream, error);
    if (deferred) process.nextTick(emitError, stream, error);
    else emitError(stream, error);
  }
}

// Ends a stream of any make.
function destroyStream(stream, error) {
  if (!stream || isDestroyed(stream)) return;
  const reason = error || isFinished(stream) ? error : new AbortError();
  if (isServerRequest(stream)) {
    stream.socket = null;
    stream.destroy(reason);
  } else if (isRequest(stream)) stream.abort();
  else if (isRequest(stream.req)) stream.req.abort();
  else if (typeof stream.destroy === 'function') stream.destroy(reason);
  else if (typeof stream.close === 'function') stream.close();
  if (!stream.destroyed) stream[kIsDestroyed] = true;
}

// ---- Construction -------------------------------------------------------------------------------

// Starts `_construct`, if the stream has one. `ready` is called when it has succeeded.
function construct(stream, ready) {
  if (typeof stream._construct !== 'function') return;
  const { _writableState: writable, _readableState: readable } = stream;
  if (readable) readable.constructed = false;
  if (writable) writable.constructed = false;
  process.nextTick(runConstruct, stream, ready);
}

function runConstruct(stream, ready) {
  let called = false;
  const done = (error) => {
    if (called) {
      fail(stream, error ?? new codes.ERR_MULTIPLE_CALLBACK());
      return;
    }
    called = true;
    const { _writableState: writable, _readableState: readable } = stream;
    const state = writable || readable;
    if (readable) readable.constructed = true;
    if (writable) writable.constructed = true;
    if (state.destroyed) {
      const waiting = state.afterConstruction;
      state.afterConstruction = null;
      waiting?.(error);
    } else if (error) fail(stream, error, true);
    else ready();
  };
  try {
    stream._construct((error) => process.nextTick(done, error));
  } catch (error) {
    process.nextTick(done, error);
  }
}

module.exports = { destroy, undestroy, fail, destroyStream, construct };
