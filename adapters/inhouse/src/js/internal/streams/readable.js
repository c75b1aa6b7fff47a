'use strict';
// Readable: the consuming half. Authority: https://nodejs.org/api/stream.html#readable-streams
//
// Two ways to consume, one state: `flowing` true means that chunks are emitted as 'data' as they
// come; otherwise the consumer calls read(), told by 'readable' when it is worth it. A 'data'
// listener or pipe() starts the flow (a tick later), a 'readable' listener takes precedence over it.

const process = require('process');
const { Stream } = require('internal/streams/legacy');
const { codes, AbortError } = require('internal/errors');
const { destroy, undestroy, fail, construct } = require('internal/streams/lifecycle');
const { ReadableState, take, takeAll } = require('internal/streams/readable_state');
const { addChunk, stopAwaitingDrain, announce, flow, finishReading, readableReady } = require('internal/streams/readable_push');
const { pipe, unpipe } = require('internal/streams/readable_pipe');

// A single read() may raise the limit up to this: 1 GiB.
const MAX_HIGH_WATER_MARK = 0x40000000;

module.exports = Readable;

function Readable(options) {
  if (!(this instanceof Readable)) return new Readable(options);
  this._readableState = new ReadableState(options, false);
  if (options) {
    if (typeof options.read === 'function') this._read = options.read;
    if (typeof options.destroy === 'function') this._destroy = options.destroy;
    if (typeof options.construct === 'function') this._construct = options.construct;
    if (options.signal) require('internal/streams/abort_signal').addAbortSignal(options.signal, this);
  }
  Stream.call(this, options);
  if (this._construct != null) construct(this, () => readableReady(this));
}
Object.setPrototypeOf(Readable.prototype, Stream.prototype);
Object.setPrototypeOf(Readable, Stream);

Readable.ReadableState = ReadableState;
Readable._fromList = (size, state) => take(state, size);

Readable.prototype.destroy = destroy;
Readable.prototype._undestroy = undestroy;
Readable.prototype._destroy = function(error, callback) { callback(error); };
Readable.prototype._read = function() { throw new codes.ERR_METHOD_NOT_IMPLEMENTED('_read()'); };
Readable.prototype.push = function(chunk, encoding) { return addChunk(this, chunk, encoding, false); };
Readable.prototype.unshift = function(chunk, encoding) { return addChunk(this, chunk, encoding, true); };
Readable.prototype.pipe = pipe;
Readable.prototype.unpipe = unpipe;

Readable.prototype[Symbol.for('nodejs.rejection')] = function(error) { this.destroy(error); };

Readable.prototype.setEncoding = function(encoding) {
  const { StringDecoder } = require('string_decoder');
  const decoder = new StringDecoder(encoding);
  const state = this._readableState;
  state.decoder = decoder;
  state.encoding = decoder.encoding;
  // What is buffered already goes through it too, so that no character is cut in two.
  let text = '';
  for (const chunk of state.buffer.slice(state.bufferIndex)) text += decoder.write(chunk);
  takeAll(state);
  if (text !== '') state.buffer.push(text);
  state.length = text.length;
  return this;
};

// ---- read() -------------------------------------------------------------------------------------

function raisedLimit(size) {
  if (size > MAX_HIGH_WATER_MARK) throw new codes.ERR_OUT_OF_RANGE('size', '<= 1GiB', size);
  let limit = 1;
  while (limit < size) limit *= 2;
  return limit;
}

// How much a read(size) can give right now.
function available(size, state) {
  if (size <= 0 || (state.length === 0 && state.ended)) return 0;
  if (state.objectMode) return 1;
  if (Number.isNaN(size)) {
    // Chunk by chunk; only text behind a decoder, unless it flows, is given all at once.
    return (state.flowing || !state.decoder) && state.length ? state.buffer[state.bufferIndex].length : state.length;
  }
  if (size <= state.length) return size;
  return state.ended ? state.length : 0;
}

Readable.prototype.read = function(wanted) {
  let asked = wanted;
  if (asked === undefined) asked = NaN;
  else if (!Number.isInteger(asked)) asked = Number.parseInt(asked, 10);
  const state = this._readableState;
  if (asked > state.highWaterMark) state.highWaterMark = raisedLimit(asked);
  if (asked !== 0) state.emittedReadable = false;

  // read(0) asks for a refill; with enough in the buffer it only repeats the announcement.
  if (asked === 0 && state.needReadable &&
      ((state.highWaterMark !== 0 ? state.length >= state.highWaterMark : state.length > 0) || state.ended)) {
    if (state.length === 0 && state.ended) finishReading(this);
    else announce(this);
    return null;
  }

  let size = available(asked, state);
  if (size === 0 && state.ended) {
    if (state.length === 0) finishReading(this);
    return null;
  }

  // The source is asked before the chunk is taken: a source that answers at once adds to what is given.
  const low = state.needReadable || state.length === 0 || state.length - size < state.highWaterMark;
  if (low && !state.ended && !state.reading && !state.destroyed && !state.errored && state.constructed) {
    state.reading = true;
    state.sync = true;
    if (state.length === 0) state.needReadable = true;
    try {
      this._read(state.highWaterMark);
    } catch (error) {
      fail(this, error);
    }
    state.sync = false;
    if (!state.reading) size = available(asked, state);
  }

  const chunk = size > 0 ? take(state, size) : null;
  if (chunk === null) {
    state.needReadable = state.needReadable || state.length <= state.highWaterMark;
    size = 0;
  } else {
    state.length -= state.objectMode ? 1 : size;
    stopAwaitingDrain(state);
  }
  if (state.length === 0) {
    if (!state.ended) state.needReadable = true;
    if (asked !== size && state.ended) finishReading(this);
  }
  // An error that is set but not yet told does not hold data back; the event does.
  if (chunk !== null && !state.errorEmitted && !state.closeEmitted) {
    state.dataEmitted = true;
    this.emit('data', chunk);
  }
  return chunk;
};

// ---- Flowing and paused -------------------------------------------------------------------------

Readable.prototype.on = function(event, listener) {
  const result = Stream.prototype.on.call(this, event, listener);
  const state = this._readableState;
  if (event === 'data') {
    state.dataListening = true;
    if (this.listenerCount('readable') > 0) state.readableListening = true;
    // Paused on purpose stays paused.
    if (state.flowing !== false) this.resume();
  } else if (event === 'readable' && !state.endEmitted && !state.readableListening) {
    state.readableListening = true;
    state.needReadable = true;
    state.flowing = false;
    state.emittedReadable = false;
    if (state.length || state.endUntold) announce(this);
    if (!state.length && !state.reading) process.nextTick(askOnce, this);
  }
  return result;
};
Readable.prototype.addListener = Readable.prototype.on;

function askOnce(stream) {
  stream.read(0);
}

Readable.prototype.removeListener = function(event, listener) {
  const result = Stream.prototype.removeListener.call(this, event, listener);
  // A tick later: removing one 'readable' listener and adding another must not start the flow.
  if (event === 'readable') process.nextTick(reconsiderFlow, this);
  else if (event === 'data' && this.listenerCount('data') === 0) this._readableState.dataListening = false;
  return result;
};
Readable.prototype.off = Readable.prototype.removeListener;

Readable.prototype.removeAllListeners = function(event) {
  const result = Stream.prototype.removeAllListeners.apply(this, arguments);
  if (event === 'readable' || event === undefined) process.nextTick(reconsiderFlow, this);
  return result;
};

function reconsiderFlow(stream) {
  const state = stream._readableState;
  state.readableListening = stream.listenerCount('readable') > 0;
  if (state.resumeScheduled && !state.paused) state.flowing = true;
  else if (state.dataListening) stream.resume();
  else if (!state.readableListening) state.flowing = null;
}

// Both do nothing on a destroyed stream.
Readable.prototype.resume = function() {
  const state = this._readableState;
  if (state.destroyed) return this;
  if (!state.flowing) {
    // With a 'readable' listener the stream stays in that mode; 'resume' is emitted all the same.
    state.flowing = !state.readableListening;
    if (!state.resumeScheduled) {
      state.resumeScheduled = true;
      process.nextTick(startFlow, this, state);
    }
  }
  state.paused = false;
  return this;
};

function startFlow(stream, state) {
  if (!state.reading) stream.read(0);
  state.resumeScheduled = false;
  stream.emit('resume');
  flow(stream);
  if (state.flowing && !state.reading) stream.read(0);
}

Readable.prototype.pause = function() {
  const state = this._readableState;
  if (state.destroyed) return this;
  if (state.flowing !== false) {
    state.flowing = false;
    this.emit('pause');
  }
  state.paused = true;
  return this;
};

Readable.prototype.isPaused = function() {
  const state = this._readableState;
  return state.paused || state.flowing === false;
};

// ---- Other ways in and out ----------------------------------------------------------------------

// An emitter of 'data' and 'end' from before there was Readable.
Readable.prototype.wrap = function(old) {
  let paused = false;
  old.on('data', (chunk) => {
    if (!this.push(chunk) && old.pause) {
      paused = true;
      old.pause();
    }
  });
  old.on('end', () => this.push(null));
  old.on('error', (error) => fail(this, error));
  old.on('close', () => this.destroy());
  old.on('destroy', () => this.destroy());
  this._read = () => {
    if (paused && old.resume) {
      paused = false;
      old.resume();
    }
  };
  for (const name of Object.keys(old)) {
    if (this[name] === undefined && typeof old[name] === 'function') this[name] = old[name].bind(old);
  }
  return this;
};

Readable.prototype[Symbol.asyncIterator] = function() {
  return require('internal/streams/readable_iterator').iterate(this);
};

Readable.prototype.iterator = function(options) {
  if (options !== undefined) require('internal/validate').object(options, 'options');
  return require('internal/streams/readable_iterator').iterate(this, options);
};

Readable.prototype[Symbol.asyncDispose] = async function() {
  let reason = null;
  if (!this.destroyed) {
    reason = this.readableEnded ? null : new AbortError();
    this.destroy(reason);
  }
  await new Promise((resolve, reject) => {
    require('internal/streams/finished').finished(this, (error) => {
      if (error && error !== reason) reject(error);
      else resolve();
    });
  });
};

Readable.from = function(iterable, options) {
  return require('internal/streams/from').from(Readable, iterable, options);
};
Readable.fromWeb = function(readableStream, options) {
  return require('internal/streams/web_adapters').readableFromWeb(readableStream, options);
};
Readable.toWeb = function(readable, options) {
  return require('internal/streams/web_adapters').readableToWeb(readable, options);
};
Readable.wrap = function(source, options) {
  return new Readable({
    objectMode: source.readableObjectMode ?? source.objectMode ?? true,
    ...options,
    destroy(error, callback) {
      require('internal/streams/lifecycle').destroyStream(source, error);
      callback(error);
    },
  }).wrap(source);
};

// ---- What a Readable tells about itself ---------------------------------------------------------

function define(name, get, set) {
  Object.defineProperty(Readable.prototype, name, { get, set });
}

define('readable', function() {
  const state = this._readableState;
  return !!state && state.readable !== false && !state.destroyed && !state.errorEmitted && !state.endEmitted;
}, function(value) {
  if (this._readableState) this._readableState.readable = !!value;
});
define('readableDidRead', function() { return this._readableState.dataEmitted; });
define('readableAborted', function() {
  const state = this._readableState;
  return !!(state.readable !== false && (state.destroyed || state.errored) && !state.endEmitted);
});
define('readableHighWaterMark', function() { return this._readableState.highWaterMark; });
define('readableBuffer', function() { return this._readableState?.buffer; });
define('readableFlowing', function() { return this._readableState.flowing; }, function(value) {
  if (this._readableState) this._readableState.flowing = value;
});
define('readableLength', function() { return this._readableState.length; });
define('readableObjectMode', function() { return this._readableState ? this._readableState.objectMode : false; });
define('readableEncoding', function() { return this._readableState ? this._readableState.encoding : null; });
define('errored', function() { return this._readableState ? this._readableState.errored : null; });
define('closed', function() { return this._readableState ? this._readableState.closed : false; });
define('destroyed', function() { return this._readableState ? this._readableState.destroyed : false; }, function(value) {
  if (this._readableState) this._readableState.destroyed = value;
});
define('readableEnded', function() { return this._readableState ? this._readableState.endEmitted : false; });

// The iterator helpers, loaded when the first is called: name and number of arguments.
const streamHelpers = { drop: 1, filter: 2, flatMap: 2, map: 2, take: 1 };
const promiseHelpers = { every: 2, forEach: 2, reduce: 3, toArray: 1, some: 2, find: 2 };

function helper(name, length, call) {
  Object.defineProperties(call, { name: { value: name }, length: { value: length } });
  Object.defineProperty(Readable.prototype, name, { value: call, enumerable: false, writable: true, configurable: true });
}

for (const [name, length] of Object.entries(streamHelpers)) {
  helper(name, length, function(...args) {
    if (new.target) throw new codes.ERR_ILLEGAL_CONSTRUCTOR();
    return Readable.from(require('internal/streams/operators')[name].apply(this, args));
  });
}
for (const [name, length] of Object.entries(promiseHelpers)) {
  helper(name, length, function(...args) {
    if (new.target) throw new codes.ERR_ILLEGAL_CONSTRUCTOR();
    return require('internal/streams/operators')[name].apply(this, args);
  });
}
helper('compose', 2, function(stream, options) {
  return require('internal/streams/compose').composeOnto(this, stream, options);
});
