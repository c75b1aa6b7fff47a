'use strict';
// Writable. Authority: https://nodejs.org/api/stream.html#writable-streams
//
// One call of _write (or _writev) at a time; what is written meanwhile, while corked, or before
// construction is buffered. write() says false once that exceeds the limit, and 'drain' follows
// when all of it has been taken. The callback of a write that was answered inside _write comes a
// tick later, otherwise at once.

const process = require('process');
const { Stream } = require('internal/streams/legacy');
const { codes, AbortError } = require('internal/errors');
const { destroy, undestroy, fail, construct } = require('internal/streams/lifecycle');
const { WritableState } = require('internal/streams/writable_state');
const { Buffer, asBuffer } = require('internal/streams/bytes');
const { enqueue, drainBuffer, dropBuffer, finishMaybe, noop } = require('internal/streams/writable_queue');

module.exports = Writable;

function Writable(options) {
  // A Duplex is a Readable by prototype and a Writable by `Symbol.hasInstance`.
  if (!(this instanceof Writable)) return new Writable(options);
  this._writableState = new WritableState(options, this, false);
  if (options) {
    applyWritableOptions(this, options);
    if (typeof options.destroy === 'function') this._destroy = options.destroy;
    if (typeof options.construct === 'function') this._construct = options.construct;
    if (options.signal) require('internal/streams/abort_signal').addAbortSignal(options.signal, this);
  }
  Stream.call(this, options);
  if (this._construct != null) construct(this, () => writableReady(this));
}
Object.setPrototypeOf(Writable.prototype, Stream.prototype);
Object.setPrototypeOf(Writable, Stream);

Object.defineProperty(Writable, Symbol.hasInstance, {
  value(object) {
    if (Function.prototype[Symbol.hasInstance].call(this, object)) return true;
    return this === Writable && object?._writableState instanceof WritableState;
  },
});

function applyWritableOptions(stream, options) {
  if (typeof options.write === 'function') stream._write = options.write;
  if (typeof options.writev === 'function') stream._writev = options.writev;
  if (typeof options.final === 'function') stream._final = options.final;
}

// _construct has succeeded: what was written meanwhile can begin.
function writableReady(stream) {
  const state = stream._writableState;
  if (!state.writing) drainBuffer(stream, state);
  if (state.ending) finishMaybe(stream, state);
}

Writable.WritableState = WritableState;
Writable.prototype.pipe = function() { fail(this, new codes.ERR_STREAM_CANNOT_PIPE()); };

// ---- Writing ------------------------------------------------------------------------------------

// Returns whether there is room for more, or the error that refused the chunk.
function write(stream, chunk, givenEncoding, givenCallback) {
  const state = stream._writableState;
  let encoding = givenEncoding;
  let callback = givenCallback;
  if (typeof encoding === 'function') {
    callback = encoding;
    encoding = null;
  }
  if (typeof callback !== 'function') callback = noop;

  let value = chunk;
  if (chunk === null) throw new codes.ERR_STREAM_NULL_VALUES();
  // Objects go through as they are, with whatever encoding came along.
  if (!state.objectMode) {
    if (typeof chunk === 'string') {
      if (!encoding) encoding = state.defaultEncoding;
      else if (encoding !== 'buffer' && !Buffer.isEncoding(encoding)) throw new codes.ERR_UNKNOWN_ENCODING(encoding);
      if (state.decodeStrings) {
        value = Buffer.from(chunk, encoding);
        encoding = 'buffer';
      }
    } else {
      value = asBuffer(chunk);
      if (value === null) {
        throw new codes.ERR_INVALID_ARG_TYPE('chunk', ['string', 'Buffer', 'TypedArray', 'DataView'], chunk);
      }
      encoding = 'buffer';
    }
  }

  let error;
  if (state.ending) error = new codes.ERR_STREAM_WRITE_AFTER_END();
  else if (state.destroyed) error = new codes.ERR_STREAM_DESTROYED('write');
  if (error) {
    process.nextTick(callback, error);
    fail(stream, error, true);
    return error;
  }
  state.pendingcb++;
  return enqueue(stream, state, value, encoding, callback);
}

Writable.prototype.write = function(chunk, encoding, callback) {
  return write(this, chunk, encoding, callback) === true;
};

Writable.prototype._write = function(chunk, encoding, callback) {
  if (!this._writev) throw new codes.ERR_METHOD_NOT_IMPLEMENTED('_write()');
  this._writev([{ chunk, encoding }], callback);
};
Writable.prototype._writev = null;

Writable.prototype.cork = function() { this._writableState.corked++; };

Writable.prototype.uncork = function() {
  const state = this._writableState;
  if (!state.corked) return;
  state.corked--;
  if (!state.writing) drainBuffer(this, state);
};

Writable.prototype.setDefaultEncoding = function(encoding) {
  const name = typeof encoding === 'string' ? encoding.toLowerCase() : encoding;
  if (!Buffer.isEncoding(name)) throw new codes.ERR_UNKNOWN_ENCODING(encoding);
  this._writableState.defaultEncoding = name;
  return this;
};

// ---- Ending -------------------------------------------------------------------------------------

Writable.prototype.end = function(givenChunk, givenEncoding, givenCallback) {
  let chunk = givenChunk;
  let encoding = givenEncoding;
  let callback = givenCallback;
  if (typeof chunk === 'function') {
    callback = chunk;
    chunk = null;
    encoding = null;
  } else if (typeof encoding === 'function') {
    callback = encoding;
    encoding = null;
  }
  const state = this._writableState;
  let error;
  if (chunk !== null && chunk !== undefined) {
    const result = write(this, chunk, encoding);
    if (result instanceof Error) error = result;
  }
  // end() takes off all corks.
  if (state.corked) {
    state.corked = 1;
    this.uncork();
  }
  if (!error) {
    if (!state.errored && !state.ending) {
      state.ending = true;
      finishMaybe(this, state, true);
      state.ended = true;
    } else if (state.finished) error = new codes.ERR_STREAM_ALREADY_FINISHED('end');
    else if (state.destroyed) error = new codes.ERR_STREAM_DESTROYED('end');
  }
  if (typeof callback === 'function') {
    if (error) process.nextTick(callback, error);
    else if (state.errored) process.nextTick(callback, state.errored);
    else if (state.finished) process.nextTick(callback);
    else state.onFinished.push(callback);
  }
  return this;
};

// ---- Destruction --------------------------------------------------------------------------------

Writable.prototype.destroy = function(error, callback) {
  const state = this._writableState;
  if (!state.destroyed && (state.bufferedIndex < state.buffered.length || state.onFinished.length > 0)) {
    process.nextTick(dropBuffer, state);
  }
  destroy.call(this, error, callback);
  return this;
};
Writable.prototype._undestroy = undestroy;
Writable.prototype._destroy = function(error, callback) { callback(error); };
Writable.prototype[Symbol.for('nodejs.rejection')] = function(error) { this.destroy(error); };

Writable.prototype[Symbol.asyncDispose] = async function() {
  if (!this.destroyed) this.destroy(this.writableFinished ? null : new AbortError());
  await new Promise((resolve, reject) => {
    require('internal/streams/finished').finished(this, (error) => {
      if (error && error.name !== 'AbortError') reject(error);
      else resolve();
    });
  });
};

Writable.fromWeb = function(writableStream, options) {
  return require('internal/streams/web_adapters').writableFromWeb(writableStream, options);
};
Writable.toWeb = function(writable) {
  return require('internal/streams/web_adapters').writableToWeb(writable);
};

// ---- What a Writable tells about itself ---------------------------------------------------------

// A Duplex has the first group as well.
const shared = {
  writable: {
    get() {
      const state = this._writableState;
      return !!state && state.writable !== false && !state.destroyed && !state.errored && !state.ending && !state.ended;
    },
    set(value) {
      if (this._writableState) this._writableState.writable = !!value;
    },
  },
  writableFinished: { get() { return this._writableState ? this._writableState.finished : false; } },
  writableObjectMode: { get() { return this._writableState ? this._writableState.objectMode : false; } },
  writableBuffer: { get() { return this._writableState?.getBuffer(); } },
  writableEnded: { get() { return this._writableState ? this._writableState.ending : false; } },
  writableNeedDrain: {
    get() {
      const state = this._writableState;
      return state ? !state.destroyed && !state.ending && state.needDrain : false;
    },
  },
  writableHighWaterMark: { get() { return this._writableState?.highWaterMark; } },
  writableCorked: { get() { return this._writableState ? this._writableState.corked : 0; } },
  writableLength: { get() { return this._writableState?.length; } },
};
Object.defineProperties(Writable.prototype, {
  ...shared,
  closed: { get() { return this._writableState ? this._writableState.closed : false; } },
  destroyed: {
    get() { return this._writableState ? this._writableState.destroyed : false; },
    set(value) {
      if (this._writableState) this._writableState.destroyed = value;
    },
  },
  errored: { get() { return this._writableState ? this._writableState.errored : null; } },
  writableAborted: {
    get() {
      const state = this._writableState;
      return !!(state.writable !== false && (state.destroyed || state.errored) && !state.finished);
    },
  },
});

// For Duplex only; not part of the module's interface to programs.
Object.defineProperty(Writable, 'forDuplex', { value: { applyWritableOptions, writableReady, shared }, enumerable: false });
