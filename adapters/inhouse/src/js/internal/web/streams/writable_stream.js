'use strict';
// The classes WritableStream, WritableStreamDefaultWriter and WritableStreamDefaultController.
// Authority: https://streams.spec.whatwg.org/#ws-class, #default-writer-class, #ws-default-controller-class

const { rejectedWith } = require('internal/web/promises');
const { defineInterface, illegalConstructor, invalidArgType, invalidState, invalidThis, requireArguments } =
  require('internal/web/webidl');
const { registerInterface } = require('internal/web/transferable');
const { answerNode, callback, construct, convertMembers, optionalObject, promiseAlgorithm, startAlgorithm } =
  require('internal/web/streams/facade');
const { convertStrategy, extractHighWaterMark, extractSizeAlgorithm, rangeError } = require('internal/web/streams/queue');
const {
  WritableController, WritableState, WriterState, abortStream, abortWriter, acquireWriter, closeQueuedOrInFlight,
  closeStream, closedOf,
  closeWriter, isLocked, releaseWriter, setUpWriter, write, writerDesiredSize,
} = require('internal/web/streams/writable');

// ---- WritableStream ---------------------------------------------------------------------------

let recordOf;
let isWritableStream;

class WritableStream {
  #stream;

  constructor(underlyingSink = undefined, strategy = undefined) {
    if (underlyingSink === construct) {
      this.#stream = strategy;
      strategy.facade = this;
      return;
    }
    const sink = optionalObject(underlyingSink, 'sink');
    const convertedStrategy = convertStrategy(strategy, 'strategy');
    const dict = convertMembers(sink, 'sink', SINK_MEMBERS);
    const stream = new WritableState();
    stream.facade = this;
    this.#stream = stream;
    const sizeAlgorithm = extractSizeAlgorithm(convertedStrategy);
    setUpController(stream, sink, dict, extractHighWaterMark(convertedStrategy, 1), sizeAlgorithm);
  }

  static {
    recordOf = (facade) => facade.#stream;
    isWritableStream = (value) => typeof value === 'object' && value !== null && #stream in value;
  }

  get locked() { return isLocked(unwrap(this)); }

  abort(reason = undefined) {
    try {
      const stream = unwrap(this);
      if (isLocked(stream)) throw invalidState('WritableStream is locked');
      return abortStream(stream, reason);
    } catch (error) {
      return rejectedWith(error);
    }
  }

  close() {
    try {
      const stream = unwrap(this);
      if (isLocked(stream)) throw invalidState('WritableStream is locked');
      if (closeQueuedOrInFlight(stream)) throw invalidState('Failure closing WritableStream');
      return closeStream(stream);
    } catch (error) {
      return rejectedWith(error);
    }
  }

  getWriter() { return wrapWriter(acquireWriter(unwrap(this))); }
}

defineInterface(WritableStream);

function unwrap(facade) {
  if (!isWritableStream(facade)) throw invalidThis('WritableStream');
  return recordOf(facade);
}

const wrap = (stream) => stream.facade ?? new WritableStream(construct, stream);

registerInterface('WritableStream', {
  isInstance: (value) => isWritableStream(value),
  isDetached: () => false,
  transfer: (facade) => require('internal/web/streams/transfer').transferWritable(recordOf(facade)),
  receive: (data) => wrap(require('internal/web/streams/transfer').receiveWritable(data)),
});

answerNode(WritableStream, unwrap, {
  'nodejs.stream.errored': (stream) => stream.state === 'errored',
  'nodejs.stream.writable': (stream) => stream.state === 'writable',
  'nodejs.webstream.isClosedPromise': closedOf,
  'nodejs.webstream.controllerErrorFunction': (stream) => (reason) => stream.controller.errorIfNeeded(reason),
});

const SINK_MEMBERS = [
  ['abort', callback],
  ['close', callback],
  ['start', callback],
  ['type', () => { throw rangeError('Underlying sinks have no type yet'); }],
  ['write', callback],
];

// SetUpWritableStreamDefaultControllerFromUnderlyingSink
function setUpController(stream, sink, dict, highWaterMark, sizeAlgorithm) {
  const facade = () => controller.facade ?? new WritableStreamDefaultController(construct, controller);
  const controller = new WritableController(stream,
    promiseAlgorithm(dict.write, sink, (chunk) => [chunk, facade()]),
    promiseAlgorithm(dict.close, sink, () => []),
    promiseAlgorithm(dict.abort, sink, (reason) => [reason]),
    highWaterMark, sizeAlgorithm);
  controller.start(startAlgorithm(dict.start, sink, facade));
}

// ---- WritableStreamDefaultWriter --------------------------------------------------------------

let writerRecord;

class WritableStreamDefaultWriter {
  #writer;

  constructor(stream) {
    if (stream === construct) {
      this.#writer = arguments[1];
    } else {
      requireArguments(arguments.length, 'stream');
      if (!isWritableStream(stream)) throw invalidArgType('stream', 'WritableStream', stream);
      this.#writer = new WriterState();
      setUpWriter(this.#writer, recordOf(stream));
    }
    this.#writer.facade = this;
  }

  static {
    writerRecord = (facade) => {
      if (!(#writer in facade)) throw invalidThis('WritableStreamDefaultWriter');
      return facade.#writer;
    };
  }

  get closed() {
    try {
      return writerRecord(this).closed.promise;
    } catch (error) {
      return rejectedWith(error);
    }
  }

  get desiredSize() {
    const writer = writerRecord(this);
    if (writer.stream === undefined) throw notBound();
    return writerDesiredSize(writer);
  }

  get ready() {
    try {
      return writerRecord(this).ready.promise;
    } catch (error) {
      return rejectedWith(error);
    }
  }

  abort(reason = undefined) {
    try {
      const writer = writerRecord(this);
      if (writer.stream === undefined) throw notBound();
      return abortWriter(writer, reason);
    } catch (error) {
      return rejectedWith(error);
    }
  }

  close() {
    try {
      const writer = writerRecord(this);
      if (writer.stream === undefined) throw notBound();
      if (closeQueuedOrInFlight(writer.stream)) throw invalidState('Failure to close WritableStream');
      return closeWriter(writer);
    } catch (error) {
      return rejectedWith(error);
    }
  }

  releaseLock() {
    const writer = writerRecord(this);
    if (writer.stream !== undefined) releaseWriter(writer);
  }

  write(chunk = undefined) {
    try {
      const writer = writerRecord(this);
      if (writer.stream === undefined) throw notBound();
      return write(writer, chunk);
    } catch (error) {
      return rejectedWith(error);
    }
  }
}

defineInterface(WritableStreamDefaultWriter);

const notBound = () => invalidState('Writer is not bound to a WritableStream');
const wrapWriter = (writer) => writer.facade ?? new WritableStreamDefaultWriter(construct, writer);

// ---- WritableStreamDefaultController ----------------------------------------------------------

let controllerRecord;

class WritableStreamDefaultController {
  #controller;

  constructor() {
    if (arguments[0] !== construct) throw illegalConstructor();
    this.#controller = arguments[1];
    this.#controller.facade = this;
  }

  static {
    controllerRecord = (facade) => {
      if (!(#controller in facade)) throw invalidThis('WritableStreamDefaultController');
      return facade.#controller;
    };
  }

  get signal() { return controllerRecord(this).signal; }

  error(reason = undefined) { controllerRecord(this).errorIfNeeded(reason); }
}

defineInterface(WritableStreamDefaultController);

module.exports = {
  WritableStream, WritableStreamDefaultWriter, WritableStreamDefaultController, isWritableStream,
  recordOfWritable: recordOf, unwrapWritable: unwrap, wrapWritable: wrap,
};
