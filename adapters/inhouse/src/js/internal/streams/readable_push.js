'use strict';
// The producing half of a Readable: what a push does, when the source is asked for more, when
// 'readable', 'data' and 'end' are emitted.
// Authority: https://nodejs.org/api/stream.html#readablepushchunk-encoding and "Event: 'readable'"

const process = require('process');
const { codes } = require('internal/errors');
const { fail } = require('internal/streams/lifecycle');
const { putBack } = require('internal/streams/readable_state');
const { Buffer, asBuffer } = require('internal/streams/bytes');

// ---- Taking chunks from the implementation ------------------------------------------------------

// push() and unshift(). Returns whether the implementation may go on pushing.
function addChunk(stream, chunk, encoding, toFront) {
  const state = stream._readableState;
  if (state.objectMode) {
    if (chunk === null) return endOfData(stream, state);
    return accept(stream, state, chunk, state.decoder ? encoding : undefined, toFront);
  }
  if (chunk === null) return endOfData(stream, state);

  let bytes = chunk;
  let decoded = false;      // already text in the encoding that readers want
  if (typeof chunk === 'string') {
    const given = encoding || state.defaultEncoding;
    if (state.encoding === given) decoded = true;
    else if (toFront && state.encoding) {
      // Put back behind a decoder: it must come out as text again without passing through it.
      bytes = Buffer.from(chunk, given).toString(state.encoding);
    } else bytes = Buffer.from(chunk, given);
  } else if (chunk !== undefined) {
    bytes = asBuffer(chunk);
    if (bytes === null) {
      fail(stream, new codes.ERR_INVALID_ARG_TYPE('chunk', ['string', 'Buffer', 'TypedArray', 'DataView'], chunk));
      return false;
    }
  }
  if (!bytes || bytes.length <= 0) {
    // An empty chunk answers the request and carries nothing.
    if (!toFront) {
      state.reading = false;
      readMore(stream, state);
    }
    return wantsMore(state);
  }
  return accept(stream, state, bytes, decoded ? state.encoding : undefined, toFront);
}

function accept(stream, state, chunk, encoding, toFront) {
  if (toFront) {
    if (state.endEmitted) {
      fail(stream, new codes.ERR_STREAM_UNSHIFT_AFTER_END_EVENT());
      return wantsMore(state);
    }
    if (state.destroyed || state.errored) return false;
    store(stream, state, chunk, true);
    return wantsMore(state);
  }
  if (state.ended) {
    fail(stream, new codes.ERR_STREAM_PUSH_AFTER_EOF());
    return wantsMore(state);
  }
  if (state.destroyed || state.errored) return false;
  state.reading = false;
  if (state.decoder && !encoding) {
    const text = state.decoder.write(chunk);
    if (state.objectMode || text.length > 0) store(stream, state, text, false);
    else readMore(stream, state);
  } else store(stream, state, chunk, false);
  return wantsMore(state);
}

function wantsMore(state) {
  return !state.ended && (state.length < state.highWaterMark || state.length === 0);
}

function store(stream, state, chunk, toFront) {
  if (state.flowing && state.length === 0 && !state.sync && state.dataListening) {
    // Nothing is ahead of it and nobody is inside _read: it goes straight through.
    stopAwaitingDrain(state);
    state.dataEmitted = true;
    stream.emit('data', chunk);
  } else {
    state.length += state.objectMode ? 1 : chunk.length;
    if (toFront) putBack(state, chunk);
    else state.buffer.push(chunk);
    if (state.needReadable) announce(stream);
  }
  readMore(stream, state);
}

function stopAwaitingDrain(state) {
  if (state.multiAwaitDrain) state.awaitDrainWriters.clear();
  else state.awaitDrainWriters = null;
}

function endOfData(stream, state) {
  state.reading = false;
  if (state.ended) return false;
  const rest = state.decoder?.end();
  if (rest?.length) {
    state.buffer.push(rest);
    state.length += state.objectMode ? 1 : rest.length;
  }
  state.ended = true;
  if (state.sync) {
    // Inside _read: its caller still looks at the buffer, so wait a tick. Nobody to tell: no event,
    // until somebody listens for it.
    if (state.needReadable || state.flowing || state.readableListening) announce(stream);
    else state.endUntold = true;
  } else {
    state.needReadable = false;
    state.emittedReadable = true;
    emitReadable(stream);
  }
  return false;
}

// ---- Telling the consumer -----------------------------------------------------------------------

// 'readable', once, a tick from now.
function announce(stream) {
  const state = stream._readableState;
  state.needReadable = false;
  state.endUntold = false;
  if (state.emittedReadable) return;
  state.emittedReadable = true;
  process.nextTick(emitReadable, stream);
}

function emitReadable(stream) {
  const state = stream._readableState;
  if (!state.destroyed && !state.errored && (state.length || state.ended)) {
    stream.emit('readable');
    state.emittedReadable = false;
  }
  // The listeners may have read it all: then the next chunk must be announced again.
  if (!state.flowing && !state.ended && state.length <= state.highWaterMark) state.needReadable = true;
  flow(stream);
}

function flow(stream) {
  const state = stream._readableState;
  while (state.flowing && stream.read() !== null);
}

// 'end', a tick from now, once everything has been read.
function finishReading(stream) {
  const state = stream._readableState;
  if (state.endEmitted) return;
  state.ended = true;
  state.endUntold = false;
  process.nextTick(emitEnd, state, stream);
}

function emitEnd(state, stream) {
  if (state.errored || state.closeEmitted || state.endEmitted || state.length > 0) return;
  state.endEmitted = true;
  stream.emit('end');
  if (stream.writable && stream.allowHalfOpen === false) {
    process.nextTick(endOtherSide, stream);
  } else if (state.autoDestroy) {
    const writable = stream._writableState;
    if (!writable || (writable.autoDestroy && (writable.finished || writable.writable === false))) stream.destroy();
  }
}

function endOtherSide(stream) {
  if (stream.writable && !stream.writableEnded && !stream.destroyed) stream.end();
}

// ---- Asking the source for more -----------------------------------------------------------------

// Fills the buffer up to the limit, a tick from now, whether or not anybody reads.
function readMore(stream, state) {
  if (state.readingMore || state.reading || !state.constructed) return;
  state.readingMore = true;
  process.nextTick(fill, stream, state);
}

// Stops where a call of _read pushed nothing at once: its answer is still to come.
function fill(stream, state) {
  while (!state.reading && !state.ended &&
         (state.length < state.highWaterMark || (state.flowing && state.length === 0))) {
    const before = state.length;
    stream.read(0);
    if (state.length === before) break;
  }
  state.readingMore = false;
}

// _construct has succeeded: what was asked for meanwhile can begin.
function readableReady(stream) {
  if (stream._readableState.needReadable) readMore(stream, stream._readableState);
}

module.exports = { addChunk, stopAwaitingDrain, announce, flow, finishReading, readableReady };
