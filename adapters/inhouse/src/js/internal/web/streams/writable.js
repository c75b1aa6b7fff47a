'use strict';
// Writable streams, their writers and controllers, as records. Authority: https://streams.spec.whatwg.org/#ws-all-abstract-ops
//
// Records and facades: see internal/web/streams/readable.

const { Deferred, isolate, rejectedWith, resolvedWith, upon } = require('internal/web/promises');
const { Fifo } = require('internal/web/fifo');
const { invalidState } = require('internal/web/webidl');
const { dequeueValue, enqueueValueWithSize, peekQueueValue, resetQueue, one } = require('internal/web/streams/queue');

// "close sentinel"
const CLOSE = { __proto__: null };

// InitializeWritableStream
class WritableState {
  constructor() {
    this.state = 'writable';
    this.storedError = undefined;
    this.writer = undefined;
    this.controller = undefined;
    this.inFlightWriteRequest = undefined;
    this.closeRequest = undefined;
    this.inFlightCloseRequest = undefined;
    this.pendingAbortRequest = undefined; // { deferred, reason, wasAlreadyErroring }
    this.writeRequests = new Fifo();
    this.backpressure = false;
    this.closed = undefined; // see closedOf
    this.facade = undefined;
  }
}

class WriterState {
  constructor() {
    this.stream = undefined;
    this.ready = undefined;
    this.closed = undefined;
    this.facade = undefined;
  }
}

// ---- Working with writable streams ------------------------------------------------------------

// IsWritableStreamLocked
const isLocked = (stream) => stream.writer !== undefined;

// AcquireWritableStreamDefaultWriter
function acquireWriter(stream) {
  const writer = new WriterState();
  setUpWriter(writer, stream);
  return writer;
}

// SetUpWritableStreamDefaultWriter
function setUpWriter(writer, stream) {
  if (isLocked(stream)) throw invalidState('WritableStream is locked');
  writer.stream = stream;
  stream.writer = writer;
  switch (stream.state) {
    case 'writable':
      writer.ready = !closeQueuedOrInFlight(stream) && stream.backpressure ? new Deferred() : Deferred.resolved(undefined);
      writer.closed = new Deferred();
      break;
    case 'erroring':
      writer.ready = Deferred.rejectedHandled(stream.storedError);
      writer.closed = new Deferred();
      break;
    case 'closed':
      writer.ready = Deferred.resolved(undefined);
      writer.closed = Deferred.resolved(undefined);
      break;
    default:
      writer.ready = Deferred.rejectedHandled(stream.storedError);
      writer.closed = Deferred.rejectedHandled(stream.storedError);
  }
}

// WritableStreamAbort
function abortStream(stream, givenReason) {
  if (stream.state === 'closed' || stream.state === 'errored') return resolvedWith(undefined);
  stream.controller.signalAbort(givenReason);
  // Signalling ran the program's listeners, which may have changed the state.
  if (stream.state === 'closed' || stream.state === 'errored') return resolvedWith(undefined);
  if (stream.pendingAbortRequest !== undefined) return stream.pendingAbortRequest.deferred.promise;
  const wasAlreadyErroring = stream.state === 'erroring';
  const reason = wasAlreadyErroring ? undefined : givenReason;
  const deferred = new Deferred();
  stream.pendingAbortRequest = { deferred, reason, wasAlreadyErroring };
  if (!wasAlreadyErroring) startErroring(stream, reason);
  return deferred.promise;
}

// WritableStreamClose
function closeStream(stream) {
  const { state, writer } = stream;
  if (state === 'closed' || state === 'errored') return rejectedWith(invalidState('WritableStream is closed'));
  const deferred = new Deferred();
  stream.closeRequest = deferred;
  if (writer !== undefined && stream.backpressure && state === 'writable') writer.ready.resolve(undefined);
  stream.controller.close();
  return deferred.promise;
}

// ---- Interfacing with controllers -------------------------------------------------------------

// WritableStreamAddWriteRequest
function addWriteRequest(stream) {
  const deferred = new Deferred();
  stream.writeRequests.push(deferred);
  return deferred.promise;
}

// WritableStreamCloseQueuedOrInFlight
const closeQueuedOrInFlight = (stream) =>
  stream.closeRequest !== undefined || stream.inFlightCloseRequest !== undefined;

// WritableStreamHasOperationMarkedInFlight
const hasOperationInFlight = (stream) =>
  stream.inFlightWriteRequest !== undefined || stream.inFlightCloseRequest !== undefined;

// WritableStreamDealWithRejection
function dealWithRejection(stream, error) {
  if (stream.state === 'writable') startErroring(stream, error);
  else finishErroring(stream);
}

// WritableStreamStartErroring
function startErroring(stream, reason) {
  const { controller, writer } = stream;
  stream.state = 'erroring';
  stream.storedError = reason;
  if (writer !== undefined) ensureReadyRejected(writer, reason);
  if (!hasOperationInFlight(stream) && controller.started) finishErroring(stream);
}

// WritableStreamFinishErroring
function finishErroring(stream) {
  stream.state = 'errored';
  stream.controller.errorSteps();
  const { storedError } = stream;
  for (const request of stream.writeRequests.drain()) request.reject(storedError);
  const request = stream.pendingAbortRequest;
  if (request === undefined) {
    rejectCloseAndClosed(stream);
    return;
  }
  stream.pendingAbortRequest = undefined;
  if (request.wasAlreadyErroring) {
    request.deferred.reject(storedError);
    rejectCloseAndClosed(stream);
    return;
  }
  upon(stream.controller.abortSteps(request.reason), () => {
    request.deferred.resolve(undefined);
    rejectCloseAndClosed(stream);
  }, (reason) => {
    request.deferred.reject(reason);
    rejectCloseAndClosed(stream);
  });
}

// WritableStreamFinishInFlightWrite
function finishInFlightWrite(stream) {
  const request = stream.inFlightWriteRequest;
  stream.inFlightWriteRequest = undefined;
  request.resolve(undefined);
}

// WritableStreamFinishInFlightWriteWithError
function finishInFlightWriteWithError(stream, error) {
  stream.inFlightWriteRequest.reject(error);
  stream.inFlightWriteRequest = undefined;
  dealWithRejection(stream, error);
}

// WritableStreamFinishInFlightClose
function finishInFlightClose(stream) {
  stream.inFlightCloseRequest.resolve(undefined);
  stream.inFlightCloseRequest = undefined;
  if (stream.state === 'erroring') {
    // The close was too late to be stopped: the error is forgotten.
    stream.storedError = undefined;
    stream.pendingAbortRequest?.deferred.resolve(undefined);
    stream.pendingAbortRequest = undefined;
  }
  stream.state = 'closed';
  stream.closed?.resolve(undefined);
  stream.writer?.closed.resolve(undefined);
}

// WritableStreamFinishInFlightCloseWithError
function finishInFlightCloseWithError(stream, error) {
  stream.inFlightCloseRequest.reject(error);
  stream.inFlightCloseRequest = undefined;
  stream.pendingAbortRequest?.deferred.reject(error);
  stream.pendingAbortRequest = undefined;
  dealWithRejection(stream, error);
}

// WritableStreamRejectCloseAndClosedPromiseIfNeeded
function rejectCloseAndClosed(stream) {
  if (stream.closeRequest !== undefined) {
    stream.closeRequest.reject(stream.storedError);
    stream.closeRequest = undefined;
  }
  stream.closed?.rejectHandled(stream.storedError);
  stream.writer?.closed.rejectHandled(stream.storedError);
}

// Not in the standard: a promise for the end of the stream itself, whoever writes to it. Node's stream.finished waits for it.
function closedOf(stream) {
  if (stream.closed === undefined) {
    stream.closed = new Deferred();
    if (stream.state === 'closed') stream.closed.resolve(undefined);
    else if (stream.state === 'errored') stream.closed.rejectHandled(stream.storedError);
  }
  return stream.closed;
}

// WritableStreamUpdateBackpressure
function updateBackpressure(stream, backpressure) {
  const { writer } = stream;
  if (writer !== undefined && backpressure !== stream.backpressure) {
    if (backpressure) writer.ready = new Deferred();
    else writer.ready.resolve(undefined);
  }
  stream.backpressure = backpressure;
}

// ---- Writers ----------------------------------------------------------------------------------

// WritableStreamDefaultWriterAbort
const abortWriter = (writer, reason) => abortStream(writer.stream, reason);

// WritableStreamDefaultWriterClose
const closeWriter = (writer) => closeStream(writer.stream);

// WritableStreamDefaultWriterCloseWithErrorPropagation
function closeWithErrorPropagation(writer) {
  const { stream } = writer;
  if (closeQueuedOrInFlight(stream) || stream.state === 'closed') return resolvedWith(undefined);
  if (stream.state === 'errored') return rejectedWith(stream.storedError);
  return closeWriter(writer);
}

// WritableStreamDefaultWriterEnsureReadyPromiseRejected
function ensureReadyRejected(writer, error) {
  if (writer.ready.pending) writer.ready.rejectHandled(error);
  else writer.ready = Deferred.rejectedHandled(error);
}

// WritableStreamDefaultWriterEnsureClosedPromiseRejected
function ensureClosedRejected(writer, error) {
  if (writer.closed.pending) writer.closed.rejectHandled(error);
  else writer.closed = Deferred.rejectedHandled(error);
}

// WritableStreamDefaultWriterGetDesiredSize
function writerDesiredSize({ stream }) {
  if (stream.state === 'errored' || stream.state === 'erroring') return null;
  if (stream.state === 'closed') return 0;
  return stream.controller.desiredSize();
}

// WritableStreamDefaultWriterRelease
function releaseWriter(writer) {
  const { stream } = writer;
  const released = invalidState('Writer has been released');
  ensureReadyRejected(writer, released);
  ensureClosedRejected(writer, released);
  stream.writer = undefined;
  writer.stream = undefined;
}

// WritableStreamDefaultWriterWrite
function write(writer, chunk) {
  const { stream } = writer;
  const { controller } = stream;
  const size = controller.chunkSize(chunk);
  if (stream !== writer.stream) return rejectedWith(invalidState('Mismatched WritableStreams'));
  const { state } = stream;
  if (state === 'errored') return rejectedWith(stream.storedError);
  if (closeQueuedOrInFlight(stream) || state === 'closed') return rejectedWith(invalidState('WritableStream is closed'));
  if (state === 'erroring') return rejectedWith(stream.storedError);
  const promise = addWriteRequest(stream);
  controller.write(chunk, size);
  return promise;
}

// ---- The default controller -------------------------------------------------------------------

class WritableController {
  // SetUpWritableStreamDefaultController, up to the start algorithm.
  constructor(stream, writeAlgorithm, closeAlgorithm, abortAlgorithm, highWaterMark, sizeAlgorithm) {
    this.stream = stream;
    stream.controller = this;
    resetQueue(this);
    // The signal of [[abortController]] is made when the program first asks for it; an abort before that is kept.
    this.abortSignal = undefined;
    this.abortSignalled = undefined;
    this.started = false;
    this.sizeAlgorithm = sizeAlgorithm;
    this.highWaterMark = highWaterMark;
    this.writeAlgorithm = writeAlgorithm;
    this.closeAlgorithm = closeAlgorithm;
    this.abortAlgorithm = abortAlgorithm;
    this.facade = undefined;
    // The reactions to a write, made once.
    this.onWritten = () => this.finishWrite();
    this.onWriteFailed = (reason) => {
      if (this.stream.state === 'writable') this.clearAlgorithms();
      finishInFlightWriteWithError(this.stream, reason);
    };
    updateBackpressure(stream, this.backpressure());
  }

  // The end of SetUpWritableStreamDefaultController. Throws what the algorithm throws.
  start(startAlgorithm) {
    upon(resolvedWith(startAlgorithm()), () => {
      this.started = true;
      this.advanceQueue();
    }, (reason) => {
      this.started = true;
      dealWithRejection(this.stream, reason);
    });
  }

  // "signal abort" on [[abortController]]
  signalAbort(reason) {
    if (this.abortSignal !== undefined) require('internal/web/abort').signalAbort(this.abortSignal, reason);
    else this.abortSignalled ??= { reason };
  }

  get signal() {
    if (this.abortSignal === undefined) {
      const { newSignal, signalAbort } = require('internal/web/abort');
      this.abortSignal = newSignal();
      if (this.abortSignalled !== undefined) signalAbort(this.abortSignal, this.abortSignalled.reason);
    }
    return this.abortSignal;
  }

  // [[AbortSteps]]
  abortSteps(reason) {
    const result = this.abortAlgorithm(reason);
    this.clearAlgorithms();
    return result;
  }

  // [[ErrorSteps]]
  errorSteps() { resetQueue(this); }

  // WritableStreamDefaultControllerAdvanceQueueIfNeeded
  advanceQueue() {
    const { stream } = this;
    if (!this.started || stream.inFlightWriteRequest !== undefined) return;
    if (stream.state === 'erroring') {
      finishErroring(stream);
      return;
    }
    if (this.queue.length === 0) return;
    const value = peekQueueValue(this);
    if (value === CLOSE) this.processClose();
    else this.processWrite(value);
  }

  // WritableStreamDefaultControllerClearAlgorithms
  clearAlgorithms() {
    this.writeAlgorithm = undefined;
    this.closeAlgorithm = undefined;
    this.abortAlgorithm = undefined;
    this.sizeAlgorithm = undefined;
  }

  // WritableStreamDefaultControllerClose
  close() {
    enqueueValueWithSize(this, CLOSE, 0);
    this.advanceQueue();
  }

  // WritableStreamDefaultControllerError
  error(error) {
    this.clearAlgorithms();
    startErroring(this.stream, error);
  }

  // WritableStreamDefaultControllerErrorIfNeeded
  errorIfNeeded(error) {
    if (this.stream.state === 'writable') this.error(error);
  }

  // WritableStreamDefaultControllerGetBackpressure
  backpressure() { return this.desiredSize() <= 0; }

  // WritableStreamDefaultControllerGetChunkSize
  chunkSize(chunk) {
    if (this.sizeAlgorithm === undefined) return 1;
    try {
      return this.sizeAlgorithm(chunk);
    } catch (error) {
      this.errorIfNeeded(error);
      return 1;
    }
  }

  // WritableStreamDefaultControllerGetDesiredSize
  desiredSize() { return this.highWaterMark - this.queueTotalSize; }

  // WritableStreamDefaultControllerProcessClose
  processClose() {
    const { stream } = this;
    stream.inFlightCloseRequest = stream.closeRequest; // MarkCloseRequestInFlight
    stream.closeRequest = undefined;
    dequeueValue(this);
    const sinkClosed = this.closeAlgorithm();
    this.clearAlgorithms();
    upon(sinkClosed, () => finishInFlightClose(stream), (reason) => finishInFlightCloseWithError(stream, reason));
  }

  // WritableStreamDefaultControllerProcessWrite
  processWrite(chunk) {
    const { stream } = this;
    stream.inFlightWriteRequest = stream.writeRequests.shift(); // MarkFirstWriteRequestInFlight
    upon(this.writeAlgorithm(chunk), this.onWritten, this.onWriteFailed);
  }

  finishWrite() {
    const { stream } = this;
    finishInFlightWrite(stream);
    dequeueValue(this);
    if (!closeQueuedOrInFlight(stream) && stream.state === 'writable') {
      updateBackpressure(stream, this.backpressure());
    }
    this.advanceQueue();
  }

  // WritableStreamDefaultControllerWrite
  write(chunk, size) {
    try {
      enqueueValueWithSize(this, chunk, size);
    } catch (error) {
      this.errorIfNeeded(error);
      return;
    }
    const { stream } = this;
    if (!closeQueuedOrInFlight(stream) && stream.state === 'writable') {
      updateBackpressure(stream, this.backpressure());
    }
    this.advanceQueue();
  }
}

isolate(WritableState, WriterState, WritableController);

// CreateWritableStream
function createWritableStream(startAlgorithm, writeAlgorithm, closeAlgorithm, abortAlgorithm, highWaterMark = 1,
  sizeAlgorithm = one) {
  const stream = new WritableState();
  const controller =
    new WritableController(stream, writeAlgorithm, closeAlgorithm, abortAlgorithm, highWaterMark, sizeAlgorithm);
  controller.start(startAlgorithm);
  return stream;
}

module.exports = {
  WritableState, WriterState, WritableController, createWritableStream, isLocked, acquireWriter, setUpWriter, abortStream,
  closeStream, closedOf, closeQueuedOrInFlight, abortWriter, closeWriter, closeWithErrorPropagation, writerDesiredSize,
  releaseWriter, write,
};
