'use strict';
// Transform streams and their controllers, as records. Authority: https://streams.spec.whatwg.org/#ts-all-abstract-ops
//
// Records and facades: see internal/web/streams/readable.

const { Deferred, isolate, react, rejectedWith, resolvedWith, upon } = require('internal/web/promises');
const { invalidState } = require('internal/web/webidl');
const { one } = require('internal/web/streams/queue');
const { createReadableStream, alwaysResolved } = require('internal/web/streams/readable_controller');
const { createWritableStream } = require('internal/web/streams/writable');

class TransformState {
  // InitializeTransformStream
  constructor(startPromise, writableHighWaterMark, writableSizeAlgorithm, readableHighWaterMark, readableSizeAlgorithm) {
    const start = () => startPromise;
    this.writable = createWritableStream(start, (chunk) => sinkWrite(this, chunk), () => sinkClose(this),
      (reason) => sinkAbort(this, reason), writableHighWaterMark, writableSizeAlgorithm);
    this.readable = createReadableStream(start, () => sourcePull(this), (reason) => sourceCancel(this, reason),
      readableHighWaterMark, readableSizeAlgorithm);
    this.backpressure = undefined;
    this.backpressureChange = undefined;
    setBackpressure(this, true);
    this.controller = undefined;
    this.facade = undefined;
  }
}

class TransformController {
  // SetUpTransformStreamDefaultController
  constructor(stream, transformAlgorithm, flushAlgorithm, cancelAlgorithm) {
    this.stream = stream;
    stream.controller = this;
    this.transformAlgorithm = transformAlgorithm;
    this.flushAlgorithm = flushAlgorithm;
    this.cancelAlgorithm = cancelAlgorithm;
    this.finish = undefined; // [[finishPromise]]
    this.facade = undefined;
    this.onTransformFailed = (reason) => {
      errorTransform(this.stream, reason);
      throw reason;
    };
  }

  // TransformStreamDefaultControllerClearAlgorithms
  clearAlgorithms() {
    this.transformAlgorithm = undefined;
    this.flushAlgorithm = undefined;
    this.cancelAlgorithm = undefined;
  }

  // TransformStreamDefaultControllerEnqueue
  enqueue(chunk) {
    const { stream } = this;
    const { controller } = stream.readable;
    if (!controller.canCloseOrEnqueue()) throw invalidState('Unable to enqueue');
    try {
      controller.enqueue(chunk);
    } catch (error) {
      errorWritableAndUnblockWrite(stream, error);
      throw stream.readable.storedError;
    }
    const backpressure = controller.hasBackpressure();
    if (backpressure !== stream.backpressure) setBackpressure(stream, true);
  }

  // TransformStreamDefaultControllerError
  error(reason) { errorTransform(this.stream, reason); }

  // TransformStreamDefaultControllerPerformTransform
  performTransform(chunk) {
    // The standard forgets a write that waited for backpressure while the readable side was being cancelled: it is dropped.
    if (this.transformAlgorithm === undefined) return resolvedWith(undefined);
    return react(this.transformAlgorithm(chunk), undefined, this.onTransformFailed);
  }

  // TransformStreamDefaultControllerTerminate
  terminate() {
    const { stream } = this;
    stream.readable.controller.close();
    errorWritableAndUnblockWrite(stream, invalidState('TransformStream has been terminated'));
  }
}

isolate(TransformState, TransformController);

// ---- Working with transform streams -----------------------------------------------------------

// TransformStreamError
function errorTransform(stream, reason) {
  stream.readable.controller.error(reason);
  errorWritableAndUnblockWrite(stream, reason);
}

// TransformStreamErrorWritableAndUnblockWrite
function errorWritableAndUnblockWrite(stream, reason) {
  stream.controller.clearAlgorithms();
  stream.writable.controller.errorIfNeeded(reason);
  unblockWrite(stream);
}

// TransformStreamUnblockWrite
function unblockWrite(stream) {
  if (stream.backpressure) setBackpressure(stream, false);
}

// TransformStreamSetBackpressure
function setBackpressure(stream, backpressure) {
  stream.backpressureChange?.resolve(undefined);
  stream.backpressureChange = new Deferred();
  stream.backpressure = backpressure;
}

// ---- Default sinks ----------------------------------------------------------------------------

// TransformStreamDefaultSinkWriteAlgorithm
function sinkWrite(stream, chunk) {
  const { controller } = stream;
  if (!stream.backpressure) return controller.performTransform(chunk);
  return react(stream.backpressureChange.promise, () => {
    const { writable } = stream;
    if (writable.state === 'erroring') throw writable.storedError;
    return controller.performTransform(chunk);
  });
}

// TransformStreamDefaultSinkAbortAlgorithm
function sinkAbort(stream, reason) {
  const { controller, readable } = stream;
  if (controller.finish !== undefined) return controller.finish.promise;
  controller.finish = new Deferred();
  const { finish } = controller;
  const cancelled = controller.cancelAlgorithm(reason);
  controller.clearAlgorithms();
  upon(cancelled, () => {
    if (readable.state === 'errored') {
      finish.reject(readable.storedError);
    } else {
      readable.controller.error(reason);
      finish.resolve(undefined);
    }
  }, (error) => {
    readable.controller.error(error);
    finish.reject(error);
  });
  return finish.promise;
}

// TransformStreamDefaultSinkCloseAlgorithm
function sinkClose(stream) {
  const { controller, readable } = stream;
  if (controller.finish !== undefined) return controller.finish.promise;
  controller.finish = new Deferred();
  const { finish } = controller;
  const flushed = controller.flushAlgorithm();
  controller.clearAlgorithms();
  upon(flushed, () => {
    if (readable.state === 'errored') {
      finish.reject(readable.storedError);
    } else {
      readable.controller.close();
      finish.resolve(undefined);
    }
  }, (error) => {
    readable.controller.error(error);
    finish.reject(error);
  });
  return finish.promise;
}

// ---- Default sources --------------------------------------------------------------------------

// TransformStreamDefaultSourcePullAlgorithm
function sourcePull(stream) {
  setBackpressure(stream, false);
  return stream.backpressureChange.promise;
}

// TransformStreamDefaultSourceCancelAlgorithm
function sourceCancel(stream, reason) {
  const { controller, writable } = stream;
  if (controller.finish !== undefined) return controller.finish.promise;
  controller.finish = new Deferred();
  const { finish } = controller;
  const cancelled = controller.cancelAlgorithm(reason);
  controller.clearAlgorithms();
  upon(cancelled, () => {
    if (writable.state === 'errored') {
      finish.reject(writable.storedError);
    } else {
      writable.controller.errorIfNeeded(reason);
      unblockWrite(stream);
      finish.resolve(undefined);
    }
  }, (error) => {
    writable.controller.errorIfNeeded(error);
    unblockWrite(stream);
    finish.reject(error);
  });
  return finish.promise;
}

// "set up" a transform stream for other specifications: the runtime's own transforms. `transform(chunk, controller)`,
// `flush(controller)` and `cancel(reason)` run as steps of the runtime; what they throw errors the stream.
function createTransformStream({ transform, flush = undefined, cancel = undefined }) {
  const stream = new TransformState(resolvedWith(undefined), 1, one, 0, one);
  const steps = (run) => (argument) => {
    try {
      return resolvedWith(run(argument));
    } catch (error) {
      return rejectedWith(error);
    }
  };
  const controller = new TransformController(stream, steps((chunk) => transform(chunk, controller)),
    flush === undefined ? alwaysResolved : steps(() => flush(controller)),
    cancel === undefined ? alwaysResolved : steps((reason) => cancel(reason)));
  return stream;
}

module.exports = { TransformState, TransformController, createTransformStream };
