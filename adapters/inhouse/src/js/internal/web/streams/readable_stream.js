'use strict';
// The class ReadableStream. Authority: https://streams.spec.whatwg.org/#rs-class

const { Deferred, markAsHandled, react, rejectedWith, resolvedWith } = require('internal/web/promises');
const {
  defineInterface, dictionary, enforceRange, invalidArgType, invalidArgValue, invalidState, invalidThis, requireArguments,
} = require('internal/web/webidl');
const { registerInterface } = require('internal/web/transferable');
const { answerNode, callback, construct, convertMembers, optionalObject, promiseAlgorithm, startAlgorithm } =
  require('internal/web/streams/facade');
const { convertStrategy, extractHighWaterMark, extractSizeAlgorithm, rangeError } = require('internal/web/streams/queue');
const { ReadableState, acquireByobReader, acquireDefaultReader, cancelReader, cancelStream, closedOf, isLocked, readDefault,
  releaseReader } = require('internal/web/streams/readable');
const { DefaultController } = require('internal/web/streams/readable_controller');

let recordOf;
let isReadableStream;

class ReadableStream {
  #stream;

  constructor(underlyingSource = undefined, strategy = undefined) {
    if (underlyingSource === construct) {
      this.#stream = strategy;
      strategy.facade = this;
      return;
    }
    const source = optionalObject(underlyingSource, 'source');
    const convertedStrategy = convertStrategy(strategy, 'strategy');
    const dict = convertSource(source);
    const stream = new ReadableState();
    stream.facade = this;
    this.#stream = stream;
    if (dict.type === 'bytes') {
      if (convertedStrategy.size !== undefined) throw rangeError('A byte stream takes no size function');
      setUpByteController(stream, source, dict, extractHighWaterMark(convertedStrategy, 0));
    } else {
      const sizeAlgorithm = extractSizeAlgorithm(convertedStrategy);
      setUpDefaultController(stream, source, dict, extractHighWaterMark(convertedStrategy, 1), sizeAlgorithm);
    }
  }

  static {
    recordOf = (facade) => facade.#stream;
    isReadableStream = (value) => typeof value === 'object' && value !== null && #stream in value;
  }

  static from(asyncIterable) {
    requireArguments(arguments.length, 'iterable');
    return wrap(require('internal/web/streams/from_iterable').fromIterable(asyncIterable));
  }

  get locked() { return isLocked(unwrap(this)); }

  cancel(reason = undefined) {
    try {
      const stream = unwrap(this);
      if (isLocked(stream)) throw invalidState('ReadableStream is locked');
      return cancelStream(stream, reason);
    } catch (error) {
      return rejectedWith(error);
    }
  }

  getReader(options = undefined) {
    const stream = unwrap(this);
    const { mode } = dictionary(options, 'options');
    const readers = require('internal/web/streams/readable_stream_readers');
    if (mode === undefined) return readers.wrapDefault(acquireDefaultReader(stream));
    if (`${mode}` !== 'byob') throw invalidArgValue('options.mode', mode);
    return readers.wrapByob(acquireByobReader(stream));
  }

  pipeThrough(transform, options = undefined) {
    const stream = unwrap(this);
    requireArguments(arguments.length, 'transform');
    const pair = dictionary(transform, 'transform');
    const { readable } = pair;
    if (!isReadableStream(readable)) throw invalidArgType('transform.readable', 'ReadableStream', readable);
    const dest = destination(pair.writable, 'transform.writable');
    const pipeOptions = convertPipeOptions(options);
    if (isLocked(stream)) throw invalidState('The ReadableStream is locked');
    if (dest.writer !== undefined) throw invalidState('The WritableStream is locked');
    markAsHandled(pipe(stream, dest, pipeOptions));
    return readable;
  }

  pipeTo(writable, options = undefined) {
    try {
      const stream = unwrap(this);
      requireArguments(arguments.length, 'destination');
      const dest = destination(writable, 'destination');
      const pipeOptions = convertPipeOptions(options);
      if (isLocked(stream)) throw invalidState('The ReadableStream is locked');
      if (dest.writer !== undefined) throw invalidState('The WritableStream is locked');
      return pipe(stream, dest, pipeOptions);
    } catch (error) {
      return rejectedWith(error);
    }
  }

  tee() {
    const { tee } = require('internal/web/streams/tee');
    return tee(unwrap(this)).map(wrap);
  }

  values(options = undefined) {
    const stream = unwrap(this);
    const preventCancel = Boolean(dictionary(options, 'options').preventCancel);
    return new StreamIterator(acquireDefaultReader(stream), preventCancel);
  }
}

defineInterface(ReadableStream, { statics: ['from'] });
Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, {
  value: ReadableStream.prototype.values, writable: true, enumerable: false, configurable: true,
});

function unwrap(facade) {
  if (!isReadableStream(facade)) throw invalidThis('ReadableStream');
  return recordOf(facade);
}

const wrap = (stream) => stream.facade ?? new ReadableStream(construct, stream);

registerInterface('ReadableStream', {
  isInstance: (value) => isReadableStream(value),
  isDetached: () => false,
  transfer: (facade) => require('internal/web/streams/transfer').transferReadable(recordOf(facade)),
  receive: (data) => wrap(require('internal/web/streams/transfer').receiveReadable(data)),
});

answerNode(ReadableStream, unwrap, {
  'nodejs.stream.disturbed': (stream) => stream.disturbed,
  'nodejs.stream.errored': (stream) => stream.state === 'errored',
  'nodejs.stream.readable': (stream) => stream.state === 'readable',
  'nodejs.webstream.isClosedPromise': closedOf,
  'nodejs.webstream.controllerErrorFunction': (stream) => (reason) => stream.controller.error(reason),
});

// ---- Underlying sources -----------------------------------------------------------------------

const SOURCE_MEMBERS = [
  ['autoAllocateChunkSize', (value, name) => enforceRange(value, Number.MAX_SAFE_INTEGER, name)],
  ['cancel', callback],
  ['pull', callback],
  ['start', callback],
  ['type', (value, name) => {
    if (`${value}` !== 'bytes') throw invalidArgValue(name, value);
    return 'bytes';
  }],
];

const convertSource = (source) => convertMembers(source, 'source', SOURCE_MEMBERS);

// SetUpReadableStreamDefaultControllerFromUnderlyingSource
function setUpDefaultController(stream, source, dict, highWaterMark, sizeAlgorithm) {
  const facade = () => require('internal/web/streams/readable_stream_controllers').wrapDefault(controller);
  const pull = promiseAlgorithm(dict.pull, source, () => [facade()]);
  const cancel = promiseAlgorithm(dict.cancel, source, (reason) => [reason]);
  const controller = new DefaultController(stream, pull, cancel, highWaterMark, sizeAlgorithm);
  controller.start(startAlgorithm(dict.start, source, facade));
}

// SetUpReadableByteStreamControllerFromUnderlyingSource
function setUpByteController(stream, source, dict, highWaterMark) {
  const { ByteController } = require('internal/web/streams/byte_controller');
  const facade = () => require('internal/web/streams/readable_stream_controllers').wrapByte(controller);
  const pull = promiseAlgorithm(dict.pull, source, () => [facade()]);
  const cancel = promiseAlgorithm(dict.cancel, source, (reason) => [reason]);
  const { autoAllocateChunkSize } = dict;
  if (autoAllocateChunkSize === 0) throw invalidArgValue('source.autoAllocateChunkSize', 0);
  const controller = new ByteController(stream, pull, cancel, highWaterMark, autoAllocateChunkSize);
  controller.start(startAlgorithm(dict.start, source, facade));
}

// ---- Piping -----------------------------------------------------------------------------------

function destination(value, name) {
  const { isWritableStream, recordOfWritable } = require('internal/web/streams/writable_stream');
  if (!isWritableStream(value)) throw invalidArgType(name, 'WritableStream', value);
  return recordOfWritable(value);
}

// StreamPipeOptions
function convertPipeOptions(options) {
  const dict = dictionary(options, 'options');
  const preventAbort = Boolean(dict.preventAbort);
  const preventCancel = Boolean(dict.preventCancel);
  const preventClose = Boolean(dict.preventClose);
  const { signal } = dict;
  if (signal !== undefined && !require('internal/web/abort').isAbortSignal(signal)) {
    throw invalidArgType('options.signal', 'AbortSignal', signal);
  }
  return { preventAbort, preventCancel, preventClose, signal };
}

const pipe = (source, dest, options) => require('internal/web/streams/pipe').pipeTo(source, dest, options);

// ---- Asynchronous iteration -------------------------------------------------------------------

// "asynchronous iterator prototype object" of Web IDL, with ReadableStream's steps.
const END = Symbol('end of iteration');
const AsyncIteratorPrototype =
  Object.getPrototypeOf(Object.getPrototypeOf(Object.getPrototypeOf((async function* () {})())));

let iteratorState;

class StreamIterator {
  #state;

  constructor(reader, preventCancel) {
    this.#state = { reader, preventCancel, ongoing: null, finished: false };
  }

  static {
    iteratorState = (iterator) => iterator.#state; // throws a TypeError for everything else
  }

  next() {
    try {
      return enqueueSteps(iteratorState(this), nextSteps);
    } catch (error) {
      return rejectedWith(error);
    }
  }

  return(value) {
    try {
      const state = iteratorState(this);
      return react(enqueueSteps(state, () => returnSteps(state, value)), () => ({ value, done: true }));
    } catch (error) {
      return rejectedWith(error);
    }
  }
}

Object.setPrototypeOf(StreamIterator.prototype, AsyncIteratorPrototype);
delete StreamIterator.prototype.constructor;
for (const key of ['next', 'return']) Object.defineProperty(StreamIterator.prototype, key, { enumerable: true });

// Calls wait for each other: the next begins when the one before has settled.
function enqueueSteps(state, steps) {
  const run = () => steps(state);
  state.ongoing = state.ongoing === null ? run() : react(state.ongoing, run, run);
  return state.ongoing;
}

function nextSteps(state) {
  if (state.finished) return resolvedWith({ value: undefined, done: true });
  return react(nextChunk(state.reader), (next) => {
    state.ongoing = null;
    if (next !== END) return { value: next, done: false };
    state.finished = true;
    return { value: undefined, done: true };
  }, (reason) => {
    state.ongoing = null;
    state.finished = true;
    throw reason;
  });
}

// "get the next iteration result"
function nextChunk(reader) {
  const deferred = new Deferred();
  readDefault(reader, {
    chunk: (chunk) => deferred.resolve(chunk),
    close() {
      releaseReader(reader);
      deferred.resolve(END);
    },
    error(reason) {
      releaseReader(reader);
      deferred.reject(reason);
    },
  });
  return deferred.promise;
}

// "asynchronous iterator return"
function returnSteps(state, value) {
  if (state.finished) return resolvedWith({ value, done: true });
  state.finished = true;
  const { reader } = state;
  if (!state.preventCancel) {
    const result = cancelReader(reader, value);
    releaseReader(reader);
    return result;
  }
  releaseReader(reader);
  return resolvedWith(undefined);
}

module.exports = { ReadableStream, isReadableStream, recordOfReadable: recordOf, unwrapReadable: unwrap, wrapReadable: wrap };
