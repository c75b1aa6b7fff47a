'use strict';
// Between Node's streams and web streams: toWeb and fromWeb of Readable, Writable and Duplex.
// Authority: https://nodejs.org/api/stream.html (the sections `….fromWeb` and `….toWeb`)
//
// An adapter holds at most one chunk of its own; whoever is slow is waited for on both sides. The end, an error and a
// destruction of one side reach the other.

const process = require('process');
const Readable = require('internal/streams/readable');
const Writable = require('internal/streams/writable');
const Duplex = require('internal/streams/duplex');
const { AbortError, codes } = require('internal/errors');
const validate = require('internal/validate');
const { Buffer } = require('internal/streams/bytes');
const { destroyStream } = require('internal/streams/lifecycle');
const { finished } = require('internal/streams/finished');
const { isDestroyed, isReadable, isWritable, isWritableEnded } = require('internal/streams/queries');
const { isReadableStream } = require('internal/web/streams/readable_stream');
const { isWritableStream } = require('internal/web/streams/writable_stream');

const PREMATURE = 'ERR_STREAM_PREMATURE_CLOSE';

// ---- Node to web --------------------------------------------------------------------------------

// A side that closed before its time is an aborted one to a web stream.
const reasonOf = (error) => (error?.code === PREMATURE ? new AbortError(undefined, { cause: error }) : error);

// The strategy that counts as the Node stream does.
function sameMeasure(isObjectMode, highWaterMark) {
  return isObjectMode ? new CountQueuingStrategy({ highWaterMark }) : new ByteLengthQueuingStrategy({ highWaterMark });
}

function readableToWeb(readable, options = {}) {
  if (typeof readable?._readableState !== 'object') {
    throw new codes.ERR_INVALID_ARG_TYPE('streamReadable', 'stream.Readable', readable);
  }
  validate.object(options, 'options');
  const { strategy, type } = options;
  if (type !== undefined) validate.oneOf(type, 'options.type', ['bytes']);
  if (strategy !== undefined) validate.object(strategy, 'options.strategy');
  const source = new NodeSource(readable, type === 'bytes');
  const { readableObjectMode, readableHighWaterMark } = readable;
  if (type === 'bytes') {
    // A byte stream measures by itself.
    const highWaterMark = strategy?.highWaterMark ?? readableHighWaterMark;
    return new ReadableStream(source, { highWaterMark });
  }
  return new ReadableStream(source, strategy ?? sameMeasure(readableObjectMode, readableHighWaterMark));
}

// The underlying source that reads a Node stream.
class NodeSource {
  constructor(readable, isBytes) {
    this.readable = readable;
    this.isOver = false;
    if (isBytes) this.type = 'bytes';
  }

  start(controller) {
    const { readable } = this;
    this.controller = controller;
    if (isDestroyed(readable) || !isReadable(readable)) {
      this.end(readable.readableEnded ? undefined : new AbortError());
      return;
    }
    const onData = (chunk) => {
      if (this.isOver) return;
      controller.enqueue(Buffer.isBuffer(chunk) && !readable.readableObjectMode ? new Uint8Array(chunk) :
        typeof chunk === 'string' && this.type === 'bytes' ? new Uint8Array(Buffer.from(chunk)) : chunk);
      if (controller.desiredSize <= 0) readable.pause();
    };
    readable.pause();
    finished(readable, { writable: false }, (error) => {
      readable.removeListener('data', onData);
      // Whoever destroyed it may report more than one error.
      readable.on('error', () => {});
      this.end(reasonOf(error));
    });
    readable.on('data', onData);
  }

  pull() {
    this.readable.resume();
  }

  cancel(reason) {
    this.isOver = true;
    destroyStream(this.readable, reason);
  }

  end(error) {
    if (this.isOver) return;
    this.isOver = true;
    if (error) {
      this.controller.error(error);
      return;
    }
    this.controller.close();
    // A reader that brought its own buffer gets it back empty.
    this.controller.byobRequest?.respond(0);
  }
}

function writableToWeb(writable) {
  if (typeof writable?._writableState !== 'object') {
    throw new codes.ERR_INVALID_ARG_TYPE('streamWritable', 'stream.Writable', writable);
  }
  if (isDestroyed(writable) || !isWritable(writable)) return closedWritable();
  const strategy = sameMeasure(writable.writableObjectMode, writable.writableHighWaterMark);
  return new WritableStream(new NodeSink(writable), strategy);
}

// The underlying sink that writes to a Node stream.
class NodeSink {
  constructor(writable) {
    this.writable = writable;
    this.drained = undefined;   // what a write waits for while the Node stream is full
    this.closed = undefined;    // what close() waits for
  }

  start(controller) {
    const { writable } = this;
    const onDrain = () => this.drained?.resolve();
    finished(writable, { readable: false }, (error) => {
      writable.removeListener('drain', onDrain);
      writable.on('error', () => {});
      const reason = reasonOf(error);
      if (reason) {
        this.drained?.reject(reason);
        this.closed?.reject(reason);
        controller.error(reason);
      } else if (this.closed) {
        this.closed.resolve();
      } else {
        // Ended by its owner, behind the back of the web stream.
        controller.error(new AbortError());
      }
    });
    writable.on('drain', onDrain);
  }

  async write(chunk) {
    if (this.writable.write(chunk)) return;
    this.drained = Promise.withResolvers();
    try {
      await this.drained.promise;
    } finally {
      this.drained = undefined;
    }
  }

  close() {
    this.closed = Promise.withResolvers();
    if (!isWritableEnded(this.writable)) this.writable.end();
    return this.closed.promise;
  }

  abort(reason) {
    destroyStream(this.writable, reason);
  }
}

function closedWritable() {
  const stream = new WritableStream();
  stream.close();
  return stream;
}

function closedReadable() {
  const stream = new ReadableStream();
  stream.cancel();
  return stream;
}

function duplexToWeb(duplex, options = {}) {
  if (typeof duplex?._writableState !== 'object' || typeof duplex._readableState !== 'object') {
    throw new codes.ERR_INVALID_ARG_TYPE('duplex', 'stream.Duplex', duplex);
  }
  validate.object(options, 'options');
  return {
    readable: isDestroyed(duplex) || !isReadable(duplex) ? closedReadable() : readableToWeb(duplex, options),
    writable: writableToWeb(duplex),
  };
}

// ---- Web to Node --------------------------------------------------------------------------------

// Hands a promise's outcome to a callback. What the callback throws is no rejection.
function answer(promise, callback) {
  promise.then(() => callback(), (error) => callback(error ?? new AbortError())).catch((error) => {
    process.nextTick(() => { throw error; });
  });
}

// Reads a web stream on behalf of a Node stream.
class WebReading {
  constructor(stream) {
    this.reader = stream.getReader();
    this.isClosed = false;
  }

  // `node` is the stream that `read` pushes to.
  attach(node) {
    this.reader.closed.then(() => { this.isClosed = true; }, (error) => {
      this.isClosed = true;
      destroyStream(node, error);
    });
  }

  read(node) {
    this.reader.read().then(({ value, done }) => node.push(done ? null : value), (error) => destroyStream(node, error));
  }

  async cancel(reason) {
    if (!this.isClosed) await this.reader.cancel(reason);
  }
}

// Writes to a web stream on behalf of a Node stream.
class WebWriting {
  constructor(stream) {
    this.writer = stream.getWriter();
    this.isClosed = false;
  }

  attach(node) {
    this.writer.closed.then(() => {
      this.isClosed = true;
      // Closed by its sink, while the Node stream still has something to write.
      if (!isWritableEnded(node)) destroyStream(node, new codes.ERR_STREAM_PREMATURE_CLOSE());
    }, (error) => {
      this.isClosed = true;
      destroyStream(node, error);
    });
  }

  async write(chunk) {
    await this.writer.ready;
    await this.writer.write(chunk);
  }

  async writeAll(chunks) {
    await this.writer.ready;
    await Promise.all(chunks.map(({ chunk }) => this.writer.write(chunk)));
  }

  async close() {
    if (!this.isClosed) await this.writer.close();
  }

  // Without an error what is under way is let through.
  async abort(error) {
    if (this.isClosed) return;
    await (error ? this.writer.abort(error) : this.writer.close());
  }
}

function checkedFlags(options, ...names) {
  for (const name of names) if (options[name] !== undefined) validate.boolean(options[name], `options.${name}`);
}

function readableFromWeb(stream, options = {}) {
  if (!isReadableStream(stream)) throw new codes.ERR_INVALID_ARG_TYPE('readableStream', 'ReadableStream', stream);
  validate.object(options, 'options');
  const { highWaterMark, encoding, objectMode, signal } = options;
  checkEncoding(encoding);
  checkedFlags(options, 'objectMode');
  const reading = new WebReading(stream);
  const readable = new Readable({
    objectMode, highWaterMark, encoding, signal,
    read() { reading.read(this); },
    destroy(error, callback) { answer(reading.cancel(error), (failure) => callback(failure ?? error)); },
  });
  reading.attach(readable);
  return readable;
}

function writableFromWeb(stream, options = {}) {
  if (!isWritableStream(stream)) throw new codes.ERR_INVALID_ARG_TYPE('writableStream', 'WritableStream', stream);
  validate.object(options, 'options');
  const { highWaterMark, decodeStrings, objectMode, signal } = options;
  checkedFlags(options, 'objectMode', 'decodeStrings');
  const writing = new WebWriting(stream);
  const writable = new Writable({
    objectMode, highWaterMark, decodeStrings, signal,
    ...writeMethods(writing),
    destroy(error, callback) { answer(writing.abort(error), (failure) => callback(failure ?? error)); },
  });
  writing.attach(writable);
  return writable;
}

function duplexFromWeb(pair, options = {}) {
  validate.object(pair, 'pair');
  const { readable, writable } = pair;
  if (!isReadableStream(readable)) throw new codes.ERR_INVALID_ARG_TYPE('pair.readable', 'ReadableStream', readable);
  if (!isWritableStream(writable)) throw new codes.ERR_INVALID_ARG_TYPE('pair.writable', 'WritableStream', writable);
  validate.object(options, 'options');
  const { allowHalfOpen, objectMode, encoding, decodeStrings, highWaterMark, signal } = options;
  checkEncoding(encoding);
  checkedFlags(options, 'allowHalfOpen', 'objectMode', 'decodeStrings');
  const reading = new WebReading(readable);
  const writing = new WebWriting(writable);
  const duplex = new Duplex({
    allowHalfOpen, objectMode, encoding, decodeStrings, highWaterMark, signal,
    read() { reading.read(this); },
    ...writeMethods(writing),
    destroy(error, callback) {
      answer(Promise.all([writing.abort(error), reading.cancel(error)]), (failure) => callback(failure ?? error));
    },
  });
  reading.attach(duplex);
  writing.attach(duplex);
  return duplex;
}

const writeMethods = (writing) => ({
  write(chunk, encoding, callback) { answer(writing.write(chunk), callback); },
  writev(chunks, callback) { answer(writing.writeAll(chunks), callback); },
  final(callback) { answer(writing.close(), callback); },
});

function checkEncoding(encoding) {
  if (encoding !== undefined && !Buffer.isEncoding(encoding)) throw new codes.ERR_INVALID_ARG_VALUE('options.encoding', encoding);
}

module.exports = { readableToWeb, writableToWeb, duplexToWeb, readableFromWeb, writableFromWeb, duplexFromWeb };
