'use strict';
// The default controller of readable streams, and what it shares with the byte controller.
// Authority: https://streams.spec.whatwg.org/#rs-default-controller-abstract-ops

const { isolate, resolvedWith, upon } = require('internal/web/promises');
const { dequeueValue, enqueueValueWithSize, one, resetQueue } = require('internal/web/streams/queue');
const { ReadableState, addRequest, closeStream, countRequests, errorStream, fulfillRequest, isLocked } =
  require('internal/web/streams/readable');

const alwaysResolved = () => resolvedWith(undefined);

// The slots that both controllers have. A subclass has shouldCallPull() and error(reason).
class ReadableController {
  constructor(stream, pullAlgorithm, cancelAlgorithm, highWaterMark) {
    this.stream = stream;
    this.started = false;
    this.closeRequested = false;
    this.pullAgain = false;
    this.pulling = false;
    this.highWaterMark = highWaterMark;
    this.pullAlgorithm = pullAlgorithm;
    this.cancelAlgorithm = cancelAlgorithm;
    this.facade = undefined;
    // The reactions to a pull, made once.
    this.onPulled = () => {
      this.pulling = false;
      if (this.pullAgain) {
        this.pullAgain = false;
        this.callPullIfNeeded();
      }
    };
    this.onFailed = (reason) => this.error(reason);
    resetQueue(this);
    stream.controller = this;
  }

  // The end of SetUpReadableStreamDefaultController and SetUpReadableByteStreamController. Throws what the algorithm throws.
  start(startAlgorithm) {
    upon(resolvedWith(startAlgorithm()), () => {
      this.started = true;
      this.callPullIfNeeded();
    }, this.onFailed);
  }

  // ReadableStreamDefaultControllerCallPullIfNeeded, ReadableByteStreamControllerCallPullIfNeeded
  callPullIfNeeded() {
    if (!this.shouldCallPull()) return;
    if (this.pulling) {
      this.pullAgain = true;
      return;
    }
    this.pulling = true;
    upon(this.pullAlgorithm(), this.onPulled, this.onFailed);
  }

  // ReadableStreamDefaultControllerGetDesiredSize, ReadableByteStreamControllerGetDesiredSize
  desiredSize() {
    const { state } = this.stream;
    if (state === 'errored') return null;
    if (state === 'closed') return 0;
    return this.highWaterMark - this.queueTotalSize;
  }

  // ReadableStreamDefaultControllerClearAlgorithms, ReadableByteStreamControllerClearAlgorithms
  clearAlgorithms() {
    this.pullAlgorithm = undefined;
    this.cancelAlgorithm = undefined;
    this.sizeAlgorithm = undefined;
  }
}

isolate(ReadableController);

class DefaultController extends ReadableController {
  constructor(stream, pullAlgorithm, cancelAlgorithm, highWaterMark, sizeAlgorithm) {
    super(stream, pullAlgorithm, cancelAlgorithm, highWaterMark);
    this.sizeAlgorithm = sizeAlgorithm;
  }

  get isByte() { return false; }

  // ReadableStreamDefaultControllerShouldCallPull
  shouldCallPull() {
    if (!this.canCloseOrEnqueue() || !this.started) return false;
    if (isLocked(this.stream) && countRequests(this.stream) > 0) return true;
    return this.desiredSize() > 0;
  }

  // ReadableStreamDefaultControllerHasBackpressure
  hasBackpressure() { return !this.shouldCallPull(); }

  // ReadableStreamDefaultControllerCanCloseOrEnqueue
  canCloseOrEnqueue() { return !this.closeRequested && this.stream.state === 'readable'; }

  // ReadableStreamDefaultControllerClose
  close() {
    if (!this.canCloseOrEnqueue()) return;
    this.closeRequested = true;
    if (this.queue.length === 0) {
      this.clearAlgorithms();
      closeStream(this.stream);
    }
  }

  // ReadableStreamDefaultControllerEnqueue
  enqueue(chunk) {
    if (!this.canCloseOrEnqueue()) return;
    const { stream } = this;
    if (isLocked(stream) && countRequests(stream) > 0) {
      fulfillRequest(stream, chunk, false);
    } else {
      try {
        enqueueValueWithSize(this, chunk, this.sizeAlgorithm(chunk));
      } catch (error) {
        this.error(error);
        throw error;
      }
    }
    this.callPullIfNeeded();
  }

  // ReadableStreamDefaultControllerError
  error(reason) {
    const { stream } = this;
    if (stream.state !== 'readable') return;
    resetQueue(this);
    this.clearAlgorithms();
    errorStream(stream, reason);
  }

  // [[CancelSteps]]
  cancelSteps(reason) {
    resetQueue(this);
    const result = this.cancelAlgorithm(reason);
    this.clearAlgorithms();
    return result;
  }

  // [[PullSteps]]
  pullSteps(request) {
    const { stream } = this;
    if (this.queue.length > 0) {
      const chunk = dequeueValue(this);
      if (this.closeRequested && this.queue.length === 0) {
        this.clearAlgorithms();
        closeStream(stream);
      } else {
        this.callPullIfNeeded();
      }
      request.chunk(chunk);
    } else {
      addRequest(stream, request);
      this.callPullIfNeeded();
    }
  }

  // [[ReleaseSteps]]
  releaseSteps() {}
}

// CreateReadableStream
function createReadableStream(startAlgorithm, pullAlgorithm, cancelAlgorithm, highWaterMark = 1, sizeAlgorithm = one) {
  const stream = new ReadableState();
  const controller = new DefaultController(stream, pullAlgorithm, cancelAlgorithm, highWaterMark, sizeAlgorithm);
  controller.start(startAlgorithm);
  return stream;
}

module.exports = { ReadableController, DefaultController, createReadableStream, alwaysResolved };
