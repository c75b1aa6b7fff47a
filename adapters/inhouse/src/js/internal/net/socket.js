'use strict';
// `net.Socket`: a Duplex over a stream of the loop. Authority: https://nodejs.org/api/net.html#class-netsocket

const { Duplex } = require('stream');
const { Buffer, asBuffer } = require('internal/streams/bytes');
const { Timeout, clear } = require('internal/timers');
const { StreamHandle } = require('internal/net/handle');
const { codes, errnoException } = require('internal/net/errors');
const { describeAddress, checkDuration, normalizeArgs, kNormalized } = require('internal/net/address');
const { callable } = require('internal/callable_class');
const validate = require('internal/validate');

const ENOTCONN = -107;

const kTimer = Symbol('timer');
const kLastQueue = Symbol('last length of the queue of writes');
const kNoDelay = Symbol('no delay');
const kKeepAlive = Symbol('keep alive');
const kReset = Symbol('close by a reset');
const kStatic = Symbol('onread');
const kGenericWrite = Symbol('write');
const kAttach = Symbol('attach');

class SocketClass extends Duplex {
  constructor(given) {
    const options = typeof given === 'number' ? { fd: given } : { ...given };
    if (options.objectMode || options.readableObjectMode || options.writableObjectMode) {
      throw new codes.ERR_INVALID_ARG_VALUE('options.objectMode', true, 'is not supported');
    }
    const { handle, fd, onread, noDelay, keepAlive, keepAliveInitialDelay, allowHalfOpen } = options;
    validate.abortSignal(options.signal, 'options.signal');
    super({
      ...options,
      allowHalfOpen: Boolean(allowHalfOpen),
      emitClose: false,
      autoDestroy: true,
      decodeStrings: false,
      signal: undefined,
      read: undefined, write: undefined, writev: undefined, final: undefined, destroy: undefined, construct: undefined,
    });
    this.connecting = false;
    this._hadError = false;
    this._parent = null;
    this._host = null;
    this._handle = null;
    this._server = null;
    this.server = undefined;
    this._pendingData = null;
    this._pendingEncoding = '';
    this.timeout = undefined;
    Object.defineProperties(this, {
      [kTimer]: { value: null, writable: true },
      [kLastQueue]: { value: 0, writable: true },
      [kNoDelay]: { value: Boolean(noDelay), writable: true },
      [kKeepAlive]: { value: [Boolean(keepAlive), Math.trunc((keepAliveInitialDelay ?? 0) / 1000)], writable: true },
      [kReset]: { value: false, writable: true },
      [kStatic]: { value: undefined, writable: true },
    });
    if (onread !== null && typeof onread === 'object' && typeof onread.callback === 'function') this[kStatic] = onread;
    if (fd !== undefined && handle === undefined) throw new codes.ERR_INVALID_FD_TYPE('UNKNOWN');
    if (handle) this[kAttach](handle);
    this.on('end', onReadableEnd);
    // Last: a signal that is aborted already destroys what is here.
    if (options.signal) require('internal/streams/abort_signal').addAbortSignal(options.signal, this);
    if (!this._handle || options.readable === false || options.manualStart) return;
    if (options.pauseOnCreate) {
      this._handle.readStop();
      this.readableFlowing = false;
    } else {
      this.read(0);
    }
  }

  // Takes a handle, and everything that it will report.
  [kAttach](handle) {
    this._handle = handle;
    handle.owner = this;
    handle.ondata = (bytes) => onData(this, handle, bytes);
    handle.onend = () => onEnd(this);
    handle.onerror = (error) => {
      if (!this.destroyed) this.destroy(errnoException(error, 'read'));
    };
  }

  // ---- Connecting ---------------------------------------------------------------------------

  connect(...args) {
    const normalized = Array.isArray(args[0]) && args[0][kNormalized] ? args[0] : normalizeArgs(args);
    const [options, callback] = normalized;
    if (options.port === undefined && (options.path === undefined || options.path === null)) {
      throw new codes.ERR_MISSING_ARGS(['options', 'port', 'path']);
    }
    if (this.write !== Socket.prototype.write) this.write = Socket.prototype.write;
    if (this.destroyed || this.closed) {
      this._undestroy();
      this._handle = null;
    }
    if (this._handle === null) this[kAttach](new StreamHandle());
    if (callback !== null) this.once('connect', callback);
    this._unrefTimer();
    this.connecting = true;
    require('internal/net/connect').begin(this, options);
    return this;
  }

  get _connecting() { return this.connecting; }

  get pending() { return this._handle === null || this.connecting; }

  get readyState() {
    if (this.connecting) return 'opening';
    if (this.readable && this.writable) return 'open';
    if (this.readable) return 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  // ---- Reading ------------------------------------------------------------------------------

  _read(size) {
    if (this.connecting || this._handle === null) this.once('connect', () => this._read(size));
    else if (!this._handle.reading) this._handle.readStart();
  }

  read(size) {
    this.#restart();
    return super.read(size);
  }

  resume() {
    this.#restart();
    return super.resume();
  }

  pause() {
    if (this[kStatic] !== undefined && !this.connecting && this._handle?.reading) this._handle.readStop();
    return super.pause();
  }

  // With `onread` nothing is buffered, so whoever wants more has to ask the system.
  #restart() {
    if (this[kStatic] !== undefined && !this.connecting && this._handle !== null && !this._handle.reading) this._handle.readStart();
  }

  // ---- Writing ------------------------------------------------------------------------------

  _write(chunk, encoding, callback) {
    this[kGenericWrite](typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk, chunk, encoding, callback);
  }

  _writev(chunks, callback) {
    const parts = chunks.map(({ chunk, encoding }) => (typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk));
    this[kGenericWrite](parts, chunks, '', callback);
  }

  [kGenericWrite](bytes, data, encoding, callback) {
    if (this.connecting) {
      this._pendingData = data;
      this._pendingEncoding = encoding;
      const onClose = () => callback(new codes.ERR_SOCKET_CLOSED_BEFORE_CONNECTION());
      this.once('connect', () => {
        this.off('close', onClose);
        this[kGenericWrite](bytes, data, encoding, callback);
      });
      this.once('close', onClose);
      return;
    }
    this._pendingData = null;
    this._pendingEncoding = '';
    if (this._handle === null) {
      callback(new codes.ERR_SOCKET_CLOSED());
      return;
    }
    this._unrefTimer();
    const answer = this._handle.write(bytes, (error) => {
      if (this.destroyed) {
        callback(null);
      } else if (error < 0) {
        callback(errnoException(error, 'write'));
      } else {
        this._unrefTimer();
        this[kLastQueue] = 0;
        callback(null);
      }
    });
    if (answer === 0) callback();
    else if (answer < 0) callback(errnoException(answer, 'write'));
    else this[kLastQueue] = this._handle.queued;
  }

  _final(callback) {
    if (this.connecting) {
      this.once('connect', () => this._final(callback));
      return;
    }
    if (this._handle === null) {
      callback();
      return;
    }
    const answer = this._handle.shut((error) => {
      if (this.destroyed || error === 0 || error === ENOTCONN) callback();
      else callback(errnoException(error, 'shutdown'));
    });
    if (answer === ENOTCONN) callback();
    else if (answer < 0) callback(errnoException(answer, 'shutdown'));
  }

  get bytesRead() { return this._handle === null ? this._bytesRead ?? 0 : this._handle.bytesRead; }

  get bytesWritten() {
    let bytes = this._handle === null ? this._bytesWritten ?? 0 : this._handle.bytesWritten;
    for (const { chunk, encoding } of this.writableBuffer ?? []) bytes += Buffer.byteLength(chunk, encoding);
    const data = this._pendingData;
    if (Array.isArray(data)) for (const { chunk, encoding } of data) bytes += Buffer.byteLength(chunk, encoding);
    else if (data) bytes += Buffer.byteLength(data, this._pendingEncoding);
    return bytes;
  }

  get _bytesDispatched() { return this._handle?.bytesWritten ?? this._bytesWritten; }

  get bufferSize() { return this._handle === null ? undefined : this.writableLength; }

  // ---- The end ------------------------------------------------------------------------------

  destroySoon() {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }

  resetAndDestroy() {
    if (this._handle === null) {
      this.destroy(new codes.ERR_SOCKET_CLOSED());
      return this;
    }
    const reset = () => {
      this[kReset] = true;
      this.destroy();
    };
    if (this.connecting) this.once('connect', reset);
    else reset();
    return this;
  }

  _destroy(exception, callback) {
    this.connecting = false;
    for (let socket = this; socket !== null && socket !== undefined; socket = socket._parent) stopTimer(socket);
    const handle = this._handle;
    if (handle !== null) {
      this._bytesRead = handle.bytesRead;
      this._bytesWritten = handle.bytesWritten;
      const hadError = Boolean(exception);
      handle.ondata = undefined;
      handle.onend = undefined;
      handle.onerror = undefined;
      handle.close(() => this.emit('close', hadError), this[kReset]);
      this[kReset] = false;
      this._handle = null;
      callback(exception);
    } else {
      callback(exception);
      process.nextTick(emitClose, this);
    }
    if (this._server) {
      this._server._connections--;
      this._server._emitCloseIfDrained?.();
    }
  }

  // ---- Time ---------------------------------------------------------------------------------

  setTimeout(msecs, callback) {
    if (this.destroyed) return this;
    this.timeout = msecs;
    const duration = checkDuration(msecs, 'msecs');
    stopTimer(this);
    if (callback !== undefined) validate.func(callback, 'callback');
    if (duration === 0) {
      if (callback !== undefined) this.removeListener('timeout', callback);
      return this;
    }
    this[kTimer] = new Timeout(() => this._onTimeout(), duration, undefined, false).unref();
    if (callback !== undefined) this.once('timeout', callback);
    return this;
  }

  // A write that goes on, however slowly, is activity.
  _onTimeout() {
    const handle = this._handle;
    if (this[kLastQueue] > 0 && handle !== null) {
      const { queued } = handle;
      if (queued !== this[kLastQueue]) {
        this[kLastQueue] = queued;
        this._unrefTimer();
        return;
      }
    }
    this.emit('timeout');
  }

  _unrefTimer() {
    for (let socket = this; socket !== null && socket !== undefined; socket = socket._parent) socket[kTimer]?.refresh();
  }

  // ---- Settings and facts -------------------------------------------------------------------

  setNoDelay(enable = true) {
    const on = Boolean(enable);
    if (this._handle !== null && on !== this[kNoDelay]) this._handle.setNoDelay(on);
    this[kNoDelay] = on;
    return this;
  }

  setKeepAlive(enable, initialDelay) {
    const wanted = [Boolean(enable), Math.trunc((initialDelay ?? 0) / 1000)];
    if (this._handle !== null && wanted.some((one, i) => one !== this[kKeepAlive][i])) this._handle.setKeepAlive(...wanted);
    this[kKeepAlive] = wanted;
    return this;
  }

  // What was set before there was a connection.
  _applySettings() {
    if (this[kNoDelay]) this._handle.setNoDelay(true);
    if (this[kKeepAlive][0]) this._handle.setKeepAlive(...this[kKeepAlive]);
  }

  address() { return this._getsockname(); }

  get localAddress() { return this.#own?.address; }

  get localPort() { return this.#own?.port; }

  get localFamily() { return this.#own?.family; }

  get remoteAddress() { return this._getpeername().address; }

  get remotePort() { return this._getpeername().port; }

  get remoteFamily() { return this._getpeername().family; }

  get #own() {
    const own = describeAddress(this._handle?.ownAddress());
    return typeof own === 'object' ? own : undefined;
  }

  _getsockname() { return this.#own ?? {}; }

  // The peer's address is remembered: it is wanted most when the connection is over.
  _getpeername() {
    if (this._handle !== null && !this.connecting && this._peername === undefined) {
      const peer = describeAddress(this._handle.peerAddress());
      if (typeof peer === 'object') Object.defineProperty(this, '_peername', { value: peer, writable: true, configurable: true });
    }
    return this._peername ?? {};
  }

  ref() {
    if (this._handle === null) this.once('connect', this.ref);
    else this._handle.ref();
    return this;
  }

  unref() {
    if (this._handle === null) this.once('connect', this.unref);
    else this._handle.unref();
    return this;
  }
}

const Socket = callable(SocketClass, 'Socket');

function stopTimer(socket) {
  if (socket[kTimer]) clear(socket[kTimer]);
  socket[kTimer] = null;
}

function emitClose(socket) {
  socket.emit('close', false);
}

function onData(socket, handle, bytes) {
  socket._unrefTimer();
  const { [kStatic]: direct } = socket;
  if (direct !== undefined) {
    readInto(socket, handle, direct, bytes);
    return;
  }
  if (!socket.push(asBuffer(bytes)) && !socket.destroyed) handle.readStop();
}

// `onread`: the program's own buffer, filled as often as it takes. A callback that returns false pauses.
function readInto(socket, handle, { buffer, callback }, bytes) {
  let at = 0;
  while (at < bytes.length && !socket.destroyed) {
    const target = typeof buffer === 'function' ? buffer() : buffer;
    const part = bytes.subarray(at, at + target.byteLength);
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(part);
    at += part.length;
    if (callback(part.length, target) === false) handle.readStop();
  }
}

function onEnd(socket) {
  if (socket._readableState.endEmitted) return;
  socket.push(null);
  socket.read(0);
}

// Without allowHalfOpen the stream ends itself when the other end has; to write after that is an error of its own.
function onReadableEnd() {
  if (!this.allowHalfOpen) this.write = writeAfterEnd;
}

function writeAfterEnd(chunk, encoding, given) {
  if (!this.writableEnded) return Socket.prototype.write.call(this, chunk, encoding, given);
  const callback = typeof encoding === 'function' ? encoding : given;
  const error = Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });
  if (typeof callback === 'function') process.nextTick(callback, error);
  this.destroy(error);
  return false;
}

module.exports = { Socket, kAttach };
