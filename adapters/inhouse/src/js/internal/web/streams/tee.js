'use strict';
// Teeing. Authority: https://streams.spec.whatwg.org/#readable-stream-tee
//
// Chunks are handed on in a microtask: it takes one to notice an error of the source, which must not be overtaken.

const { Deferred, isolate, queueMicrotask, resolvedWith, upon } = require('internal/web/promises');
const { acquireByobReader, acquireDefaultReader, cancelStream, readByob, readDefault, releaseReader } =
  require('internal/web/streams/readable');
const { createReadableStream } = require('internal/web/streams/readable_controller');
const { createReadableByteStream } = require('internal/web/streams/byte_controller');
const { cloneAsUint8Array } = require('internal/web/streams/buffers');

const nothing = () => undefined;

// What both kinds of tee share: the two cancellations, which together cancel the source.
class Tee {
  constructor(stream) {
    this.stream = stream;
    this.reading = false;
    this.cancelled = [false, false];
    this.reasons = [undefined, undefined];
    this.branches = [undefined, undefined];
    this.cancelDone = new Deferred();
  }

  get bothCancelled() { return this.cancelled[0] && this.cancelled[1]; }

  // cancel1Algorithm, cancel2Algorithm
  cancel(branch, reason) {
    this.cancelled[branch] = true;
    this.reasons[branch] = reason;
    if (this.bothCancelled) this.cancelDone.resolve(cancelStream(this.stream, [...this.reasons]));
    return this.cancelDone.promise;
  }

  finishCancel() {
    if (!this.bothCancelled) this.cancelDone.resolve(undefined);
  }

  eachOpen(steps) {
    for (const branch of [0, 1]) {
      if (!this.cancelled[branch]) steps(this.branches[branch].controller);
    }
  }

  errorBoth(reason) {
    for (const { controller } of this.branches) controller.error(reason);
  }

  // A chunk that could not be cloned.
  failClone(error) {
    this.errorBoth(error);
    this.cancelDone.resolve(cancelStream(this.stream, error));
  }
}

isolate(Tee);

// ReadableStreamTee
function tee(stream, cloneForBranch2 = false) {
  return stream.controller.isByte ? byteTee(stream) : defaultTee(stream, cloneForBranch2);
}

// ReadableStreamDefaultTee
function defaultTee(stream, cloneForBranch2) {
  const reader = acquireDefaultReader(stream);
  const state = new Tee(stream);
  let readAgain = false;

  const request = {
    chunk(chunk) {
      queueMicrotask(() => {
        readAgain = false;
        let chunk2 = chunk;
        if (!state.cancelled[1] && cloneForBranch2) {
          const { deserialize, serialize } = require('internal/web/structured_clone');
          try {
            chunk2 = deserialize(serialize(chunk));
          } catch (error) {
            state.failClone(error);
            return;
          }
        }
        if (!state.cancelled[0]) state.branches[0].controller.enqueue(chunk);
        if (!state.cancelled[1]) state.branches[1].controller.enqueue(chunk2);
        state.reading = false;
        if (readAgain) pull();
      });
    },
    close() {
      state.reading = false;
      state.eachOpen((controller) => controller.close());
      state.finishCancel();
    },
    error() { state.reading = false; },
  };

  function pull() {
    if (state.reading) {
      readAgain = true;
    } else {
      state.reading = true;
      readDefault(reader, request);
    }
    return resolvedWith(undefined);
  }

  state.branches[0] = createReadableStream(nothing, pull, (reason) => state.cancel(0, reason));
  state.branches[1] = createReadableStream(nothing, pull, (reason) => state.cancel(1, reason));
  upon(reader.closed.promise, undefined, (reason) => {
    state.errorBoth(reason);
    state.finishCancel();
  });
  return state.branches;
}

// ReadableByteStreamTee
function byteTee(stream) {
  const state = new Tee(stream);
  const { branches, cancelled } = state;
  const readAgain = [false, false];
  let reader = acquireDefaultReader(stream);

  function forwardReaderError(thisReader) {
    upon(thisReader.closed.promise, undefined, (reason) => {
      if (thisReader !== reader) return;
      state.errorBoth(reason);
      state.finishCancel();
    });
  }

  function exchangeReader(acquire) {
    releaseReader(reader);
    reader = acquire(stream);
    forwardReaderError(reader);
  }

  function finishReading() {
    state.reading = false;
    if (readAgain[0]) pull(0);
    else if (readAgain[1]) pull(1);
  }

  // A branch whose reader brought its own buffer gets it back empty when the source has closed.
  function respondToPending({ controller }) {
    if (controller.pendingPullIntos.length > 0) controller.respond(0);
  }

  const defaultRequest = {
    chunk(chunk) {
      queueMicrotask(() => {
        readAgain.fill(false);
        let chunk2 = chunk;
        if (!cancelled[0] && !cancelled[1]) {
          try {
            chunk2 = cloneAsUint8Array(chunk);
          } catch (error) {
            state.failClone(error);
            return;
          }
        }
        if (!cancelled[0]) branches[0].controller.enqueue(chunk);
        if (!cancelled[1]) branches[1].controller.enqueue(chunk2);
        finishReading();
      });
    },
    close() {
      state.reading = false;
      state.eachOpen((controller) => controller.close());
      for (const branch of branches) respondToPending(branch);
      state.finishCancel();
    },
    error() { state.reading = false; },
  };

  function pullWithDefaultReader() {
    if (reader.byob) exchangeReader(acquireDefaultReader);
    readDefault(reader, defaultRequest);
  }

  function pullWithByobReader(view, branch) {
    if (!reader.byob) exchangeReader(acquireByobReader);
    const other = 1 - branch;
    const byobController = branches[branch].controller;
    const otherController = branches[other].controller;
    readByob(reader, view, 1, {
      chunk(chunk) {
        queueMicrotask(() => {
          readAgain.fill(false);
          let cloned;
          if (!cancelled[other]) {
            try {
              cloned = cloneAsUint8Array(chunk);
            } catch (error) {
              state.failClone(error);
              return;
            }
          }
          if (!cancelled[branch]) byobController.respondWithNewView(chunk);
          if (!cancelled[other]) otherController.enqueue(cloned);
          finishReading();
        });
      },
      close(chunk) {
        state.reading = false;
        if (!cancelled[branch]) byobController.close();
        if (!cancelled[other]) otherController.close();
        if (chunk !== undefined) {
          if (!cancelled[branch]) byobController.respondWithNewView(chunk);
          if (!cancelled[other]) respondToPending(branches[other]);
        }
        state.finishCancel();
      },
      error() { state.reading = false; },
    });
  }

  // pull1Algorithm, pull2Algorithm
  function pull(branch) {
    if (state.reading) {
      readAgain[branch] = true;
      return resolvedWith(undefined);
    }
    state.reading = true;
    const request = branches[branch].controller.getByobRequest();
    if (request === null) pullWithDefaultReader();
    else pullWithByobReader(request.view, branch);
    return resolvedWith(undefined);
  }

  branches[0] = createReadableByteStream(nothing, () => pull(0), (reason) => state.cancel(0, reason));
  branches[1] = createReadableByteStream(nothing, () => pull(1), (reason) => state.cancel(1, reason));
  forwardReaderError(reader);
  return branches;
}

module.exports = { tee };
