'use strict';
// The streams of `zlib`: transforms whose steps are jobs of the thread pool.
// Authority: https://nodejs.org/api/zlib.html
//
// A step takes in what fits and makes at most the rest of one chunk of output (`chunkSize`). Output that fills its chunk means that
// there may be more, so another step follows; if the readable side is full by then, the step waits for the reader.

const process = require('process');
const Transform = require('internal/streams/transform');
const { codes, define } = require('internal/errors');
const { Buffer } = require('buffer');
const requests = require('internal/requests');
const { constants, read, bounded, effective } = require('internal/zlib/options');
const brotli = require('internal/zlib/brotli');

define('ERR_TRAILING_JUNK_AFTER_STREAM_END', TypeError, 'Trailing junk found after the end of the compressed stream');

const { Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH, Z_BLOCK, Z_PARTIAL_FLUSH } = constants;

// Flushes from the weakest to the strongest; brotli's operations, 0 to 2, are in this order too.
const STRENGTH = [Z_NO_FLUSH, Z_BLOCK, Z_PARTIAL_FLUSH, Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH];
const stronger = (one, other) => (STRENGTH.indexOf(one) >= STRENGTH.indexOf(other) ? one : other);

// An empty chunk that carries a flush through the stream, so that it keeps its place among the writes.
const kFlush = Symbol('kFlush');
const NAMES = Object.fromEntries(['Z_NEED_DICT', 'Z_STREAM_ERROR', 'Z_DATA_ERROR', 'Z_MEM_ERROR', 'Z_BUF_ERROR', 'Z_VERSION_ERROR']
  .map((name) => [constants[name], name]));

// The libraries' numbers overlap; what a brotli decoder finds wrong has a message of its own.
function failure({ code, message }) {
  const names = message === 'Decompression failed' ? brotli.names : NAMES;
  return Object.assign(new Error(message), { errno: code, code: names[code] });
}

class Zlib extends Transform {
  #codec;
  #options;
  #chunkUsed = 0;
  #level;
  #strategy;

  constructor(options, mode) {
    const settings = read(options, mode);
    super({ autoDestroy: true, ...options });
    this.#options = settings;
    this.#level = settings.level;
    this.#strategy = settings.strategy;
    this.bytesWritten = 0;
    this.#codec = mode.brotli ? brotli.open(mode, options, settings.dictionary) : host.zlib.open(
      mode.compresses, mode.format, effective(settings.level), settings.windowBits, settings.dictionary);
    if (this.#codec.state().code < 0) throw new codes.ERR_ZLIB_INITIALIZATION_FAILED();
  }

  get _maxOutputLength() { return this.#options.maxOutputLength; }
  get _info() { return this.#options.info; }
  get _level() { return this.#level; }
  get _strategy() { return this.#strategy; }
  get _handle() { return this.#codec; }
  get _closed() { return this.#codec === undefined; }

  get bytesRead() { return this.bytesWritten; }
  set bytesRead(value) { this.bytesWritten = value; }

  // ---- The transform ----

  _transform(chunk, encoding, callback) {
    let flush = typeof chunk[kFlush] === 'number' ? chunk[kFlush] : this.#options.flush;
    if (this.writableEnded && this.writableLength === chunk.byteLength) flush = stronger(flush, this.#options.finishFlush);
    if (this.#codec === undefined) {
      process.nextTick(callback);
      return;
    }
    this.#codec.feed(chunk);
    this.#step(flush, chunk.byteLength, callback);
  }

  _flush(callback) { this._transform(Buffer.alloc(0), '', callback); }

  // The flush comes with 'prefinish', which does not wait for it: 'finish' says that all was taken in, not that all has come out.
  _final(callback) { callback(); }

  #step(flush, before, callback) {
    const room = this.#options.chunkSize - this.#chunkUsed;
    const codec = this.#codec;
    requests.add(codec.submit(flush, room), (_, output) => {
      if (this.destroyed || this.#codec === undefined) {
        callback();
        return;
      }
      const state = codec.state();
      if (state.message != null) {
        this.destroy(failure(state));
        return;
      }
      this.#took(before - state.left, output.byteLength, room);
      let full = false;
      if (output.byteLength > 0) full = !this.push(Buffer.from(output.buffer));
      if (this.destroyed) {
        callback();
        return;
      }
      if (output.byteLength === room) {
        this.#afterReader(full, () => this.#step(flush, state.left, callback));
      } else if (state.left > 0) {
        this.#ended(callback);
      } else {
        callback();
      }
    });
  }

  #took(input, output, room) {
    this.bytesWritten += input;
    this.#chunkUsed = output === room ? 0 : this.#chunkUsed + output;
  }

  // Goes on at once, or when the reader asks for more.
  #afterReader(full, step) {
    if (!full) {
      step();
      return;
    }
    this._read = (size) => {
      delete this._read;
      step();
      this._read(size);
    };
  }

  // There was room for output, and still input is left: the compressed stream is over.
  #ended(callback) {
    if (this.#options.rejectGarbageAfterEnd) callback(new codes.ERR_TRAILING_JUNK_AFTER_STREAM_END());
    else this.push(null);
  }

  // ---- All at once, on the calling thread ----

  _processAll(input) {
    const codec = this.#codec;
    const parts = [];
    let size = 0;
    let before = input.byteLength;
    codec.feed(input);
    for (;;) {
      const room = this.#options.chunkSize;
      const output = codec.run(this.#options.finishFlush, room);
      const state = codec.state();
      if (state.message != null) {
        this.#codec = undefined;
        throw failure(state);
      }
      this.bytesWritten += before - state.left;
      before = state.left;
      parts.push(output);
      size += output.byteLength;
      if (size > this.#options.maxOutputLength) throw new codes.ERR_BUFFER_TOO_LARGE(this.#options.maxOutputLength);
      if (output.byteLength < room) break;
    }
    this.#codec = undefined;
    if (before > 0 && this.#options.rejectGarbageAfterEnd) throw new codes.ERR_TRAILING_JUNK_AFTER_STREAM_END();
    return Buffer.concat(parts, size);
  }

  // ---- What programs call ----

  flush(kind, callback) {
    if (typeof kind === 'function' || (kind === undefined && callback === undefined)) {
      callback = kind;
      kind = this.#options.fullFlush;
    }
    if (this.writableFinished) {
      if (callback) process.nextTick(callback);
    } else if (this.writableEnded) {
      if (callback) this.once('end', callback);
    } else {
      const carrier = Buffer.alloc(0);
      carrier[kFlush] = kind;
      this.write(carrier, '', callback);
    }
  }

  params(level, strategy, callback) {
    bounded(level, 'level', -1, 9);
    bounded(strategy, 'strategy', 0, 4);
    if (this.#level === level && this.#strategy === strategy) {
      process.nextTick(callback);
      return;
    }
    this.flush(Z_SYNC_FLUSH, () => {
      this.#codec?.level(effective(level));
      this.#level = level;
      this.#strategy = strategy;
      callback?.();
    });
  }

  reset() {
    if (this.#codec === undefined) throw new codes.ERR_INVALID_STATE('the zlib binding is closed');
    this.#codec.reset();
  }

  close(callback) {
    if (callback) require('internal/streams/finished').finished(this, callback);
    this.destroy();
  }

  _destroy(error, callback) {
    this.#codec = undefined;
    callback(error);
  }
}

module.exports = { Zlib };
