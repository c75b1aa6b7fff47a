'use strict';
// stream.pipeline: streams, iterables, and functions that make one of the other, chained; one
// callback at the end, and nothing left open on failure.
// Authority: https://nodejs.org/api/stream.html#streampipelinesource-transforms-destination-callback

const process = require('process');
const { AbortError, codes, combineErrors } = require('internal/errors');
const validate = require('internal/validate');
const { addAbortListener } = require('internal/events/abort_listener');
const { destroyStream } = require('internal/streams/lifecycle');
const { finished } = require('internal/streams/finished');
const {
  isIterable, isNodeStream, isReadable, isReadableNodeStream, isReadableFinished,
  isReadableStream, isTransformStream, isWebStream,
} = require('internal/streams/queries');

const PREMATURE = 'ERR_STREAM_PREMATURE_CLOSE';

const noop = () => {};

function pipeline(...streams) {
  const callback = streams[streams.length - 1];
  validate.func(callback, 'streams[stream.length - 1]');
  streams.pop();
  let called = false;
  return run(streams, (...args) => {
    if (called) return;
    called = true;
    callback(...args);
  });
}

// stream/promises.pipeline; the last argument may be options.
function pipelinePromise(...streams) {
  return new Promise((resolve, reject) => {
    let options;
    const last = streams[streams.length - 1];
    if (last && typeof last === 'object' && !isNodeStream(last) && !isIterable(last) && !isWebStream(last)) {
      options = streams.pop();
      validate.abortSignal(options.signal, 'options.signal');
    }
    run(streams, (error, value) => {
      if (error) reject(error);
      else resolve(value);
    }, options);
  });
}

function run(givenStreams, callback, options) {
  const streams = givenStreams.length === 1 && Array.isArray(givenStreams[0]) ? givenStreams[0] : givenStreams;
  if (streams.length < 2) throw new codes.ERR_MISSING_ARGS('streams');

  const controller = new AbortController();
  const { signal } = controller;
  const outerSignal = options?.signal;
  validate.abortSignal(outerSignal, 'options.signal');

  let failure;
  let value;
  let pending = 0;              // links that are still to report
  const destroys = [];
  const lastCleanUps = [];      // what a destination that lives on must be rid of

  const abort = () => settle(new AbortError(undefined, { cause: outerSignal?.reason }), false);
  const subscription = outerSignal ? addAbortListener(outerSignal, abort) : undefined;

  // The first real error counts; a premature close or an abort is only the echo of one.
  function settle(error, last) {
    if (error && (!failure || failure.code === PREMATURE || failure.name === 'AbortError')) failure = error;
    if (!failure && !last) return;
    while (destroys.length > 0) destroys.shift()(failure);
    subscription?.[Symbol.dispose]();
    controller.abort();
    if (last) {
      if (!failure) lastCleanUps.forEach((cleanUp) => cleanUp());
      process.nextTick(callback, failure, value);
    }
  }
  const report = (error) => settle(error, --pending === 0);
  const reportErrorOnly = (error) => settle(error, false);

  let current;
  for (let i = 0; i < streams.length; i++) {
    const stream = streams[i];
    const isLast = i === streams.length - 1;
    const end = !isLast || options?.end !== false;

    if (isNodeStream(stream)) {
      const next = streams[i + 1];
      if (next?.closed || next?.destroyed) throw new codes.ERR_STREAM_UNABLE_TO_PIPE();
      if (end) {
        const guard = guardStream(stream, !isLast, i > 0);
        destroys.push(guard.destroy);
        if (isReadable(stream) && isLast) lastCleanUps.push(guard.cleanUp);
      }
      // Errors may come after a link has reported; they must not be uncaught.
      const onError = (error) => {
        if (error && error.name !== 'AbortError' && error.code !== PREMATURE) reportErrorOnly(error);
      };
      stream.on('error', onError);
      if (isReadable(stream) && isLast) lastCleanUps.push(() => stream.removeListener('error', onError));
    }

    if (i === 0) current = startWith(stream, signal);
    else if (typeof stream === 'function') {
      current = stream(asAsyncIterable(isTransformStream(current) ? current.readable : current), { signal });
      if (!isLast) {
        if (!isIterable(current, 'async')) {
          throw new codes.ERR_INVALID_RETURN_VALUE('AsyncIterable', `transform[${i - 1}]`, current);
        }
      } else current = endWith(current, end);
    } else if (isNodeStream(stream)) {
      if (isReadableNodeStream(current)) {
        pending += 2;
        const cleanUp = link(current, stream, report, reportErrorOnly, end);
        if (isReadable(stream) && isLast) lastCleanUps.push(cleanUp);
      } else {
        const source = isTransformStream(current) ? current.readable : current;
        if (!isReadableStream(source) && !isIterable(source)) throw notReadable(current);
        pending++;
        pumpToNode(source, stream, report, end);
      }
      current = stream;
    } else if (isWebStream(stream)) {
      let source;
      if (isReadableNodeStream(current)) source = asAsyncIterable(current);
      else if (isReadableStream(current) || isIterable(current)) source = current;
      else if (isTransformStream(current)) source = current.readable;
      else throw notReadable(current);
      pending++;
      pumpToWeb(source, stream, report, end);
      current = stream;
    } else current = require('internal/streams/duplex').from(stream);
  }

  // The value of an async function at the end, behind a stream that programs may listen to.
  function endWith(result, end) {
    const PassThrough = require('internal/streams/passthrough');
    const tail = new PassThrough({ objectMode: true });
    const then = result?.then;
    if (typeof then === 'function') {
      pending++;
      then.call(result, (answer) => {
        value = answer;
        if (answer != null) tail.write(answer);
        if (end) tail.end();
        process.nextTick(report);
      }, (error) => {
        tail.destroy(error);
        process.nextTick(report, error);
      });
    } else {
      const source = isTransformStream(result) ? result.readable : result;
      if (!isIterable(result, 'async') && !isReadableStream(source)) {
        throw new codes.ERR_INVALID_RETURN_VALUE('AsyncIterable or Promise', 'destination', result);
      }
      pending++;
      pumpToNode(source, tail, report, end);
    }
    const guard = guardStream(tail, false, true);
    destroys.push(guard.destroy);
    lastCleanUps.push(guard.cleanUp);
    return tail;
  }

  if (signal.aborted || outerSignal?.aborted) process.nextTick(abort);
  return current;
}

function notReadable(value) {
  return new codes.ERR_INVALID_ARG_TYPE('val',
    ['Readable', 'Iterable', 'AsyncIterable', 'ReadableStream', 'TransformStream'], value);
}

function startWith(stream, signal) {
  if (typeof stream === 'function') {
    const made = stream({ signal });
    if (!isIterable(made)) throw new codes.ERR_INVALID_RETURN_VALUE('Iterable, AsyncIterable or Stream', 'source', made);
    return made;
  }
  if (isIterable(stream) || isReadableNodeStream(stream) || isTransformStream(stream)) return stream;
  return require('internal/streams/duplex').from(stream);
}

function asAsyncIterable(value) {
  if (isIterable(value)) return value;
  if (isReadableNodeStream(value)) return iterateOld(value);
  throw notReadable(value);
}

// Node's own iterator, also for streams that hide theirs.
async function* iterateOld(stream) {
  const Readable = require('internal/streams/readable');
  yield* Readable.prototype[Symbol.asyncIterator].call(stream);
}

// Destroys the stream when the pipeline breaks, unless it has ended well by itself.
function guardStream(stream, reading, writing) {
  let over = false;
  stream.on('close', () => { over = true; });
  const cleanUp = finished(stream, { readable: reading, writable: writing }, (error) => { over = !error; });
  return {
    destroy(error) {
      if (over) return;
      over = true;
      destroyStream(stream, error || new codes.ERR_STREAM_DESTROYED('pipe'));
    },
    cleanUp,
  };
}

// ---- Links --------------------------------------------------------------------------------------

// Reports twice: for the source, and for the destination.
function link(source, destination, report, reportErrorOnly, end) {
  let ended = false;
  destination.on('close', () => {
    if (!ended) reportErrorOnly(new codes.ERR_STREAM_PREMATURE_CLOSE());
  });
  // pipe() would end it only if the source ends by event, and leave it open on failure.
  source.pipe(destination, { end: false });
  if (end) {
    const endDestination = () => {
      ended = true;
      destination.end();
    };
    if (isReadableFinished(source)) process.nextTick(endDestination);
    else source.once('end', endDestination);
  } else report();

  finished(source, { readable: true, writable: false }, (error) => {
    const state = source._readableState;
    if (error && error.code === PREMATURE && state?.ended && !state.errored && !state.errorEmitted) {
      // Closed by others after all was pushed: what is buffered is still on its way.
      source.once('end', report).once('error', report);
    } else report(error);
  });
  return finished(destination, { readable: false, writable: true }, report);
}

async function pumpToNode(iterable, writable, report, end) {
  let failure;
  let wake = null;
  const onChange = (error) => {
    if (error) failure = error;
    const waiting = wake;
    wake = null;
    waiting?.();
  };
  const wait = () => new Promise((resolve, reject) => {
    if (failure) reject(failure);
    else {
      wake = () => {
        if (failure) reject(failure);
        else resolve();
      };
    }
  });
  writable.on('drain', onChange);
  const cleanUp = finished(writable, { readable: false }, onChange);
  try {
    if (writable.writableNeedDrain) await wait();
    for await (const chunk of iterable) {
      if (!writable.write(chunk)) await wait();
    }
    if (end) {
      writable.end();
      await wait();
    }
    report();
  } catch (error) {
    report(failure !== error ? combineErrors(failure, error) : error);
  } finally {
    cleanUp();
    writable.off('drain', onChange);
  }
}

async function pumpToWeb(iterable, webStream, report, end) {
  const writer = (isTransformStream(webStream) ? webStream.writable : webStream).getWriter();
  try {
    for await (const chunk of iterable) {
      await writer.ready;
      writer.write(chunk).catch(noop);
    }
    await writer.ready;
    if (end) await writer.close();
    report();
  } catch (error) {
    try {
      await writer.abort(error);
      report(error);
    } catch (second) {
      report(second);
    }
  }
}

module.exports = { pipeline, pipelinePromise, run };
