'use strict';
// Piping. Authority: https://streams.spec.whatwg.org/#readable-stream-pipe-to
//
// The standard gives constraints, not steps. Here: a chunk is read whenever the destination wants one, and written in a
// microtask of its own, so that whoever enqueues it never finds the sink called below itself.

const { Deferred, isolate, queueMicrotask, resolvedWith, upon, waitForAll } = require('internal/web/promises');
const { invalidState } = require('internal/web/webidl');
const { acquireDefaultReader, cancelStream, readDefault, releaseReader } = require('internal/web/streams/readable');
const {
  abortStream, acquireWriter, closeQueuedOrInFlight, closeWithErrorPropagation, releaseWriter, write, writerDesiredSize,
} = require('internal/web/streams/writable');

const NOTHING = Symbol('no chunk');

class Pipe {
  constructor(source, dest, { preventClose, preventAbort, preventCancel }) {
    this.source = source;
    this.dest = dest;
    this.preventClose = preventClose;
    this.preventAbort = preventAbort;
    this.preventCancel = preventCancel;
    this.reader = acquireDefaultReader(source);
    this.writer = acquireWriter(dest);
    source.disturbed = true;
    this.shuttingDown = false;
    this.done = new Deferred();
    this.unread = NOTHING;            // a chunk that was read and is not yet written
    this.lastWrite = resolvedWith(undefined);
    this.removeAbort = undefined;
    // As read request: what becomes of the source beyond its chunks is seen by the reader's closed promise.
    this.request = { chunk: (chunk) => this.take(chunk), close() {}, error() {} };
    this.onReady = () => this.step();
    this.writeTaken = () => {
      if (this.unread === NOTHING) return; // a shutdown wrote it
      this.writeUnread();
      this.step();
    };
  }

  // ---- Moving chunks ----

  // "Backpressure must be enforced", "Shutdown must stop activity"
  step() {
    if (this.shuttingDown) return;
    const desiredSize = writerDesiredSize(this.writer);
    if (desiredSize === null || closeQueuedOrInFlight(this.dest)) return;
    if (desiredSize > 0) readDefault(this.reader, this.request);
    else upon(this.writer.ready.promise, this.onReady, ignore);
  }

  take(chunk) {
    this.unread = chunk;
    queueMicrotask(this.writeTaken);
  }

  writeUnread() {
    const chunk = this.unread;
    this.unread = NOTHING;
    this.lastWrite = write(this.writer, chunk);
    host.util.markHandled(this.lastWrite);
  }

  // ---- Error and close states must be propagated ----

  watch() {
    const { source, dest, reader, writer } = this;
    whenErrored(source, reader.closed.promise, () => {
      const reason = source.storedError;
      this.shutDown(this.preventAbort ? undefined : () => abortStream(dest, reason), { reason });
    });
    whenErrored(dest, writer.closed.promise, () => {
      const reason = dest.storedError;
      this.shutDown(this.preventCancel ? undefined : () => cancelStream(source, reason), { reason });
    });
    whenClosed(source, reader.closed.promise, () => {
      this.shutDown(this.preventClose ? undefined : () => closeWithErrorPropagation(writer));
    });
    if (closeQueuedOrInFlight(dest) || dest.state === 'closed') {
      const reason = invalidState('Destination WritableStream is closed');
      this.shutDown(this.preventCancel ? undefined : () => cancelStream(source, reason), { reason });
    }
  }

  // The algorithm that the signal runs.
  abort(reason) {
    const { source, dest } = this;
    const actions = [];
    if (!this.preventAbort) {
      actions.push(() => (dest.state === 'writable' ? abortStream(dest, reason) : resolvedWith(undefined)));
    }
    if (!this.preventCancel) {
      actions.push(() => (source.state === 'readable' ? cancelStream(source, reason) : resolvedWith(undefined)));
    }
    this.shutDown(() => waitForAll(actions.map((action) => action())), { reason });
  }

  // ---- Ending ----

  // "shutdown", "shutdown with an action". `error` is { reason } or absent.
  shutDown(action, error) {
    if (this.shuttingDown) return;
    this.shuttingDown = true;
    const proceed = () => {
      if (action === undefined) this.finalize(error);
      else upon(action(), () => this.finalize(error), (reason) => this.finalize({ reason }));
    };
    if (this.dest.state !== 'writable' || closeQueuedOrInFlight(this.dest)) {
      proceed();
      return;
    }
    if (this.unread !== NOTHING) this.writeUnread();
    upon(this.lastWrite, proceed, proceed); // writes settle in order
  }

  // "finalize"
  finalize(error) {
    releaseWriter(this.writer);
    releaseReader(this.reader);
    this.removeAbort?.();
    if (error === undefined) this.done.resolve(undefined);
    else this.done.reject(error.reason);
  }
}

isolate(Pipe);

const ignore = () => {};

function whenErrored(stream, closed, action) {
  if (stream.state === 'errored') action();
  else upon(closed, ignore, action);
}

function whenClosed(stream, closed, action) {
  if (stream.state === 'closed') action();
  else upon(closed, action, ignore);
}

// ReadableStreamPipeTo
function pipeTo(source, dest, options) {
  const pipe = new Pipe(source, dest, options);
  const { signal } = options;
  if (signal !== undefined) {
    if (signal.aborted) {
      pipe.abort(signal.reason);
      return pipe.done.promise;
    }
    const { addAlgorithm } = require('internal/web/abort');
    pipe.removeAbort = addAlgorithm(signal, () => pipe.abort(signal.reason));
  }
  pipe.watch();
  upon(pipe.writer.ready.promise, pipe.onReady, ignore);
  return pipe.done.promise;
}

module.exports = { pipeTo };
