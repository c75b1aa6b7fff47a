'use strict';
// The base class of all streams, with the oldest `pipe`: it knows only 'data', 'end', 'close',
// pause() and resume(). Authority: https://nodejs.org/api/stream.html#compatibility-with-older-nodejs-versions

const process = require('process');
const EventEmitter = require('events');

function Stream(options) {
  EventEmitter.call(this, options);
}
Object.setPrototypeOf(Stream.prototype, EventEmitter.prototype);
Object.setPrototypeOf(Stream, EventEmitter);

Stream.prototype.pipe = function(destination, options) {
  const source = this;
  let ended = false;

  const onData = (chunk) => {
    if (destination.writable && destination.write(chunk) === false && source.pause) source.pause();
  };
  const onDrain = () => {
    if (source.readable && source.resume) source.resume();
  };
  const onEnd = () => {
    if (ended) return;
    ended = true;
    destination.end();
  };
  const onClose = () => {
    if (ended) return;
    ended = true;
    if (typeof destination.destroy === 'function') destination.destroy();
  };
  function onError(error) {
    cleanUp();
    if (EventEmitter.prototype.listenerCount.call(this, 'error') === 0) this.emit('error', error);
  }
  const cleanUp = () => {
    source.removeListener('data', onData);
    destination.removeListener('drain', onDrain);
    source.removeListener('end', onEnd);
    source.removeListener('close', onClose);
    source.removeListener('error', onError);
    destination.removeListener('error', onError);
    source.removeListener('end', cleanUp);
    source.removeListener('close', cleanUp);
    destination.removeListener('close', cleanUp);
  };

  source.on('data', onData);
  destination.on('drain', onDrain);
  // process.stdout and process.stderr outlive whatever is piped into them.
  if (!destination._isStdio && (!options || options.end !== false)) {
    source.on('end', onEnd);
    source.on('close', onClose);
  }
  putFirst(source, 'error', onError);
  putFirst(destination, 'error', onError);
  source.on('end', cleanUp);
  source.on('close', cleanUp);
  destination.on('close', cleanUp);
  destination.emit('pipe', source);
  return destination;
};

// A stream's own events come first, in this order, whenever they were first listened to.
Stream.prototype.eventNames = function eventNames() {
  const names = EventEmitter.prototype.eventNames.call(this);
  const known = ['close', 'error'];
  if (this._writableState) known.push('prefinish', 'finish', 'drain');
  if (this._readableState) known.push('data', 'end', 'readable');
  return [...known.filter((name) => names.includes(name)), ...names.filter((name) => !known.includes(name))];
};

// Ahead of the user's own listeners; emitters of other makes may lack `prependListener`.
function putFirst(emitter, event, listener) {
  if (typeof emitter.prependListener === 'function') {
    emitter.prependListener(event, listener);
    return;
  }
  const present = emitter._events?.[event];
  if (!present) emitter.on(event, listener);
  else if (Array.isArray(present)) present.unshift(listener);
  else emitter._events[event] = [listener, present];
}

module.exports = { Stream, putFirst };
