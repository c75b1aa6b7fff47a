'use strict';
// Readable streams and their readers, as records. Authority: https://streams.spec.whatwg.org/#rs-all-abstract-ops
//
// Contract of this folder: the standard's abstract operations work on records, whose fields are the internal slots;
// the classes that programs see (readable_stream, writable_stream, transform_stream) are facades that unwrap them. So
// nothing a program does to a class or an instance changes what the algorithms do, and streams that the runtime uses
// inside cost no facade. Each function carries the name of the operation it is.
//
// A read request is an object with the methods chunk(chunk), close(chunk) and error(reason); `chunk` of close is passed
// by BYOB reads only. A controller is a record with cancelSteps, pullSteps and releaseSteps.

const { Deferred, isolate, react, rejectedWith, resolvedWith } = require('internal/web/promises');
const { Fifo } = require('internal/web/fifo');
const { invalidState } = require('internal/web/webidl');

// InitializeReadableStream
class ReadableState {
  constructor() {
    this.state = 'readable';
    this.reader = undefined;
    this.storedError = undefined;
    this.disturbed = false;
    this.controller = undefined;
    this.closed = undefined; // see closedOf
    this.facade = undefined;
  }
}

// A reader; `byob` says which of the two. [[readRequests]] and [[readIntoRequests]] are one field.
class ReaderState {
  constructor(byob) {
    this.byob = byob;
    this.stream = undefined;
    this.closed = undefined;
    this.requests = new Fifo();
    this.facade = undefined;
  }
}

isolate(ReadableState, ReaderState);

// ---- Working with readable streams ------------------------------------------------------------

// IsReadableStreamLocked
const isLocked = (stream) => stream.reader !== undefined;

// AcquireReadableStreamDefaultReader
function acquireDefaultReader(stream) {
  const reader = new ReaderState(false);
  setUpDefaultReader(reader, stream);
  return reader;
}

// AcquireReadableStreamBYOBReader
function acquireByobReader(stream) {
  const reader = new ReaderState(true);
  setUpByobReader(reader, stream);
  return reader;
}

// ReadableStreamCancel
function cancelStream(stream, reason) {
  stream.disturbed = true;
  if (stream.state === 'closed') return resolvedWith(undefined);
  if (stream.state === 'errored') return rejectedWith(stream.storedError);
  closeStream(stream);
  const { reader } = stream;
  if (reader !== undefined && reader.byob) {
    for (const request of reader.requests.drain()) request.close(undefined);
  }
  return react(stream.controller.cancelSteps(reason), () => undefined);
}

// ReadableStreamClose
function closeStream(stream) {
  stream.state = 'closed';
  stream.closed?.resolve(undefined);
  const { reader } = stream;
  if (reader === undefined) return;
  reader.closed.resolve(undefined);
  if (!reader.byob) {
    for (const request of reader.requests.drain()) request.close();
  }
}

// ReadableStreamError
function errorStream(stream, reason) {
  stream.state = 'errored';
  stream.storedError = reason;
  stream.closed?.rejectHandled(reason);
  const { reader } = stream;
  if (reader === undefined) return;
  reader.closed.rejectHandled(reason);
  errorRequests(reader, reason);
}

// Not in the standard: a promise for the end of the stream itself, whoever reads it. Node's stream.finished waits for it.
function closedOf(stream) {
  if (stream.closed === undefined) {
    stream.closed = new Deferred();
    if (stream.state === 'closed') stream.closed.resolve(undefined);
    else if (stream.state === 'errored') stream.closed.rejectHandled(stream.storedError);
  }
  return stream.closed;
}

// ---- Interfacing with controllers -------------------------------------------------------------

// ReadableStreamAddReadRequest, ReadableStreamAddReadIntoRequest
function addRequest(stream, request) {
  stream.reader.requests.push(request);
}

// ReadableStreamFulfillReadRequest, ReadableStreamFulfillReadIntoRequest
function fulfillRequest(stream, chunk, done) {
  const request = stream.reader.requests.shift();
  if (done) request.close(chunk);
  else request.chunk(chunk);
}

// ReadableStreamHasDefaultReader
const hasDefaultReader = ({ reader }) => reader !== undefined && !reader.byob;

// ReadableStreamHasBYOBReader
const hasByobReader = ({ reader }) => reader !== undefined && reader.byob;

// ReadableStreamGetNumReadRequests, ReadableStreamGetNumReadIntoRequests; 0 without a reader.
const countRequests = ({ reader }) => (reader === undefined ? 0 : reader.requests.length);

// ---- Readers ----------------------------------------------------------------------------------

// SetUpReadableStreamDefaultReader
function setUpDefaultReader(reader, stream) {
  if (isLocked(stream)) throw invalidState('ReadableStream is locked');
  initializeReader(reader, stream);
}

// SetUpReadableStreamBYOBReader
function setUpByobReader(reader, stream) {
  if (isLocked(stream)) throw invalidState('ReadableStream is locked');
  if (!stream.controller.isByte) throw invalidState('BYOB readers need a byte stream');
  initializeReader(reader, stream);
}

// ReadableStreamReaderGenericInitialize
function initializeReader(reader, stream) {
  reader.stream = stream;
  stream.reader = reader;
  if (stream.state === 'readable') {
    reader.closed = new Deferred();
  } else if (stream.state === 'closed') {
    reader.closed = Deferred.resolved(undefined);
  } else {
    reader.closed = Deferred.rejectedHandled(stream.storedError);
  }
}

// ReadableStreamReaderGenericCancel
const cancelReader = (reader, reason) => cancelStream(reader.stream, reason);

// ReadableStreamDefaultReaderRelease, ReadableStreamBYOBReaderRelease
function releaseReader(reader) {
  releaseGeneric(reader);
  errorRequests(reader, invalidState('Releasing reader'));
}

// ReadableStreamReaderGenericRelease
function releaseGeneric(reader) {
  const { stream } = reader;
  const released = invalidState('Reader released');
  if (stream.state === 'readable') reader.closed.rejectHandled(released);
  else reader.closed = Deferred.rejectedHandled(released);
  stream.controller.releaseSteps();
  stream.reader = undefined;
  reader.stream = undefined;
}

// ReadableStreamDefaultReaderErrorReadRequests, ReadableStreamBYOBReaderErrorReadIntoRequests
function errorRequests(reader, reason) {
  for (const request of reader.requests.drain()) request.error(reason);
}

// ReadableStreamDefaultReaderRead
function readDefault(reader, request) {
  const { stream } = reader;
  stream.disturbed = true;
  if (stream.state === 'closed') request.close();
  else if (stream.state === 'errored') request.error(stream.storedError);
  else stream.controller.pullSteps(request);
}

// ReadableStreamBYOBReaderRead
function readByob(reader, view, min, request) {
  const { stream } = reader;
  stream.disturbed = true;
  if (stream.state === 'errored') request.error(stream.storedError);
  else stream.controller.pullInto(view, min, request);
}

module.exports = {
  ReadableState, ReaderState, isLocked, acquireDefaultReader, acquireByobReader, cancelStream, closeStream, errorStream,
  closedOf, addRequest, fulfillRequest, hasDefaultReader, hasByobReader, countRequests, setUpDefaultReader,
  setUpByobReader, cancelReader, releaseReader, readDefault, readByob,
};
