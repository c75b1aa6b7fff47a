'use strict';
// Node's `dgram` module. Authority: https://nodejs.org/api/dgram.html

const EventEmitter = require('events');
const { Buffer, asBuffer } = require('internal/streams/bytes');
const { StreamHandle } = require('internal/net/handle');
const { codes, addressException, errnoException } = require('internal/net/errors');
const { checkPort, describeAddress } = require('internal/net/address');
const { define } = require('internal/errors');
const { callable } = require('internal/callable_class');
const validate = require('internal/validate');

define('ERR_SOCKET_BAD_TYPE', TypeError, 'Bad socket type specified. Valid types are: udp4, udp6');
define('ERR_SOCKET_ALREADY_BOUND', Error, 'Socket is already bound');
define('ERR_SOCKET_DGRAM_NOT_RUNNING', Error, 'Not running');
define('ERR_SOCKET_DGRAM_IS_CONNECTED', Error, 'Already connected');
define('ERR_SOCKET_DGRAM_NOT_CONNECTED', Error, 'Not connected');

const UNBOUND = 0;
const BINDING = 1;
const BOUND = 2;
const DISCONNECTED = 0;
const CONNECTING = 1;
const CONNECTED = 2;

class SocketClass extends EventEmitter {
  #handle = new StreamHandle();
  #bound = UNBOUND;
  #connected = DISCONNECTED;
  // What waits until the socket is bound.
  #queue = [];
  #family;
  #reuse;
  #lookup;

  constructor(given, listener) {
    super();
    const options = given !== null && typeof given === 'object' ? given : {};
    const type = typeof given === 'string' ? given : options.type;
    if (type !== 'udp4' && type !== 'udp6') throw new codes.ERR_SOCKET_BAD_TYPE();
    this.type = type;
    this.#family = type === 'udp4' ? 4 : 6;
    this.#reuse = Boolean(options.reuseAddr || options.reusePort);
    this.#lookup = options.lookup ?? require('dns').lookup;
    validate.func(this.#lookup, 'lookup');
    this.#handle.owner = this;
    if (typeof listener === 'function') this.on('message', listener);
    const { signal } = options;
    if (signal === undefined) return;
    validate.abortSignal(signal, 'options.signal');
    const close = () => {
      if (!this.#handle.closed) this.close();
    };
    if (signal.aborted) {
      close();
    } else {
      const { addAbortListener } = require('internal/events/abort_listener');
      this.once('close', addAbortListener(signal, close)[Symbol.dispose]);
    }
  }

  bind(...args) {
    this.#check();
    if (this.#bound !== UNBOUND) throw new codes.ERR_SOCKET_ALREADY_BOUND();
    this.#bound = BINDING;
    const last = args[args.length - 1];
    if (typeof last === 'function') {
      const onError = () => this.removeListener('listening', onListening);
      const onListening = () => {
        this.removeListener('error', onError);
        last.call(this);
      };
      this.once('error', onError);
      this.once('listening', onListening);
    }
    let [port, address] = args;
    if (port !== null && typeof port === 'object') ({ port, address } = port);
    if (typeof port === 'function') port = 0;
    if (typeof address === 'function') address = '';
    this.#resolve(address || (this.#family === 4 ? '0.0.0.0' : '::'), (error, ip) => {
      if (this.#handle.closed) return;
      if (error) {
        this.#bound = UNBOUND;
        this.emit('error', error);
        return;
      }
      const answer = this.#handle.adopt(host.net.bindDatagrams(ip, checkPort(port || 0), this.#reuse));
      if (answer < 0) {
        this.#bound = UNBOUND;
        this.emit('error', addressException(answer, 'bind', ip, port));
        return;
      }
      this.#listen();
    });
    return this;
  }

  #listen() {
    const handle = this.#handle;
    handle.ondatagram = (bytes, address, port) => {
      this.emit('message', asBuffer(bytes), { address, family: address.includes(':') ? 'IPv6' : 'IPv4', port, size: bytes.length });
    };
    handle.onerror = (error) => this.emit('error', errnoException(error, 'recvmsg'));
    handle.readStart();
    this.#bound = BOUND;
    this.emit('listening');
    const queue = this.#queue;
    this.#queue = [];
    for (const waiting of queue) waiting();
  }

  #resolve(address, callback) {
    this.#lookup(address || (this.#family === 4 ? '127.0.0.1' : '::1'), this.#family, callback);
  }

  #check() {
    if (this.#handle.closed) throw new codes.ERR_SOCKET_DGRAM_NOT_RUNNING();
  }

  // Binds to any port if nobody has, and calls back when that is done.
  #whenBound(callback) {
    if (this.#bound === UNBOUND) this.bind({ port: 0 });
    if (this.#bound !== BOUND) this.#queue.push(callback);
    else callback();
  }

  connect(givenPort, givenAddress, givenCallback) {
    const port = checkPort(givenPort, 'Port', false);
    const [address, callback] = typeof givenAddress === 'function' ? ['', givenAddress] : [givenAddress, givenCallback];
    if (this.#connected !== DISCONNECTED) throw new codes.ERR_SOCKET_DGRAM_IS_CONNECTED();
    this.#connected = CONNECTING;
    if (callback !== undefined) this.once('connect', callback);
    this.#whenBound(() => this.#resolve(address, (error, ip) => {
      if (this.#handle.closed) return;
      const answer = error ? 0 : host.net.connectDatagrams(this.#handle.socket, ip, port);
      if (error || answer < 0) {
        this.#connected = DISCONNECTED;
        const failure = error ?? addressException(answer, 'connect', address, port);
        if (callback !== undefined) this.off('connect', callback);
        process.nextTick(() => (callback === undefined ? this.emit('error', failure) : callback(failure)));
        return;
      }
      this.#connected = CONNECTED;
      process.nextTick(() => this.emit('connect'));
    }));
  }

  disconnect() {
    if (this.#connected !== CONNECTED) throw new codes.ERR_SOCKET_DGRAM_NOT_CONNECTED();
    const answer = host.net.connectDatagrams(this.#handle.socket, undefined, 0);
    if (answer < 0) throw errnoException(answer, 'connect');
    this.#connected = DISCONNECTED;
  }

  // send(message[, offset, length][, port][, address][, callback]); port and address only while there is no connection.
  send(message, ...args) {
    const rest = [...args];
    let data = message;
    const connected = this.#connected === CONNECTED;
    const hasRange = typeof rest[1] === 'number' && (connected || rest.length > 2 && typeof rest[2] !== 'function' && rest[2] !== undefined);
    if (hasRange && typeof rest[0] === 'number') {
      const [offset, length] = rest.splice(0, 2);
      data = slice(data, offset, length);
    }
    const [port, address] = connected ? [] : rest;
    const callback = rest.find((one) => typeof one === 'function');
    const parts = (Array.isArray(data) ? data : [data]).map((part) => {
      if (typeof part === 'string') return Buffer.from(part);
      if (!ArrayBuffer.isView(part)) {
        throw new codes.ERR_INVALID_ARG_TYPE('buffer', ['Buffer', 'TypedArray', 'DataView', 'string'], part);
      }
      return asBuffer(part);
    });
    const checked = connected ? 0 : checkPort(port, 'Port', false);
    if (typeof address !== 'function' && address !== undefined && address !== null) validate.string(address, 'address');
    this.#check();
    const bytes = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    this.#whenBound(() => this.#send(bytes, connected, checked, typeof address === 'string' ? address : '', callback));
  }

  #send(bytes, connected, port, address, callback) {
    const finish = (error, ip) => {
      if (error) {
        if (callback === undefined) process.nextTick(() => this.emit('error', error));
        else process.nextTick(callback, error);
        return;
      }
      if (this.#handle.closed) return;
      const sent = host.net.send(this.#handle.socket, bytes, ip, port);
      if (sent >= 0) {
        if (callback !== undefined) process.nextTick(callback, null, sent);
      } else if (callback !== undefined) {
        process.nextTick(callback, addressException(sent, 'send', address, port));
      }
    };
    if (connected) finish(null, undefined);
    else this.#resolve(address, finish);
  }

  close(callback) {
    if (typeof callback === 'function') this.on('close', callback);
    if (this.#bound === BINDING && this.#handle.socket === undefined && !this.#handle.closed) {
      this.#queue.push(() => this.close());
      return this;
    }
    this.#check();
    this.#handle.close();
    process.nextTick(() => this.emit('close'));
    return this;
  }

  async [Symbol.asyncDispose]() {
    if (this.#handle.closed) return;
    await new Promise((resolve) => { this.close(resolve); });
  }

  address() {
    this.#check();
    const own = this.#handle.ownAddress();
    if (typeof own === 'number') throw errnoException(own, 'getsockname');
    return describeAddress(own);
  }

  remoteAddress() {
    this.#check();
    if (this.#connected !== CONNECTED) throw new codes.ERR_SOCKET_DGRAM_NOT_CONNECTED();
    return describeAddress(this.#handle.peerAddress());
  }

  setBroadcast(on) {
    const answer = host.net.broadcast(this.#handle.socket, Boolean(on));
    if (answer < 0) throw errnoException(answer, 'setBroadcast');
  }

  setTTL(hops) {
    validate.number(hops, 'ttl');
    const answer = host.net.timeToLive(this.#handle.socket, hops);
    if (answer < 0) throw errnoException(answer, 'setTTL');
    return hops;
  }

  ref() {
    this.#handle.ref();
    return this;
  }

  unref() {
    this.#handle.unref();
    return this;
  }
}

const Socket = callable(SocketClass, 'Socket');

function slice(data, offset, length) {
  const bytes = typeof data === 'string' ? Buffer.from(data) : asBuffer(data);
  if (bytes === null) throw new codes.ERR_INVALID_ARG_TYPE('buffer', ['Buffer', 'TypedArray', 'DataView', 'string'], data);
  if (offset > bytes.length || offset + length > bytes.length) throw new codes.ERR_BUFFER_OUT_OF_BOUNDS(offset > bytes.length ? 'offset' : 'length');
  return bytes.subarray(offset, offset + length);
}

module.exports = { createSocket: (options, listener) => new Socket(options, listener), Socket };
