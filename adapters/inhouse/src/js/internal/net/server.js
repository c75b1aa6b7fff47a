'use strict';
// `net.Server`. Authority: https://nodejs.org/api/net.html#class-netserver

const EventEmitter = require('events');
const { StreamHandle } = require('internal/net/handle');
const { codes, listenException } = require('internal/net/errors');
const { checkPort, normalizeArgs, describeAddress, isIP } = require('internal/net/address');
const { Socket } = require('internal/net/socket');
const { callable } = require('internal/callable_class');
const validate = require('internal/validate');

const BACKLOG = 511;
// EAFNOSUPPORT, EADDRNOTAVAIL, EINVAL: what a machine without IPv6 answers.
const NO_IPV6 = [-97, -99, -22];

class ServerClass extends EventEmitter {
  constructor(given, listener) {
    super();
    let options = {};
    let onConnection = listener;
    if (typeof given === 'function') onConnection = given;
    else if (given !== undefined && given !== null) {
      validate.object(given, 'options');
      options = given;
    }
    if (onConnection !== undefined && onConnection !== null) {
      validate.func(onConnection, 'connectionListener');
      this.on('connection', onConnection);
    }
    this._connections = 0;
    this._handle = null;
    this._pipeName = undefined;
    this._unref = false;
    // Told apart from earlier calls of listen(), whose look-up may still be under way.
    this._listeningId = 0;
    this.allowHalfOpen = options.allowHalfOpen || false;
    this.pauseOnConnect = Boolean(options.pauseOnConnect);
    this.noDelay = Boolean(options.noDelay);
    this.keepAlive = Boolean(options.keepAlive);
    this.keepAliveInitialDelay = Math.trunc((options.keepAliveInitialDelay ?? 0) / 1000);
    this.highWaterMark = options.highWaterMark;
  }

  get listening() { return this._handle !== null; }

  listen(...args) {
    const [options, callback] = normalizeArgs(args);
    this._listeningId++;
    if (this._handle !== null) throw new codes.ERR_SERVER_ALREADY_LISTEN();
    if (callback !== null) this.once('listening', callback);
    validate.abortSignal(options.signal, 'options.signal');
    if (options.signal !== undefined) closeOnAbort(this, options.signal);
    const backlogOf = (place) => (typeof args[place] === 'number' && typeof args[0] !== 'object' ? args[place] : undefined);
    const backlog = options.backlog ?? backlogOf(1) ?? backlogOf(2) ?? BACKLOG;
    const noPort = args.length === 0 || 'port' in options;
    if (typeof options.port === 'function' || (options.port === undefined && noPort) || options.port === null) options.port = 0;
    if (typeof options.port === 'number' || typeof options.port === 'string') {
      const port = checkPort(options.port, 'options.port');
      if (options.host) lookUp(this, options.host, port, backlog, options.ipv6Only);
      else setUp(this, { port, backlog, ipv6Only: Boolean(options.ipv6Only) });
      return this;
    }
    if (options.path && typeof options.path === 'string') {
      this._pipeName = options.path;
      setUp(this, { path: options.path, backlog });
      return this;
    }
    if (!('port' in options) && !('path' in options)) {
      throw new codes.ERR_INVALID_ARG_VALUE('options', options, 'must have the property "port" or "path"');
    }
    throw new codes.ERR_INVALID_ARG_VALUE('options', options);
  }

  address() { return this._handle === null ? null : describeAddress(this._handle.ownAddress()) ?? null; }

  getConnections(callback) {
    process.nextTick(callback, null, this._connections);
    return this;
  }

  close(callback) {
    if (typeof callback === 'function') {
      if (this._handle === null) this.once('close', () => callback(new codes.ERR_SERVER_NOT_RUNNING()));
      else this.once('close', callback);
    }
    this._listeningId++;
    this._handle?.close();
    this._handle = null;
    this._emitCloseIfDrained();
    return this;
  }

  _emitCloseIfDrained() {
    if (this._handle !== null || this._connections > 0) return;
    process.nextTick(emitCloseIfDrained, this);
  }

  async [Symbol.asyncDispose]() {
    if (this._handle === null) return;
    await new Promise((resolve, reject) => {
      this.close((error) => (error ? reject(error) : resolve()));
    });
  }

  [EventEmitter.captureRejectionSymbol](error, event, socket) {
    if (event === 'connection') socket.destroy(error);
    else this.emit('error', error);
  }

  ref() {
    this._unref = false;
    this._handle?.ref();
    return this;
  }

  unref() {
    this._unref = true;
    this._handle?.unref();
    return this;
  }
}

const Server = callable(ServerClass, 'Server');

function emitCloseIfDrained(server) {
  if (server._handle === null && server._connections === 0) server.emit('close');
}

function closeOnAbort(server, signal) {
  const close = () => server.close();
  if (signal.aborted) {
    process.nextTick(close);
    return;
  }
  const { addAbortListener } = require('internal/events/abort_listener');
  const subscription = addAbortListener(signal, close);
  server.once('close', subscription[Symbol.dispose]);
}

// A host is looked up even if it is an address: it calls back in a later tick either way.
function lookUp(server, name, port, backlog, ipv6Only) {
  const id = server._listeningId;
  require('dns').lookup(name, (error, address) => {
    if (id !== server._listeningId) return;
    if (error) server.emit('error', error);
    else setUp(server, { address, port, backlog, ipv6Only: Boolean(ipv6Only) && isIP(address) === 6 });
  });
}

// The socket itself. Without a host it listens on all addresses, of both families where there are both.
function setUp(server, { address, port, path, backlog, ipv6Only }) {
  const handle = new StreamHandle();
  let answer;
  if (path !== undefined) answer = handle.listenPath(path, backlog);
  else if (address !== undefined) answer = handle.listenIp(address, port, backlog, ipv6Only);
  else {
    answer = handle.listenIp('::', port, backlog, ipv6Only);
    if (NO_IPV6.includes(answer)) answer = handle.listenIp('0.0.0.0', port, backlog, false);
  }
  if (answer < 0) {
    const error = listenException(answer, 'listen', path ?? address ?? '::', port);
    process.nextTick(() => server.emit('error', error));
    return;
  }
  server._handle = handle;
  server._connectionKey = `${address === undefined || isIP(address) === 6 ? 6 : 4}:${path ?? address ?? '::'}:${port ?? -1}`;
  handle.owner = server;
  handle.onconnection = (error, connection) => onConnection(server, connection);
  if (server._unref) handle.unref();
  process.nextTick(() => {
    if (server._handle !== null) server.emit('listening');
  });
}

function onConnection(server, handle) {
  if (server.maxConnections !== undefined && server.maxConnections !== null && server._connections >= server.maxConnections) {
    const own = describeAddress(handle.ownAddress());
    const peer = describeAddress(handle.peerAddress());
    const data = typeof own === 'object' && typeof peer === 'object' ? {
      localAddress: own.address, localPort: own.port, localFamily: own.family,
      remoteAddress: peer.address, remotePort: peer.port, remoteFamily: peer.family,
    } : undefined;
    handle.close();
    server.emit('drop', data);
    return;
  }
  const socket = new Socket({
    handle,
    allowHalfOpen: server.allowHalfOpen,
    pauseOnCreate: server.pauseOnConnect,
    readable: true,
    writable: true,
    readableHighWaterMark: server.highWaterMark,
    writableHighWaterMark: server.highWaterMark,
  });
  if (server.noDelay) socket.setNoDelay(true);
  if (server.keepAlive) socket.setKeepAlive(true, server.keepAliveInitialDelay * 1000);
  server._connections++;
  socket.server = server;
  socket._server = server;
  server.emit('connection', socket);
}

module.exports = { Server };
