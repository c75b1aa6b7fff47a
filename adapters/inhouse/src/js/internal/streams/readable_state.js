'use strict';
// What a Readable knows about itself, and the queue of chunks that were pushed and not yet read.
// The field names are read by programs (`stream._readableState.flowing`), so they are Node's.

const { getDefault, limitFor } = require('internal/streams/high_water_mark');
const { checkedEncoding } = require('internal/streams/bytes');

class ReadableState {
  constructor(options, isDuplex) {
    this.objectMode = !!options?.objectMode || !!(isDuplex && options?.readableObjectMode);
    // How much may be buffered before the source is no longer asked: bytes, or objects.
    this.highWaterMark = options ? limitFor(this, options, 'readableHighWaterMark', isDuplex) : getDefault(false);
    this.buffer = [];           // chunks; those before `bufferIndex` are taken already
    this.bufferIndex = 0;
    this.length = 0;            // what is buffered, in the unit of `highWaterMark`
    this.pipes = [];
    this.flowing = null;        // null: nobody has decided yet; true: 'data' events; false: paused
    this.paused = false;        // pause() was called, and not resume() since
    this.ended = false;         // the source is exhausted (push(null))
    this.endUntold = false;     // it ended inside _read while nobody waited for 'readable'
    this.endEmitted = false;
    this.reading = false;       // between a call of _read and the push that answers it
    this.sync = true;           // inside that call of _read
    this.needReadable = false;  // somebody waits for 'readable'
    this.emittedReadable = false;
    this.readableListening = false;
    this.dataListening = false;
    this.resumeScheduled = false;
    this.readingMore = false;
    this.dataEmitted = false;
    // Whom to wait for before flowing on: one destination, or a set of them if there are several pipes.
    this.awaitDrainWriters = null;
    this.multiAwaitDrain = false;
    this.defaultEncoding = checkedEncoding(options?.defaultEncoding);
    this.decoder = null;
    this.encoding = null;
    this.constructed = true;
    this.afterConstruction = null;
    this.errored = null;
    this.errorEmitted = false;
    this.destroyed = false;
    this.closed = false;
    this.closeEmitted = false;
    this.emitClose = options?.emitClose !== false;
    this.autoDestroy = options?.autoDestroy !== false;
    if (options?.encoding) {
      const { StringDecoder } = require('string_decoder');
      this.decoder = new StringDecoder(options.encoding);
      this.encoding = options.encoding;
    }
  }

  get pipesCount() { return this.pipes.length; }
}

// ---- The queue ----------------------------------------------------------------------------------

// Taken slots are dropped in batches: `Array.prototype.shift` per chunk would be quadratic.
const MAX_TAKEN = 1024;

function compact(state) {
  if (state.bufferIndex === state.buffer.length) {
    state.buffer.length = 0;
    state.bufferIndex = 0;
  } else if (state.bufferIndex > MAX_TAKEN) {
    state.buffer.splice(0, state.bufferIndex);
    state.bufferIndex = 0;
  }
}

function takeFirst(state) {
  const chunk = state.buffer[state.bufferIndex];
  state.buffer[state.bufferIndex++] = null;
  compact(state);
  return chunk;
}

function putBack(state, chunk) {
  if (state.bufferIndex > 0) state.buffer[--state.bufferIndex] = chunk;
  else state.buffer.unshift(chunk);
}

function takeAll(state) {
  const chunks = state.bufferIndex === 0 ? state.buffer : state.buffer.slice(state.bufferIndex);
  state.buffer = [];
  state.bufferIndex = 0;
  return chunks;
}

// Takes `size` bytes (or characters, behind a decoder) off the front. An object counts as one;
// without a size everything goes. Does not touch `state.length`.
function take(state, size) {
  if (state.length === 0) return null;
  if (state.objectMode) return takeFirst(state);
  if (!size || size >= state.length) {
    const chunks = takeAll(state);
    if (state.decoder) return chunks.join('');
    if (chunks.length === 1) return chunks[0];
    return require('buffer').Buffer.concat(chunks, state.length);
  }
  const first = state.buffer[state.bufferIndex];
  if (size < first.length) {
    state.buffer[state.bufferIndex] = first.slice(size);
    return first.slice(0, size);
  }
  if (size === first.length) return takeFirst(state);
  const parts = [];
  let missing = size;
  while (missing > 0) {
    const chunk = state.buffer[state.bufferIndex];
    if (chunk.length > missing) {
      parts.push(chunk.slice(0, missing));
      state.buffer[state.bufferIndex] = chunk.slice(missing);
      missing = 0;
    } else {
      parts.push(takeFirst(state));
      missing -= chunk.length;
    }
  }
  return state.decoder ? parts.join('') : require('buffer').Buffer.concat(parts, size);
}

module.exports = { ReadableState, take, takeAll, putBack };
