'use strict';
// The classes ReadableStreamDefaultReader and ReadableStreamBYOBReader.
// Authority: https://streams.spec.whatwg.org/#default-reader-class, #byob-reader-class

const { Deferred, rejectedWith } = require('internal/web/promises');
const { coded, defineInterface, dictionary, enforceRange, invalidArgType, invalidState, invalidThis, requireArguments } =
  require('internal/web/webidl');
const { bufferView, construct, ReadPromise } = require('internal/web/streams/facade');
const { rangeError } = require('internal/web/streams/queue');
const { bufferByteLength, isDetachedBuffer, typeOf, viewByteLength, viewedBuffer } = require('internal/web/streams/buffers');
const { ReaderState, cancelReader, readByob, readDefault, releaseReader, setUpByobReader, setUpDefaultReader } =
  require('internal/web/streams/readable');
const { isReadableStream, recordOfReadable } = require('internal/web/streams/readable_stream');

function streamArgument(value) {
  if (!isReadableStream(value)) throw invalidArgType('stream', 'ReadableStream', value);
  return recordOfReadable(value);
}

const notAttached = () => invalidState('The reader is not attached to a stream');

// ---- The mixin ReadableStreamGenericReader ----------------------------------------------------

// Each takes `unwrap` of its class, which throws for a foreign `this`; these operations reject instead.
function closedPromise(unwrap, facade) {
  try {
    return unwrap(facade).closed.promise;
  } catch (error) {
    return rejectedWith(error);
  }
}

function cancel(unwrap, facade, reason) {
  try {
    const reader = unwrap(facade);
    if (reader.stream === undefined) throw notAttached();
    return cancelReader(reader, reason);
  } catch (error) {
    return rejectedWith(error);
  }
}

function releaseLock(reader) {
  if (reader.stream !== undefined) releaseReader(reader);
}

// ---- ReadableStreamDefaultReader --------------------------------------------------------------

let defaultRecord;

class ReadableStreamDefaultReader {
  #reader;

  constructor(stream) {
    if (stream === construct) {
      this.#reader = arguments[1];
    } else {
      requireArguments(arguments.length, 'stream');
      const record = streamArgument(stream);
      this.#reader = new ReaderState(false);
      setUpDefaultReader(this.#reader, record);
    }
    this.#reader.facade = this;
  }

  static {
    defaultRecord = (facade) => {
      if (!(#reader in facade)) throw invalidThis('ReadableStreamDefaultReader');
      return facade.#reader;
    };
  }

  get closed() { return closedPromise(defaultRecord, this); }

  cancel(reason = undefined) { return cancel(defaultRecord, this, reason); }

  read() {
    try {
      const reader = defaultRecord(this);
      if (reader.stream === undefined) throw notAttached();
      const deferred = new Deferred();
      readDefault(reader, new ReadPromise(deferred));
      return deferred.promise;
    } catch (error) {
      return rejectedWith(error);
    }
  }

  releaseLock() { releaseLock(defaultRecord(this)); }
}

defineInterface(ReadableStreamDefaultReader);

// ---- ReadableStreamBYOBReader -----------------------------------------------------------------

let byobRecord;

class ReadableStreamBYOBReader {
  #reader;

  constructor(stream) {
    if (stream === construct) {
      this.#reader = arguments[1];
    } else {
      requireArguments(arguments.length, 'stream');
      const record = streamArgument(stream);
      this.#reader = new ReaderState(true);
      setUpByobReader(this.#reader, record);
    }
    this.#reader.facade = this;
  }

  static {
    byobRecord = (facade) => {
      if (!(#reader in facade)) throw invalidThis('ReadableStreamBYOBReader');
      return facade.#reader;
    };
  }

  get closed() { return closedPromise(byobRecord, this); }

  cancel(reason = undefined) { return cancel(byobRecord, this, reason); }

  read(view, options = undefined) {
    try {
      const reader = byobRecord(this);
      requireArguments(arguments.length, 'view');
      bufferView(view, 'view');
      const given = dictionary(options, 'options').min;
      const min = given === undefined ? 1 : enforceRange(given, Number.MAX_SAFE_INTEGER, 'options.min');
      checkView(view, min);
      if (reader.stream === undefined) throw notAttached();
      const deferred = new Deferred();
      readByob(reader, view, min, new ReadPromise(deferred));
      return deferred.promise;
    } catch (error) {
      return rejectedWith(error);
    }
  }

  releaseLock() { releaseLock(byobRecord(this)); }
}

defineInterface(ReadableStreamBYOBReader);

function checkView(view, min) {
  const byteLength = viewByteLength(view);
  const buffer = viewedBuffer(view);
  if (byteLength === 0 || bufferByteLength(buffer) === 0 || isDetachedBuffer(buffer)) {
    throw invalidState('View or its buffer is zero-length or detached');
  }
  if (min === 0) throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', 'options.min must be greater than 0');
  const length = typeOf(view) === undefined ? byteLength : byteLength / view.BYTES_PER_ELEMENT;
  if (min > length) throw rangeError('options.min must not be greater than the length of the view');
}

const wrapDefault = (reader) => reader.facade ?? new ReadableStreamDefaultReader(construct, reader);
const wrapByob = (reader) => reader.facade ?? new ReadableStreamBYOBReader(construct, reader);

module.exports = { ReadableStreamDefaultReader, ReadableStreamBYOBReader, wrapDefault, wrapByob };
