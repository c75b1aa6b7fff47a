'use strict';
// The controller of readable byte streams. Authority: https://streams.spec.whatwg.org/#rbs-controller-abstract-ops

const { invalidState } = require('internal/web/webidl');
const { Fifo } = require('internal/web/fifo');
const { rangeError, resetQueue } = require('internal/web/streams/queue');
const {
  ReadableState, addRequest, closeStream, countRequests, errorStream, fulfillRequest, hasByobReader, hasDefaultReader,
} = require('internal/web/streams/readable');
const { ReadableController } = require('internal/web/streams/readable_controller');
const {
  bufferByteLength, cloneArrayBuffer, isDetachedBuffer, transferArrayBuffer, viewByteLength, viewByteOffset,
  viewConstructor, viewedBuffer,
} = require('internal/web/streams/buffers');

// "pull-into descriptor". `readerType` is 'default', 'byob' or 'none'.
function newDescriptor(buffer, byteOffset, byteLength, minimumFill, elementSize, viewClass, readerType) {
  return {
    buffer, bufferByteLength: bufferByteLength(buffer), byteOffset, byteLength, bytesFilled: 0, minimumFill, elementSize,
    viewClass, readerType,
  };
}

class ByteController extends ReadableController {
  constructor(stream, pullAlgorithm, cancelAlgorithm, highWaterMark, autoAllocateChunkSize) {
    super(stream, pullAlgorithm, cancelAlgorithm, highWaterMark);
    this.autoAllocateChunkSize = autoAllocateChunkSize;
    this.byobRequest = null; // { controller, view, facade }
    this.pendingPullIntos = new Fifo();
  }

  get isByte() { return true; }

  // ---- What the underlying source asks for ----

  // ReadableByteStreamControllerClose
  close() {
    const { stream } = this;
    if (this.closeRequested || stream.state !== 'readable') return;
    if (this.queueTotalSize > 0) {
      this.closeRequested = true;
      return;
    }
    if (this.pendingPullIntos.length > 0) {
      const first = this.pendingPullIntos.peek();
      if (first.bytesFilled % first.elementSize !== 0) {
        const error = invalidState('Partial read');
        this.error(error);
        throw error;
      }
    }
    this.clearAlgorithms();
    closeStream(stream);
  }

  // ReadableByteStreamControllerEnqueue
  enqueue(chunk) {
    const { stream } = this;
    if (this.closeRequested || stream.state !== 'readable') return;
    const buffer = viewedBuffer(chunk);
    const byteOffset = viewByteOffset(chunk);
    const byteLength = viewByteLength(chunk);
    if (isDetachedBuffer(buffer)) throw invalidState('The chunk\'s buffer is detached');
    const transferred = transferArrayBuffer(buffer);
    if (this.pendingPullIntos.length > 0) {
      const first = this.pendingPullIntos.peek();
      if (isDetachedBuffer(first.buffer)) throw invalidState('The buffer of the BYOB request is detached');
      this.invalidateByobRequest();
      first.buffer = transferArrayBuffer(first.buffer);
      if (first.readerType === 'none') this.enqueueDetachedPullInto(first);
    }
    if (hasDefaultReader(stream)) {
      this.processReadRequests();
      if (countRequests(stream) === 0) {
        this.enqueueChunk(transferred, byteOffset, byteLength);
      } else {
        if (this.pendingPullIntos.length > 0) this.shiftPendingPullInto();
        fulfillRequest(stream, new Uint8Array(transferred, byteOffset, byteLength), false);
      }
    } else if (hasByobReader(stream)) {
      this.enqueueChunk(transferred, byteOffset, byteLength);
      for (const filled of this.processPullIntos()) this.commitDescriptor(filled);
    } else {
      this.enqueueChunk(transferred, byteOffset, byteLength);
    }
    this.callPullIfNeeded();
  }

  // ReadableByteStreamControllerError
  error(reason) {
    const { stream } = this;
    if (stream.state !== 'readable') return;
    this.clearPendingPullIntos();
    resetQueue(this);
    this.clearAlgorithms();
    errorStream(stream, reason);
  }

  // ---- [[CancelSteps]], [[PullSteps]], [[ReleaseSteps]] ----

  cancelSteps(reason) {
    this.clearPendingPullIntos();
    resetQueue(this);
    const result = this.cancelAlgorithm(reason);
    this.clearAlgorithms();
    return result;
  }

  pullSteps(request) {
    const { stream, autoAllocateChunkSize } = this;
    if (this.queueTotalSize > 0) {
      this.fillReadRequest(request);
      return;
    }
    if (autoAllocateChunkSize !== undefined) {
      let buffer;
      try {
        buffer = new ArrayBuffer(autoAllocateChunkSize);
      } catch (error) {
        request.error(error);
        return;
      }
      this.pendingPullIntos.push(newDescriptor(buffer, 0, autoAllocateChunkSize, 1, 1, Uint8Array, 'default'));
    }
    addRequest(stream, request);
    this.callPullIfNeeded();
  }

  releaseSteps() {
    if (this.pendingPullIntos.length === 0) return;
    const first = this.pendingPullIntos.peek();
    first.readerType = 'none';
    this.pendingPullIntos = new Fifo();
    this.pendingPullIntos.push(first);
  }

  // ---- The queue ----

  // ReadableByteStreamControllerEnqueueChunkToQueue
  enqueueChunk(buffer, byteOffset, byteLength) {
    this.queue.push({ buffer, byteOffset, byteLength });
    this.queueTotalSize += byteLength;
  }

  // ReadableByteStreamControllerEnqueueClonedChunkToQueue
  enqueueClonedChunk(buffer, byteOffset, byteLength) {
    let clone;
    try {
      clone = cloneArrayBuffer(buffer, byteOffset, byteLength);
    } catch (error) {
      this.error(error);
      throw error;
    }
    this.enqueueChunk(clone, 0, byteLength);
  }

  // ReadableByteStreamControllerEnqueueDetachedPullIntoToQueue
  enqueueDetachedPullInto(descriptor) {
    if (descriptor.bytesFilled > 0) {
      this.enqueueClonedChunk(descriptor.buffer, descriptor.byteOffset, descriptor.bytesFilled);
    }
    this.shiftPendingPullInto();
  }

  // ReadableByteStreamControllerFillReadRequestFromQueue
  fillReadRequest(request) {
    const { buffer, byteOffset, byteLength } = this.queue.shift();
    this.queueTotalSize -= byteLength;
    this.handleQueueDrain();
    request.chunk(new Uint8Array(buffer, byteOffset, byteLength));
  }

  // ReadableByteStreamControllerProcessReadRequestsUsingQueue
  processReadRequests() {
    const { requests } = this.stream.reader;
    while (requests.length > 0) {
      if (this.queueTotalSize === 0) return;
      this.fillReadRequest(requests.shift());
    }
  }

  // ReadableByteStreamControllerHandleQueueDrain
  handleQueueDrain() {
    if (this.queueTotalSize === 0 && this.closeRequested) {
      this.clearAlgorithms();
      closeStream(this.stream);
    } else {
      this.callPullIfNeeded();
    }
  }

  // ReadableByteStreamControllerShouldCallPull
  shouldCallPull() {
    const { stream } = this;
    if (stream.state !== 'readable' || this.closeRequested || !this.started) return false;
    return countRequests(stream) > 0 || this.desiredSize() > 0;
  }

  // ---- Pull-into descriptors ----

  // ReadableByteStreamControllerPullInto
  pullInto(view, min, request) {
    const { stream, pendingPullIntos } = this;
    const viewClass = viewConstructor(view);
    const elementSize = viewClass.BYTES_PER_ELEMENT ?? 1;
    const byteOffset = viewByteOffset(view);
    const byteLength = viewByteLength(view);
    let buffer;
    try {
      buffer = transferArrayBuffer(viewedBuffer(view));
    } catch (error) {
      request.error(error);
      return;
    }
    const descriptor = newDescriptor(buffer, byteOffset, byteLength, min * elementSize, elementSize, viewClass, 'byob');
    if (pendingPullIntos.length > 0) {
      pendingPullIntos.push(descriptor);
      addRequest(stream, request);
      return;
    }
    if (stream.state === 'closed') {
      request.close(new viewClass(buffer, byteOffset, 0));
      return;
    }
    if (this.queueTotalSize > 0) {
      if (this.fillDescriptor(descriptor)) {
        const filled = convertDescriptor(descriptor);
        this.handleQueueDrain();
        request.chunk(filled);
        return;
      }
      if (this.closeRequested) {
        const error = invalidState('Insufficient bytes to fill elements in the given buffer');
        this.error(error);
        request.error(error);
        return;
      }
    }
    pendingPullIntos.push(descriptor);
    addRequest(stream, request);
    this.callPullIfNeeded();
  }

  // ReadableByteStreamControllerFillPullIntoDescriptorFromQueue: whether the descriptor is ready to be committed.
  fillDescriptor(descriptor) {
    const { queue } = this;
    const copied = Math.min(this.queueTotalSize, descriptor.byteLength - descriptor.bytesFilled);
    const filled = descriptor.bytesFilled + copied;
    const aligned = filled - (filled % descriptor.elementSize);
    const ready = aligned >= descriptor.minimumFill;
    let left = ready ? aligned - descriptor.bytesFilled : copied;
    while (left > 0) {
      const head = queue.peek();
      const count = Math.min(left, head.byteLength);
      const start = descriptor.byteOffset + descriptor.bytesFilled;
      new Uint8Array(descriptor.buffer, start, count).set(new Uint8Array(head.buffer, head.byteOffset, count));
      if (head.byteLength === count) {
        queue.shift();
      } else {
        head.byteOffset += count;
        head.byteLength -= count;
      }
      this.queueTotalSize -= count;
      descriptor.bytesFilled += count; // FillHeadPullIntoDescriptor
      left -= count;
    }
    return ready;
  }

  // ReadableByteStreamControllerProcessPullIntoDescriptorsUsingQueue: the descriptors that were filled, in order.
  processPullIntos() {
    const { pendingPullIntos } = this;
    const filled = [];
    while (pendingPullIntos.length > 0 && this.queueTotalSize > 0) {
      const descriptor = pendingPullIntos.peek();
      if (this.fillDescriptor(descriptor)) {
        this.shiftPendingPullInto();
        filled.push(descriptor);
      }
    }
    return filled;
  }

  // ReadableByteStreamControllerCommitPullIntoDescriptor; the reader type decides which kind of request waits.
  commitDescriptor(descriptor) {
    const done = this.stream.state === 'closed';
    fulfillRequest(this.stream, convertDescriptor(descriptor), done);
  }

  // ReadableByteStreamControllerShiftPendingPullInto
  shiftPendingPullInto() { return this.pendingPullIntos.shift(); }

  // ReadableByteStreamControllerClearPendingPullIntos
  clearPendingPullIntos() {
    this.invalidateByobRequest();
    this.pendingPullIntos = new Fifo();
  }

  // ---- BYOB requests ----

  // ReadableByteStreamControllerGetBYOBRequest
  getByobRequest() {
    if (this.byobRequest === null && this.pendingPullIntos.length > 0) {
      const { buffer, byteOffset, byteLength, bytesFilled } = this.pendingPullIntos.peek();
      const view = new Uint8Array(buffer, byteOffset + bytesFilled, byteLength - bytesFilled);
      this.byobRequest = { controller: this, view, facade: undefined };
    }
    return this.byobRequest;
  }

  // ReadableByteStreamControllerInvalidateBYOBRequest
  invalidateByobRequest() {
    if (this.byobRequest === null) return;
    this.byobRequest.controller = undefined;
    this.byobRequest.view = null;
    this.byobRequest = null;
  }

  // ReadableByteStreamControllerRespond
  respond(bytesWritten) {
    const first = this.pendingPullIntos.peek();
    if (this.stream.state === 'closed') {
      if (bytesWritten !== 0) throw invalidState('Controller is closed');
    } else {
      if (bytesWritten === 0) throw invalidState('Controller cannot be empty');
      if (first.bytesFilled + bytesWritten > first.byteLength) throw rangeError('More bytes written than the view holds');
    }
    first.buffer = transferArrayBuffer(first.buffer);
    this.respondInternal(bytesWritten);
  }

  // ReadableByteStreamControllerRespondWithNewView
  respondWithNewView(view) {
    const first = this.pendingPullIntos.peek();
    const byteLength = viewByteLength(view);
    if (this.stream.state === 'closed') {
      if (byteLength !== 0) throw invalidState('View is not zero-length');
    } else if (byteLength === 0) {
      throw invalidState('View is zero-length');
    }
    const buffer = viewedBuffer(view);
    if (first.byteOffset + first.bytesFilled !== viewByteOffset(view)) throw rangeError('The view begins elsewhere');
    if (first.bufferByteLength !== bufferByteLength(buffer)) throw rangeError('The view\'s buffer has another length');
    if (first.bytesFilled + byteLength > first.byteLength) throw rangeError('The view is too long');
    first.buffer = transferArrayBuffer(buffer);
    this.respondInternal(byteLength);
  }

  // ReadableByteStreamControllerRespondInternal
  respondInternal(bytesWritten) {
    const first = this.pendingPullIntos.peek();
    this.invalidateByobRequest();
    if (this.stream.state === 'closed') this.respondInClosedState(first);
    else this.respondInReadableState(bytesWritten, first);
    this.callPullIfNeeded();
  }

  // ReadableByteStreamControllerRespondInClosedState
  respondInClosedState(first) {
    const { stream } = this;
    if (first.readerType === 'none') this.shiftPendingPullInto();
    if (!hasByobReader(stream)) return;
    const filled = [];
    while (filled.length < countRequests(stream)) filled.push(this.shiftPendingPullInto());
    for (const descriptor of filled) this.commitDescriptor(descriptor);
  }

  // ReadableByteStreamControllerRespondInReadableState
  respondInReadableState(bytesWritten, descriptor) {
    descriptor.bytesFilled += bytesWritten; // FillHeadPullIntoDescriptor
    if (descriptor.readerType === 'none') {
      this.enqueueDetachedPullInto(descriptor);
      for (const filled of this.processPullIntos()) this.commitDescriptor(filled);
      return;
    }
    if (descriptor.bytesFilled < descriptor.minimumFill) return;
    this.shiftPendingPullInto();
    const remainder = descriptor.bytesFilled % descriptor.elementSize;
    if (remainder > 0) {
      const end = descriptor.byteOffset + descriptor.bytesFilled;
      this.enqueueClonedChunk(descriptor.buffer, end - remainder, remainder);
    }
    descriptor.bytesFilled -= remainder;
    const filledPullIntos = this.processPullIntos();
    this.commitDescriptor(descriptor);
    for (const filled of filledPullIntos) this.commitDescriptor(filled);
  }
}

// ReadableByteStreamControllerConvertPullIntoDescriptor
function convertDescriptor({ buffer, byteOffset, bytesFilled, elementSize, viewClass }) {
  return new viewClass(transferArrayBuffer(buffer), byteOffset, bytesFilled / elementSize);
}

// CreateReadableByteStream
function createReadableByteStream(startAlgorithm, pullAlgorithm, cancelAlgorithm, highWaterMark = 0) {
  const stream = new ReadableState();
  new ByteController(stream, pullAlgorithm, cancelAlgorithm, highWaterMark, undefined).start(startAlgorithm);
  return stream;
}

module.exports = { ByteController, createReadableByteStream };
