'use strict';
// From write() to 'finish': the queue in front of _write, the callbacks after it, and the end.
// Authority: https://nodejs.org/api/stream.html (Event: 'drain', writable._writev, writable._final)

const process = require('process');
const { codes } = require('internal/errors');
const { fail } = require('internal/streams/lifecycle');

const noop = () => {};

// Below this many taken entries the array is left as it is.
const MAX_TAKEN = 256;

// ---- Into the implementation --------------------------------------------------------------------

// Hands the chunk to _write, or buffers it. Returns whether there is room for more.
function enqueue(stream, state, chunk, encoding, callback) {
  const size = state.objectMode ? 1 : chunk.length;
  state.length += size;
  if (state.writing || state.corked || state.errored || !state.constructed) {
    state.buffered.push({ chunk, encoding, callback });
    if (encoding !== 'buffer') state.allBuffers = false;
    if (callback !== noop) state.allNoop = false;
  } else {
    state.writelen = size;
    state.writecb = callback;
    state.writing = true;
    state.sync = true;
    stream._write(chunk, encoding, state.onwrite);
    state.sync = false;
  }
  // Looked at afterwards: what was taken at once needs no room, however large it was.
  const room = state.length < state.highWaterMark || state.length === 0;
  if (!room) state.needDrain = true;
  return room && !state.errored && !state.destroyed;
}

function hand(stream, state, many, size, chunk, encoding, callback) {
  state.writelen = size;
  state.writecb = callback;
  state.writing = true;
  state.sync = true;
  if (state.destroyed) state.onwrite(new codes.ERR_STREAM_DESTROYED('write'));
  else if (many) stream._writev(chunk, state.onwrite);
  else stream._write(chunk, encoding, state.onwrite);
  state.sync = false;
}

// Hands on what is buffered: everything at once by _writev, or one by one until an answer takes longer.
function drainBuffer(stream, state) {
  if (state.corked || state.bufferProcessing || state.destroyed || !state.constructed) return;
  const { buffered, bufferedIndex } = state;
  const count = buffered.length - bufferedIndex;
  if (count === 0) return;
  state.bufferProcessing = true;
  if (count > 1 && stream._writev) {
    state.pendingcb -= count - 1;     // one callback stands for all of them
    const chunks = bufferedIndex === 0 ? buffered : buffered.slice(bufferedIndex);
    chunks.allBuffers = state.allBuffers;
    const callback = state.allNoop ? noop : (error) => {
      for (const one of chunks) one.callback(error);
    };
    hand(stream, state, true, state.length, chunks, '', callback);
    state.resetBuffer();
  } else {
    let at = bufferedIndex;
    do {
      const { chunk, encoding, callback } = buffered[at];
      buffered[at++] = null;
      hand(stream, state, false, state.objectMode ? 1 : chunk.length, chunk, encoding, callback);
    } while (at < buffered.length && !state.writing);
    if (at === buffered.length) state.resetBuffer();
    else if (at > MAX_TAKEN) {
      buffered.splice(0, at);
      state.bufferedIndex = 0;
    } else state.bufferedIndex = at;
  }
  state.bufferProcessing = false;
}

// ---- Its answer ---------------------------------------------------------------------------------

// The callback that _write and _writev get.
function onWritten(stream, error) {
  const state = stream._writableState;
  const { sync, writecb: callback } = state;
  if (typeof callback !== 'function') {
    fail(stream, new codes.ERR_MULTIPLE_CALLBACK());
    return;
  }
  state.writing = false;
  state.writecb = null;
  state.length -= state.writelen;
  state.writelen = 0;

  if (error) {
    error.stack; // eslint-disable-line no-unused-expressions -- see markErrored in lifecycle
    if (!state.errored) state.errored = error;
    // A Duplex stops reading at once, before the error is told.
    if (stream._readableState && !stream._readableState.errored) stream._readableState.errored = error;
    if (sync) process.nextTick(tellFailure, stream, state, error, callback);
    else tellFailure(stream, state, error, callback);
    return;
  }
  if (state.buffered.length > state.bufferedIndex) drainBuffer(stream, state);
  if (!sync) {
    afterWrite(stream, state, 1, callback);
    return;
  }
  if (callback === noop) {
    // Nobody to call back: a tick only if somebody waits for 'drain', and in object mode.
    const needsTick = (state.needDrain && state.length === 0) || state.objectMode;
    if (needsTick && !state.afterWritePending) {
      state.afterWritePending = true;
      process.nextTick(afterWrite, stream, state, 1, callback);
    } else {
      state.pendingcb--;
      if (state.ending) finishMaybe(stream, state, true);
    }
    return;
  }
  // Equal callbacks in a row share one tick.
  if (state.afterWriteTickInfo !== null && state.afterWriteTickInfo.callback === callback) {
    state.afterWriteTickInfo.count++;
    return;
  }
  state.afterWriteTickInfo = { count: 1, callback, stream, state };
  state.afterWritePending = true;
  process.nextTick(afterWriteTick, state.afterWriteTickInfo);
}

function afterWriteTick({ stream, state, count, callback }) {
  state.afterWriteTickInfo = null;
  afterWrite(stream, state, count, callback);
}

function afterWrite(stream, state, count, callback) {
  state.afterWritePending = false;
  if (state.needDrain && state.length === 0 && !state.ending && !stream.destroyed) {
    state.needDrain = false;
    stream.emit('drain');
  }
  for (let left = count; left > 0; left--) {
    state.pendingcb--;
    callback(null);
  }
  if (state.destroyed) dropBuffer(state);
  if (state.ending) finishMaybe(stream, state, true);
}

function tellFailure(stream, state, error, callback) {
  --state.pendingcb;
  callback(error);
  dropBuffer(state);
  fail(stream, error);
}

// What can no longer be written: each callback gets the error.
function dropBuffer(state) {
  if (state.writing) return;
  for (let at = state.bufferedIndex; at < state.buffered.length; at++) {
    const { chunk, callback } = state.buffered[at];
    state.length -= state.objectMode ? 1 : chunk.length;
    callback(state.errored ?? new codes.ERR_STREAM_DESTROYED('write'));
  }
  callFinished(state, state.errored ?? new codes.ERR_STREAM_DESTROYED('end'));
  state.resetBuffer();
}

function callFinished(state, error) {
  const callbacks = state.onFinished;
  state.onFinished = [];
  for (const callback of callbacks) callback(error);
}

// ---- The end ------------------------------------------------------------------------------------

function canFinish(state) {
  return state.ending && !state.destroyed && state.constructed && state.length === 0 && !state.errored &&
    state.buffered.length === 0 && !state.finished && !state.writing && !state.errorEmitted && !state.closeEmitted;
}

// `deferred`: called from inside end() or a tick that others look at: 'finish' waits one more tick.
function finishMaybe(stream, state, deferred) {
  if (!canFinish(state)) return;
  callFinal(stream, state);
  if (state.pendingcb !== 0) return;
  if (deferred) {
    state.pendingcb++;
    process.nextTick(() => {
      if (canFinish(state)) finish(stream, state);
      else state.pendingcb--;
    });
  } else if (canFinish(state)) {
    state.pendingcb++;
    finish(stream, state);
  }
}

function callFinal(stream, state) {
  if (state.prefinished || state.finalCalled) return;
  if (typeof stream._final !== 'function' || state.destroyed) {
    state.prefinished = true;
    stream.emit('prefinish');
    return;
  }
  state.finalCalled = true;
  let called = false;
  const done = (error) => {
    if (called) {
      fail(stream, error ?? new codes.ERR_MULTIPLE_CALLBACK());
      return;
    }
    called = true;
    state.pendingcb--;
    if (error) {
      callFinished(state, error);
      fail(stream, error, state.sync);
    } else if (canFinish(state)) {
      state.prefinished = true;
      stream.emit('prefinish');
      // Counted, so that nothing else finishes the stream before that tick.
      state.pendingcb++;
      process.nextTick(finish, stream, state);
    }
  };
  state.sync = true;
  state.pendingcb++;
  try {
    stream._final(done);
  } catch (error) {
    done(error);
  }
  state.sync = false;
}

function finish(stream, state) {
  state.pendingcb--;
  state.finished = true;
  callFinished(state, null);
  stream.emit('finish');
  if (!state.autoDestroy) return;
  const readable = stream._readableState;
  if (!readable || (readable.autoDestroy && (readable.endEmitted || readable.readable === false))) stream.destroy();
}

module.exports = { enqueue, drainBuffer, dropBuffer, finishMaybe, onWritten, noop };
