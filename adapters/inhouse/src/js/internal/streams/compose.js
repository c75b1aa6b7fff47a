'use strict';
// stream.compose and Readable.prototype.compose: several streams as one Duplex.
// Authority: https://nodejs.org/api/stream.html#streamcomposestreams

const Duplex = require('internal/streams/duplex');
const { AbortError, codes } = require('internal/errors');
const validate = require('internal/validate');
const { destroyStream } = require('internal/streams/lifecycle');
const { finished } = require('internal/streams/finished');
const { run } = require('internal/streams/pipeline');
const { linkWritable, wake } = require('internal/streams/pair_link');
const {
  isNodeStream, isReadable, isWritable, isWebStream, isReadableStream, isWritableStream, isTransformStream,
} = require('internal/streams/queries');

const canRead = (stream) => !!(isReadable(stream) || isReadableStream(stream) || isTransformStream(stream));
const canWrite = (stream) => !!(isWritable(stream) || isWritableStream(stream) || isTransformStream(stream));
const noop = () => {};

function compose(...given) {
  if (given.length === 0) throw new codes.ERR_MISSING_ARGS('streams');
  if (given.length === 1) return Duplex.from(given[0]);
  const streams = given.slice();
  const last = streams.length - 1;
  for (const at of [0, last]) {
    if (typeof streams[at] === 'function') streams[at] = Duplex.from(streams[at]);
  }
  for (let i = 0; i <= last; i++) {
    if (!isNodeStream(streams[i]) && !isWebStream(streams[i])) continue;
    if (i < last && !canRead(streams[i])) {
      throw new codes.ERR_INVALID_ARG_VALUE(`streams[${i}]`, given[i], 'must be readable');
    }
    if (i > 0 && !canWrite(streams[i])) {
      throw new codes.ERR_INVALID_ARG_VALUE(`streams[${i}]`, given[i], 'must be writable');
    }
  }

  const waits = { drain: null, finish: null };
  // What _destroy waits for: the end of the pipeline. null once that is known.
  let closing;
  const onPipelineEnd = (error) => {
    const callback = closing;
    closing = null;
    if (callback) callback(error);
    else if (error) duplex.destroy(error);
    else if (!readable && !writable) duplex.destroy();
  };

  const head = streams[0];
  const tail = run(streams, onPipelineEnd);
  const writable = canWrite(head);
  const readable = canRead(tail);
  const duplex = new Duplex({
    writableObjectMode: !!head?.writableObjectMode,
    readableObjectMode: !!tail?.readableObjectMode,
    writable,
    readable,
  });

  if (writable) {
    if (isNodeStream(head)) linkWritable(duplex, head, waits);
    else linkWebWritable(duplex, isTransformStream(head) ? head.writable : head, waits);
    finished(isTransformStream(tail) ? tail.readable : tail, () => wake(waits, 'finish'));
  }
  if (readable) {
    if (isNodeStream(tail)) linkFlowing(duplex, tail);
    else linkWebReadable(duplex, isTransformStream(tail) ? tail.readable : tail);
  }
  duplex._destroy = (error, callback) => {
    const reason = !error && closing !== null ? new AbortError() : error;
    waits.drain = waits.finish = null;
    if (isNodeStream(tail)) destroyStream(tail, reason);
    if (closing === null) callback(reason);
    else closing = callback;
  };
  return duplex;
}

// The tail flows from the start, and is paused while the duplex has no room.
function linkFlowing(duplex, tail) {
  tail.on('data', (chunk) => {
    if (!duplex.push(chunk)) tail.pause();
  });
  tail.on('end', () => duplex.push(null));
  duplex._read = () => {
    if (tail.isPaused()) tail.resume();
  };
}

function linkWebWritable(duplex, webStream, waits) {
  const writer = webStream.getWriter();
  duplex._write = async (chunk, encoding, callback) => {
    try {
      await writer.ready;
      writer.write(chunk).catch(noop);
      callback();
    } catch (error) {
      callback(error);
    }
  };
  duplex._final = async (callback) => {
    try {
      await writer.ready;
      writer.close().catch(noop);
      waits.finish = callback;
    } catch (error) {
      callback(error);
    }
  };
}

function linkWebReadable(duplex, webStream) {
  const reader = webStream.getReader();
  duplex._read = async () => {
    for (;;) {
      try {
        const { value, done } = await reader.read();
        if (!duplex.push(value)) return;
        if (done) {
          duplex.push(null);
          return;
        }
      } catch {
        return;       // the pipeline reports it
      }
    }
  };
}

function composeOnto(source, stream, options) {
  if (options != null) validate.object(options, 'options');
  if (options?.signal != null) validate.abortSignal(options.signal, 'options.signal');
  if (isNodeStream(stream) && !isWritable(stream)) {
    throw new codes.ERR_INVALID_ARG_VALUE('stream', stream, 'must be writable');
  }
  const composed = compose(source, stream);
  if (options?.signal) require('internal/streams/abort_signal').addAbortSignal(options.signal, composed);
  return composed;
}

module.exports = { compose, composeOnto };
