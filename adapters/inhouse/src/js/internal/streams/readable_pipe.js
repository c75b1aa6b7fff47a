'use strict';
// Readable.prototype.pipe and unpipe.
// Authority: https://nodejs.org/api/stream.html#readablepipedestination-options
//
// The source flows as long as every destination takes what it is given. A destination whose
// write() returned false is remembered in `awaitDrainWriters`; when its 'drain' has taken it off
// and nobody else is remembered, the source resumes: the slowest destination rules.

const process = require('process');
const { fail } = require('internal/streams/lifecycle');
const { putFirst } = require('internal/streams/legacy');

function pipe(destination, options) {
  const source = this;
  const state = this._readableState;
  if (state.pipes.length === 1 && !state.multiAwaitDrain) {
    state.multiAwaitDrain = true;
    state.awaitDrainWriters = new Set(state.awaitDrainWriters ? [state.awaitDrainWriters] : []);
  }
  state.pipes.push(destination);

  let onDrain = null;
  let cleanedUp = false;

  const endsDestination = options?.end !== false && !isStandardOutput(destination);
  const onEnd = endsDestination ? () => destination.end() : () => source.unpipe(destination);

  const pauseSource = () => {
    if (!cleanedUp) {
      if (state.pipes.length === 1 && state.pipes[0] === destination) {
        state.awaitDrainWriters = destination;
        state.multiAwaitDrain = false;
      } else if (state.pipes.length > 1 && state.pipes.includes(destination)) {
        state.awaitDrainWriters.add(destination);
      }
      source.pause();
    }
    if (!onDrain) {
      // Listened for from the first refusal on: most destinations never refuse.
      onDrain = () => drained(source, destination);
      destination.on('drain', onDrain);
    }
  };
  const onData = (chunk) => {
    let room;
    try {
      room = destination.write(chunk);
    } catch (error) {
      // A chunk that the destination cannot take at all is the destination's failure.
      destination.destroy(error);
      return;
    }
    if (room === false) pauseSource();
  };
  const onError = (error) => {
    detach();
    destination.removeListener('error', onError);
    if (destination.listenerCount('error') > 0) return;
    const target = destination._writableState || destination._readableState;
    if (target && !target.errorEmitted) fail(destination, error);
    else destination.emit('error', error);
  };
  const onClose = () => {
    destination.removeListener('finish', onFinish);
    detach();
  };
  const onFinish = () => {
    destination.removeListener('close', onClose);
    detach();
  };
  const onUnpipe = (from, info) => {
    if (from !== source || !info || info.hasUnpiped) return;
    info.hasUnpiped = true;
    cleanUp();
  };
  const detach = () => source.unpipe(destination);
  const cleanUp = () => {
    destination.removeListener('close', onClose);
    destination.removeListener('finish', onFinish);
    if (onDrain) destination.removeListener('drain', onDrain);
    destination.removeListener('error', onError);
    destination.removeListener('unpipe', onUnpipe);
    source.removeListener('end', onEnd);
    source.removeListener('data', onData);
    cleanedUp = true;
    // A destination that leaves while others wait for its 'drain' must not hold them up.
    if (onDrain && state.awaitDrainWriters) onDrain();
  };

  if (state.endEmitted) process.nextTick(onEnd);
  else source.once('end', onEnd);
  destination.on('unpipe', onUnpipe);
  source.on('data', onData);
  putFirst(destination, 'error', onError);
  destination.once('close', onClose);
  destination.once('finish', onFinish);

  destination.emit('pipe', source);
  if (destination.writableNeedDrain === true) pauseSource();
  else if (!state.flowing) source.resume();
  return destination;
}

function isStandardOutput(stream) {
  return stream === process.stdout || stream === process.stderr;
}

function drained(source, destination) {
  const state = source._readableState;
  if (state.awaitDrainWriters === destination) state.awaitDrainWriters = null;
  else if (state.multiAwaitDrain) state.awaitDrainWriters.delete(destination);
  if ((!state.awaitDrainWriters || state.awaitDrainWriters.size === 0) && source.listenerCount('data')) source.resume();
}

function unpipe(destination) {
  const state = this._readableState;
  if (state.pipes.length === 0) return this;
  if (!destination) {
    const all = state.pipes;
    state.pipes = [];
    this.pause();
    for (const one of all) one.emit('unpipe', this, { hasUnpiped: false });
    return this;
  }
  const at = state.pipes.indexOf(destination);
  if (at === -1) return this;
  state.pipes.splice(at, 1);
  if (state.pipes.length === 0) this.pause();
  destination.emit('unpipe', this, { hasUnpiped: false });
  return this;
}

module.exports = { pipe, unpipe };
