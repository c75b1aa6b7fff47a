'use strict';
// Duplex.from: a Duplex of almost anything.
// Authority: https://nodejs.org/api/stream.html#streamduplexfromsrc

const process = require('process');
const Duplex = require('internal/streams/duplex');
const Readable = require('internal/streams/readable');
const Writable = require('internal/streams/writable');
const { AbortError, codes } = require('internal/errors');
const { destroyStream } = require('internal/streams/lifecycle');
const { finished } = require('internal/streams/finished');
const { from: fromIterable } = require('internal/streams/from');
const { linkWritable, linkReadable, wake } = require('internal/streams/pair_link');
const {
  isReadable, isWritable, isIterable, isNodeStream, isReadableNodeStream, isWritableNodeStream,
  isDuplexNodeStream, isReadableStream, isWritableStream,
} = require('internal/streams/queries');

class Duplexify extends Duplex {}

function from(body, name) {
  if (isDuplexNodeStream(body)) return body;
  if (isReadableNodeStream(body)) return fromPair({ readable: body });
  if (isWritableNodeStream(body)) return fromPair({ writable: body });
  if (isNodeStream(body)) return fromPair({ writable: false, readable: false });
  if (isReadableStream(body)) return fromPair({ readable: Readable.fromWeb(body) });
  if (isWritableStream(body)) return fromPair({ writable: Writable.fromWeb(body) });
  if (typeof body === 'function') return fromFunction(body, name);
  if (typeof Blob === 'function' && body instanceof Blob) return from(body.arrayBuffer(), name);
  if (isIterable(body)) return fromIterable(Duplexify, body, { objectMode: true, writable: false });
  if (isReadableStream(body?.readable) && isWritableStream(body?.writable)) return Duplexify.fromWeb(body);
  if (typeof body?.writable === 'object' || typeof body?.readable === 'object') {
    const readable = body?.readable && (isReadableNodeStream(body.readable) ? body.readable : from(body.readable, name));
    const writable = body?.writable && (isWritableNodeStream(body.writable) ? body.writable : from(body.writable, name));
    return fromPair({ readable, writable });
  }
  if (typeof body?.then === 'function') return fromPromise(body);
  throw new codes.ERR_INVALID_ARG_TYPE(name, ['Blob', 'ReadableStream', 'WritableStream', 'Stream', 'Iterable',
    'AsyncIterable', 'Function', '{ readable, writable } pair', 'Promise'], body);
}

function fromPromise(promise) {
  const duplex = new Duplexify({ objectMode: true, writable: false, read() {} });
  promise.then((value) => {
    if (value != null) duplex.push(value);
    duplex.push(null);
  }, (error) => destroyStream(duplex, error));
  return duplex;
}

// An async generator function reads what is written, and its yields are read; an async function
// only reads, and 'finish' waits for it.
function fromFunction(fn, name) {
  const { value, write, final, destroy } = feed(fn);
  if (isDuplexNodeStream(value)) return value;
  if (isIterable(value)) return fromIterable(Duplexify, value, { objectMode: true, write, final, destroy });
  if (typeof value?.then !== 'function') {
    throw new codes.ERR_INVALID_RETURN_VALUE('Iterable, AsyncIterable or AsyncFunction', name, value);
  }
  const settled = value.then((answer) => {
    if (answer != null) throw new codes.ERR_INVALID_RETURN_VALUE('nully', 'body', answer);
  }, (error) => destroyStream(duplex, error));
  const duplex = new Duplexify({
    objectMode: true,
    readable: false,
    write,
    final(callback) {
      final(async () => {
        try {
          await settled;
          process.nextTick(callback, null);
        } catch (error) {
          process.nextTick(callback, error);
        }
      });
    },
    destroy,
  });
  return duplex;
}

// Calls `fn` with an async iterable of what is written.
function feed(fn) {
  let next = Promise.withResolvers();
  const controller = new AbortController();
  const { signal } = controller;
  async function* written() {
    for (;;) {
      const { promise } = next;
      const { chunk, done, callback } = await promise;
      if (callback) process.nextTick(callback);
      if (done) return;
      if (signal.aborted) throw new AbortError(undefined, { cause: signal.reason });
      next = Promise.withResolvers();
      yield chunk;
    }
  }
  const value = fn(written(), { signal });
  return {
    value,
    write(chunk, encoding, callback) { next.resolve({ chunk, done: false, callback }); },
    final(callback) { next.resolve({ done: true, callback }); },
    destroy(error, callback) {
      controller.abort();
      next.resolve({ done: true });     // the function must not wait for ever
      callback(error);
    },
  };
}

function fromPair({ readable: source, writable: sink }) {
  const readableStream = source && typeof source.read !== 'function' ? Readable.wrap(source) : source;
  const writableStream = sink;
  const waits = { drain: null, finish: null, readable: null };
  // What _destroy waits for; null once a side has ended.
  let closing;
  const onSideEnd = (error) => {
    const callback = closing;
    closing = null;
    if (callback) callback(error);
    else if (error) duplex.destroy(error);
  };
  const readable = !!isReadable(readableStream);
  const writable = !!isWritable(writableStream);
  const duplex = new Duplexify({
    readableObjectMode: !!readableStream?.readableObjectMode,
    writableObjectMode: !!writableStream?.writableObjectMode,
    readable,
    writable,
  });
  if (writable) {
    finished(writableStream, (error) => {
      if (error) destroyStream(readableStream, error);
      onSideEnd(error);
    });
    linkWritable(duplex, writableStream, waits);
    writableStream.on('finish', () => wake(waits, 'finish'));
  }
  if (readable) {
    finished(readableStream, (error) => {
      if (error) destroyStream(writableStream, error);
      onSideEnd(error);
    });
    linkReadable(duplex, readableStream, waits);
  }
  duplex._destroy = (error, callback) => {
    const reason = !error && closing !== null ? new AbortError() : error;
    waits.readable = waits.drain = waits.finish = null;
    if (closing === null) {
      callback(reason);
      return;
    }
    closing = callback;
    destroyStream(writableStream, reason);
    destroyStream(readableStream, reason);
  };
  return duplex;
}

module.exports = { from };
