'use strict';
// Questions about streams of any make: Node's, old ones with only `pipe` or `write`, HTTP
// messages, and web streams. Answers are true, false, or null for "cannot be told".
// Authority: https://nodejs.org/api/stream.html (isErrored, isReadable, destroyed, errored, …)

// Registered symbols, so that streams of other makes (web streams above all) can answer for themselves.
const kIsDestroyed = Symbol.for('nodejs.stream.destroyed');
const kIsErrored = Symbol.for('nodejs.stream.errored');
const kIsReadable = Symbol.for('nodejs.stream.readable');
const kIsWritable = Symbol.for('nodejs.stream.writable');
const kIsDisturbed = Symbol.for('nodejs.stream.disturbed');
const kIsClosedPromise = Symbol.for('nodejs.webstream.isClosedPromise');
const kControllerErrorFunction = Symbol.for('nodejs.webstream.controllerErrorFunction');

const has = (object, ...methods) => methods.every((name) => typeof object[name] === 'function');

// ---- What kind of stream ------------------------------------------------------------------------

function isReadableNodeStream(object, strict = false) {
  return !!(object && has(object, 'pipe', 'on') && (!strict || has(object, 'pause', 'resume')) &&
    (!object._writableState || (object._readableState && object._readableState.readable !== false)));
}

function isWritableNodeStream(object) {
  return !!(object && has(object, 'write', 'on') &&
    (!object._readableState || object._writableState?.writable !== false));
}

function isDuplexNodeStream(object) {
  return !!(object && object._readableState && has(object, 'pipe', 'on', 'write'));
}

function isNodeStream(object) {
  return !!(object && (object._readableState || object._writableState ||
    has(object, 'write', 'on') || has(object, 'pipe', 'on')));
}

function isReadableStream(object) {
  return !!(object && !isNodeStream(object) && has(object, 'pipeThrough', 'getReader', 'cancel'));
}

function isWritableStream(object) {
  return !!(object && !isNodeStream(object) && has(object, 'getWriter', 'abort'));
}

function isTransformStream(object) {
  return !!(object && !isNodeStream(object) &&
    typeof object.readable === 'object' && typeof object.writable === 'object');
}

function isWebStream(object) {
  return isReadableStream(object) || isWritableStream(object) || isTransformStream(object);
}

// `kind`: 'async', 'sync', or undefined for either.
function isIterable(object, kind) {
  if (object == null) return false;
  return (kind !== 'sync' && typeof object[Symbol.asyncIterator] === 'function') ||
    (kind !== 'async' && typeof object[Symbol.iterator] === 'function');
}

// http.ClientRequest of old days: something with an abort method and a header setter.
function isRequest(stream) {
  return !!(stream?.setHeader && typeof stream.abort === 'function');
}

function isOutgoingMessage(stream) {
  return typeof stream._closed === 'boolean' && typeof stream._defaultKeepAlive === 'boolean' &&
    typeof stream._removedConnection === 'boolean' && typeof stream._removedContLen === 'boolean';
}

function isServerRequest(stream) {
  return typeof stream._consuming === 'boolean' && typeof stream._dumped === 'boolean' &&
    stream.req?.upgradeOrConnect === undefined;
}

function isServerResponse(stream) {
  return typeof stream._sent100 === 'boolean' && isOutgoingMessage(stream);
}

// ---- In what condition --------------------------------------------------------------------------

function isDestroyed(stream) {
  if (!isNodeStream(stream)) return null;
  const state = stream._writableState || stream._readableState;
  return !!(stream.destroyed || stream[kIsDestroyed] || state?.destroyed);
}

function isWritableEnded(stream) {
  if (!isWritableNodeStream(stream)) return null;
  if (stream.writableEnded === true) return true;
  const state = stream._writableState;
  if (state?.errored) return false;
  return typeof state?.ended === 'boolean' ? state.ended : null;
}

// Not strict: all that was written has been taken, 'finish' may still be on its way.
function isWritableFinished(stream, strict) {
  if (!isWritableNodeStream(stream)) return null;
  if (stream.writableFinished === true) return true;
  const state = stream._writableState;
  if (state?.errored) return false;
  if (typeof state?.finished !== 'boolean') return null;
  return !!(state.finished || (strict === false && state.ended === true && state.length === 0));
}

function isReadableFinished(stream, strict) {
  if (!isReadableNodeStream(stream)) return null;
  const state = stream._readableState;
  if (state?.errored) return false;
  if (typeof state?.endEmitted !== 'boolean') return null;
  return !!(state.endEmitted || (strict === false && state.ended === true && state.length === 0));
}

function isReadable(stream) {
  if (stream && stream[kIsReadable] != null) return stream[kIsReadable];
  if (typeof stream?.readable !== 'boolean') return null;
  if (isDestroyed(stream)) return false;
  return isReadableNodeStream(stream) && stream.readable && !isReadableFinished(stream);
}

function isWritable(stream) {
  if (stream && stream[kIsWritable] != null) return stream[kIsWritable];
  if (typeof stream?.writable !== 'boolean') return null;
  if (isDestroyed(stream)) return false;
  return isWritableNodeStream(stream) && stream.writable && !isWritableEnded(stream);
}

function isFinished(stream, sides) {
  if (!isNodeStream(stream)) return null;
  if (isDestroyed(stream)) return true;
  if (sides?.readable !== false && isReadable(stream)) return false;
  return !(sides?.writable !== false && isWritable(stream));
}

function writableError(stream) {
  if (!isNodeStream(stream)) return null;
  return stream.writableErrored || (stream._writableState?.errored ?? null);
}

function readableError(stream) {
  if (!isNodeStream(stream)) return null;
  return stream.readableErrored || (stream._readableState?.errored ?? null);
}

function isClosed(stream) {
  if (!isNodeStream(stream)) return null;
  if (typeof stream.closed === 'boolean') return stream.closed;
  const writable = stream._writableState;
  const readable = stream._readableState;
  if (typeof writable?.closed === 'boolean' || typeof readable?.closed === 'boolean') {
    return writable?.closed || readable?.closed;
  }
  if (typeof stream._closed === 'boolean' && isOutgoingMessage(stream)) return stream._closed;
  return null;
}

// Is 'close' still to come? Then it is the moment to wait for, and 'end' or 'finish' is not.
function willEmitClose(stream) {
  if (!isNodeStream(stream)) return null;
  const state = stream._writableState || stream._readableState;
  return (!state && isServerResponse(stream)) ||
    !!(state?.autoDestroy && state.emitClose && state.closed === false);
}

function isDisturbed(stream) {
  return !!(stream && (stream[kIsDisturbed] ?? (stream.readableDidRead || stream.readableAborted)));
}

function isErrored(stream) {
  return !!(stream && (stream[kIsErrored] ?? stream.readableErrored ?? stream.writableErrored ??
    stream._readableState?.errorEmitted ?? stream._writableState?.errorEmitted ??
    stream._readableState?.errored ?? stream._writableState?.errored));
}

module.exports = {
  kIsDestroyed, kIsErrored, kIsReadable, kIsWritable, kIsDisturbed, kIsClosedPromise, kControllerErrorFunction,
  isReadableNodeStream, isWritableNodeStream, isDuplexNodeStream, isNodeStream,
  isReadableStream, isWritableStream, isTransformStream, isWebStream, isIterable, isRequest, isServerRequest,
  isDestroyed, isWritableEnded, isWritableFinished, isReadableFinished, isReadable, isWritable, isFinished,
  writableError, readableError, isClosed, willEmitClose, isDisturbed, isErrored,
};
