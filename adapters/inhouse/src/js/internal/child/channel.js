'use strict';
// Messages between a process and the one that started it: JSON, a line each, over a pipe.
// Authority: https://nodejs.org/api/child_process.html#subprocesssendmessage-sendhandle-options-callback

const { codes, define } = require('internal/errors');
const { StringDecoder } = require('string_decoder');
const { Buffer } = require('buffer');

define('ERR_IPC_CHANNEL_CLOSED', Error, 'Channel closed');
define('ERR_IPC_DISCONNECTED', Error, 'IPC channel is already disconnected');
define('ERR_INVALID_HANDLE_TYPE', TypeError, 'This handle type cannot be sent');

// A sender is told to wait when this much is under way.
const LIMIT = 65536 * 2;

// What `process.channel` and `subprocess.channel` are: whether the channel keeps the loop alive.
class Control {
  #handle;
  #count = 0;
  #forced;

  constructor(handle, forced) {
    this.#handle = handle;
    this.#forced = forced;
    this.#apply();
  }

  refCounted() { this.#change(1); }
  unrefCounted() { this.#change(-1); }

  ref() {
    this.#forced = true;
    this.#apply();
  }

  unref() {
    this.#forced = false;
    this.#apply();
  }

  hasRef() { return this.#forced ?? this.#count > 0; }

  #change(by) {
    this.#count += by;
    this.#apply();
  }

  #apply() {
    if (this.hasRef()) this.#handle.ref();
    else this.#handle.unref();
  }
}

// Gives `target`, a ChildProcess or `process` itself, its channel over `handle`. `closed` is called when this end is
// closed, by disconnect() or because the other one is gone. Unless
// `forced` says whether the channel holds the loop, its listeners do.
function setup(target, handle, closed, forced) {
  const control = new Control(handle, forced);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let isOpen = true;
  target.channel = control;
  target._channel = control;
  target.connected = true;

  const receive = (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const message = JSON.parse(line);
      const name = typeof message?.cmd === 'string' && message.cmd.startsWith('NODE_') ? 'internalMessage' : 'message';
      process.nextTick(() => {
        if (target.channel !== null || isOpen) target.emit(name, message, undefined);
      });
    }
  };
  const shut = () => {
    if (!isOpen) return;
    isOpen = false;
    handle.close();
    target._channel = null;
    closed?.();
  };
  handle.ondata = (bytes) => receive(decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
  const ended = () => {
    if (target.connected) target.disconnect();
    shut();
  };
  handle.onend = ended;
  handle.onerror = ended;

  target.send = (message, sent, options, callback) => {
    if (typeof sent === 'function') callback = sent;
    else if (typeof options === 'function') callback = options;
    if (target.connected) return write(message, sent, callback);
    const error = new codes.ERR_IPC_CHANNEL_CLOSED();
    if (typeof callback === 'function') process.nextTick(callback, error);
    else process.nextTick(() => target.emit('error', error));
    return false;
  };

  const write = (message, sent, callback) => {
    if (message === undefined) throw new codes.ERR_MISSING_ARGS('message');
    if (!['string', 'object', 'number', 'boolean'].includes(typeof message)) {
      throw new codes.ERR_INVALID_ARG_TYPE('message', ['string', 'object', 'number', 'boolean'], message);
    }
    if (sent !== undefined && sent !== null && typeof sent !== 'function') throw new codes.ERR_INVALID_HANDLE_TYPE();
    const done = typeof callback === 'function' ? callback : () => {};
    const answer = handle.write(Buffer.from(`${JSON.stringify(message)}\n`), (error) => {
      control.unrefCounted();
      done(error < 0 ? require('internal/pipe_stream').failure(error, 'write') : null);
    });
    if (answer === 1) control.refCounted();
    else if (answer === 0) process.nextTick(done, null);
    else {
      const error = require('internal/pipe_stream').failure(answer, 'write');
      if (typeof callback === 'function') process.nextTick(callback, error);
      else process.nextTick(() => target.emit('error', error));
      return false;
    }
    return handle.queued < LIMIT;
  };

  target.disconnect = () => {
    if (!target.connected) {
      target.emit('error', new codes.ERR_IPC_DISCONNECTED());
      return;
    }
    target.connected = false;
    target._disconnect();
  };

  target._disconnect = () => {
    target.channel = null;
    // What was sent before arrives: the pipe is closed when its queue is empty.
    const finish = () => {
      if (handle.shut(() => shut()) !== 0) shut();
      target.emit('disconnect');
    };
    process.nextTick(finish);
  };

  handle.readStart();
  return control;
}

// The channel to whoever started this process, if it was given one. It holds the loop only for programs that listen to it.
function join() {
  const descriptor = host.process.channel;
  if (descriptor === undefined || descriptor === null) return;
  const process = require('process');
  delete process.env.NODE_CHANNEL_FD;
  const { StreamHandle } = require('internal/net/handle');
  const control = setup(process, new StreamHandle(host.child.attach(descriptor)), undefined, undefined);
  const counts = (name) => name === 'message' || name === 'disconnect';
  process.on('newListener', (name) => { if (counts(name)) control.refCounted(); });
  process.on('removeListener', (name) => { if (counts(name)) control.unrefCounted(); });
}

module.exports = { setup, join };
