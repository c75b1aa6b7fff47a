'use strict';
// `http.ClientRequest`. Authority: https://nodejs.org/api/http.html#class-httpclientrequest

const { OutgoingMessage, kNeedDrain, kErrored } = require('internal/http/outgoing');
const { IncomingMessage } = require('internal/http/incoming');
const { codes, isToken, hangUp } = require('internal/http/common');
const { Buffer } = require('internal/streams/bytes');
const { globalAgent } = require('internal/http/agent');
const { checkDuration } = require('internal/net/address');
const net = require('net');
const validate = require('internal/validate');

const UNESCAPED = /[^\u0021-\u00ff]/;

// ---- What is asked for --------------------------------------------------------------------------

// [options, callback] of (url), (options) or both.
function readArguments(input, options, callback) {
  let base = {};
  let rest = options;
  let last = callback;
  if (typeof input === 'string') base = fromUrl(new URL(input));
  else if (input instanceof URL) base = fromUrl(input);
  else [rest, last] = [input, options];
  if (typeof rest === 'function') [rest, last] = [base, rest];
  else rest = Object.assign(base, rest);
  return [rest, last];
}

function fromUrl(url) {
  const options = {
    protocol: url.protocol,
    hostname: url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname,
    hash: url.hash,
    search: url.search,
    pathname: url.pathname,
    path: `${url.pathname || ''}${url.search || ''}`,
    href: url.href,
  };
  if (url.port !== '') options.port = Number(url.port);
  if (url.username || url.password) options.auth = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return options;
}

function checkHost(host, name) {
  if (host !== null && host !== undefined && typeof host !== 'string') {
    throw new codes.ERR_INVALID_ARG_TYPE(`options.${name}`, ['string', 'undefined', 'null'], host);
  }
  return host;
}

function agentOf(options) {
  const { agent } = options;
  const fallback = options._defaultAgent ?? globalAgent;
  if (agent === false) return new fallback.constructor();
  if (agent === null || agent === undefined) return typeof options.createConnection === 'function' ? undefined : fallback;
  if (typeof agent.addRequest !== 'function') {
    throw new codes.ERR_INVALID_ARG_TYPE('options.agent', ['Agent-like Object', 'undefined', 'false'], agent);
  }
  return agent;
}

function ClientRequest(input, given, last) {
  OutgoingMessage.call(this);
  const [options, callback] = readArguments(input, given, last);
  const agent = agentOf(options);
  this.agent = agent;
  const protocol = options.protocol || agent?.protocol || 'http:';
  if (options.path && UNESCAPED.test(String(options.path))) throw new codes.ERR_UNESCAPED_CHARACTERS('Request path');
  const expected = agent?.protocol ?? 'http:';
  if (protocol !== expected) throw new codes.ERR_INVALID_PROTOCOL(protocol, expected);
  const defaultPort = options.defaultPort || agent?.defaultPort;
  const port = (options.port = options.port || defaultPort || 80);
  const host = (options.host = checkHost(options.hostname, 'hostname') || checkHost(options.host, 'host') || 'localhost');
  const setDefaults = options.setDefaultHeaders !== undefined ? Boolean(options.setDefaultHeaders) : true;
  const setHost = options.setHost !== undefined ? Boolean(options.setHost) : setDefaults;
  if (!setDefaults) Object.assign(this, { _removedConnection: true, _removedContLen: true, _removedTE: true });
  this.socketPath = options.socketPath;
  if (options.timeout !== undefined) this.timeout = checkDuration(options.timeout, 'timeout');
  if (options.signal !== undefined) require('internal/streams/abort_signal').addAbortSignalChecked(options.signal, this);
  const { method } = options;
  if (method !== null && method !== undefined && typeof method !== 'string') {
    throw new codes.ERR_INVALID_ARG_TYPE('options.method', 'string', method);
  }
  if (method && !isToken(method)) throw new codes.ERR_INVALID_HTTP_TOKEN('Method', method);
  this.method = method ? method.toUpperCase() : 'GET';
  this.maxHeaderSize = options.maxHeaderSize;
  if (options.maxHeaderSize !== undefined) validate.integer(options.maxHeaderSize, 'maxHeaderSize', 0);
  this.joinDuplicateHeaders = options.joinDuplicateHeaders;
  this.path = options.path || '/';
  this.host = host;
  this.protocol = protocol;
  this.port = port;
  this.aborted = false;
  this.timeoutCb = null;
  this.upgradeOrConnect = false;
  this.parser = null;
  this.res = undefined;
  this.maxHeadersCount = null;
  this.reusedSocket = false;
  this._ended = false;
  this.useChunkedEncodingByDefault = !['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'].includes(this.method);
  if (callback) this.once('response', callback);
  setHeaders(this, options, { host, port, defaultPort, setHost });
  if (agent) {
    // Only if the agent might use the connection again.
    this.shouldKeepAlive = Boolean(agent.keepAlive) || Number.isFinite(agent.maxSockets);
    this._last = !this.shouldKeepAlive;
    agent.addRequest(this, optionsForAgent(this, options));
    return;
  }
  this._last = true;
  this.shouldKeepAlive = false;
  connectAlone(this, options);
}
Object.setPrototypeOf(ClientRequest.prototype, OutgoingMessage.prototype);
Object.setPrototypeOf(ClientRequest, OutgoingMessage);

function optionsForAgent(request, options) {
  const copy = { ...options };
  if (request.socketPath) copy.socketPath = request.socketPath;
  // The path of a request is not that of a socket.
  copy.path = undefined;
  copy.timeout ??= undefined;
  delete copy.signal;
  return copy;
}

function connectAlone(request, options) {
  const connection = { ...options };
  delete connection.signal;
  connection.path = request.socketPath;
  if (typeof options.createConnection !== 'function') {
    request.onSocket(net.createConnection(connection));
    return;
  }
  let called = false;
  const done = (error, socket) => {
    if (called) return;
    called = true;
    if (error) process.nextTick(() => emitError(request, error));
    else request.onSocket(socket);
  };
  try {
    const socket = options.createConnection(connection, done);
    if (socket) done(null, socket);
  } catch (error) {
    done(error);
  }
}

function setHeaders(request, options, { host, port, defaultPort, setHost }) {
  const list = Array.isArray(options.headers) ? options.headers : undefined;
  if (list === undefined) {
    for (const [name, value] of Object.entries(options.headers ?? {})) request.setHeader(name, value);
    if (host && !request.getHeader('host') && setHost) {
      let value = host.includes(':') && !host.startsWith('[') && net.isIPv6(host) ? `[${host}]` : host;
      if (port && +port !== defaultPort) value += `:${port}`;
      request.setHeader('Host', value);
    }
    if (options.auth && !request.getHeader('Authorization')) {
      request.setHeader('Authorization', `Basic ${Buffer.from(options.auth).toString('base64')}`);
    }
    if (request.getHeader('expect')) request._storeHeader(`${request.method} ${request.path} HTTP/1.1\r\n`);
  } else {
    request._storeHeader(`${request.method} ${request.path} HTTP/1.1\r\n`, list);
  }
}

// ---- Methods ------------------------------------------------------------------------------------

Object.assign(ClientRequest.prototype, {
  _implicitHeader() {
    if (this._header) throw new codes.ERR_HTTP_HEADERS_SENT('render');
    this._storeHeader(`${this.method} ${this.path} HTTP/1.1\r\n`, undefined);
  },

  abort() {
    if (this.aborted) return;
    this.aborted = true;
    process.nextTick(() => this.emit('abort'));
    this.destroy();
  },

  destroy(error) {
    if (this.destroyed) return this;
    this.destroyed = true;
    if (this.res) this.res._dump();
    this[kErrored] = error;
    this.socket?.destroy(error);
    return this;
  },

  onSocket(socket, error) {
    process.nextTick(attach, this, socket, error);
  },

  clearTimeout(callback) { this.setTimeout(0, callback); },

  setTimeout(msecs, callback) {
    if (this._ended) return this;
    listenForTimeout(this);
    const duration = checkDuration(msecs, 'msecs');
    if (callback) this.once('timeout', callback);
    if (this.socket) setSocketTimeout(this.socket, duration);
    else this.once('socket', (socket) => setSocketTimeout(socket, duration));
    return this;
  },

});
for (const [name, method] of [['setNoDelay', 'setNoDelay'], ['setSocketKeepAlive', 'setKeepAlive']]) {
  ClientRequest.prototype[name] = function(...args) {
    if (this.socket) this.socket[method](...args);
    else this.once('socket', (socket) => socket[method](...args));
  };
}

function setSocketTimeout(socket, msecs) {
  if (socket.connecting) socket.once('connect', () => socket.setTimeout(msecs));
  else socket.setTimeout(msecs);
}

function listenForTimeout(request) {
  if (request.timeoutCb) return;
  request.timeoutCb = () => request.emit('timeout');
  if (request.socket) request.socket.once('timeout', request.timeoutCb);
  else request.on('socket', (socket) => socket.once('timeout', request.timeoutCb));
}

function emitError(request, error) {
  request.emit('error', error);
}

// ---- The socket ---------------------------------------------------------------------------------

function attach(request, socket, error) {
  if (request.destroyed || error) {
    if (!socket) {
      giveUp(request, error ?? request[kErrored]);
    } else if (!error && request.agent && !socket.destroyed) {
      // It is as good as before; somebody else may have it.
      socket.emit('free');
      giveUp(request, request[kErrored]);
    } else {
      const { finished } = require('internal/streams/finished');
      finished(socket.destroy(error ?? request[kErrored]), (reason) => {
        giveUp(request, (reason?.code === 'ERR_STREAM_PREMATURE_CLOSE' ? undefined : reason) || error);
      });
    }
    return;
  }
  begin(request, socket);
  request._flush();
}

// The end of a request that never had a socket.
function giveUp(request, error) {
  const reason = error ?? (request.aborted ? undefined : hangUp('socket hang up'));
  if (reason) emitError(request, reason);
  request._closed = true;
  request.emit('close');
}

function begin(request, socket) {
  const { Parser, RESPONSE, RESPONSE_TO_HEAD, RESPONSE_TO_CONNECT } = require('internal/http/parser');
  request.socket = socket;
  const kind = { HEAD: RESPONSE_TO_HEAD, CONNECT: RESPONSE_TO_CONNECT }[request.method] ?? RESPONSE;
  const parser = new Parser(kind, socket, {
    Message: IncomingMessage,
    maxHeaderSize: request.maxHeaderSize,
    maxHeadersCount: request.maxHeadersCount,
    join: request.joinDuplicateHeaders,
    onIncoming: (response, keepAlive) => onResponse(request, socket, response, keepAlive),
  });
  request.parser = parser;
  socket.parser = parser;
  socket._httpMessage = request;
  socket.on('error', onSocketError);
  socket.on('data', onSocketData);
  socket.on('end', onSocketEnd);
  socket.on('close', onSocketClose);
  socket.on('drain', onSocketDrain);
  if (request.timeout !== undefined || request.agent?.options?.timeout) listenForTimeout(request);
  request.emit('socket', socket);
}

function release(request, socket) {
  request.parser?.free();
  request.parser = null;
  if (socket) socket.parser = null;
}

function unlisten(socket) {
  socket.removeListener('data', onSocketData);
  socket.removeListener('end', onSocketEnd);
}

function onSocketDrain() {
  const message = this._httpMessage;
  if (message && !message.finished && message[kNeedDrain]) {
    message[kNeedDrain] = false;
    message.emit('drain');
  }
}

function onSocketClose() {
  const request = this._httpMessage;
  if (!request) return;
  const { parser } = this;
  const response = request.res;
  request.destroyed = true;
  if (response) {
    if (!response.complete) {
      // A body without a length ends with the connection.
      parser?.finish();
      if (!response.complete) response.destroy(hangUp('aborted'));
    }
    request._closed = true;
    request.emit('close');
    if (!response.aborted && response.readable) response.push(null);
  } else {
    if (!this._hadError) {
      this._hadError = true;
      emitError(request, hangUp('socket hang up'));
    }
    request._closed = true;
    request.emit('close');
  }
  request.outputData.length = 0;
  release(request, this);
}

function onSocketError(error) {
  const request = this._httpMessage;
  if (request) {
    this._hadError = true;
    emitError(request, error);
  }
  if (this.parser) {
    this.parser.finish();
    release(request, this);
  }
  unlisten(this);
  this.destroy();
}

function onSocketEnd() {
  const request = this._httpMessage;
  const { parser } = this;
  if (!request.res && !this._hadError) {
    this._hadError = true;
    emitError(request, hangUp('socket hang up'));
  }
  if (parser) {
    parser.finish();
    release(request, this);
  }
  this.end();
}

function onSocketData(bytes) {
  const request = this._httpMessage;
  const { parser } = this;
  const error = parser.execute(bytes);
  if (error !== undefined) {
    release(request, this);
    unlisten(this);
    this.destroy();
    this._hadError = true;
    emitError(request, error);
    return;
  }
  if (parser.upgraded !== undefined) {
    upgrade(request, this, parser);
    return;
  }
  const { incoming } = parser;
  if (incoming?.complete && !isInformational(incoming.statusCode)) {
    unlisten(this);
    this.removeListener('drain', onSocketDrain);
    release(request, this);
  }
}

const isInformational = (status) => status < 200 && status >= 100 && status !== 101;

function upgrade(request, socket, parser) {
  const response = parser.incoming;
  const head = parser.upgraded;
  request.res = response;
  response.req = request;
  unlisten(socket);
  socket.removeListener('drain', onSocketDrain);
  if (request.timeoutCb) socket.removeListener('timeout', request.timeoutCb);
  release(request, socket);
  response._dumpAndCloseReadable();
  const event = request.method === 'CONNECT' ? 'connect' : 'upgrade';
  if (request.listenerCount(event) === 0) {
    request.destroy();
    return;
  }
  request.upgradeOrConnect = true;
  socket.emit('agentRemove');
  socket.removeListener('close', onSocketClose);
  socket.removeListener('error', onSocketError);
  socket._httpMessage = null;
  socket.readableFlowing = null;
  request.emit(event, response, socket, head);
  request.destroyed = true;
  request._closed = true;
  request.emit('close');
}

// ---- The response -------------------------------------------------------------------------------

function onResponse(request, socket, response, keepAlive) {
  if (request.res) {
    // Nobody asked for a second one.
    socket.destroy();
    return false;
  }
  if (response.upgrade) return true;
  const { statusCode, statusMessage, httpVersion, httpVersionMajor, httpVersionMinor, headers, rawHeaders } = response;
  if (isInformational(statusCode)) {
    if (statusCode === 100) request.emit('continue');
    request.emit('information', { statusCode, statusMessage, httpVersion, httpVersionMajor, httpVersionMinor, headers, rawHeaders });
    return false;
  }
  if (request.shouldKeepAlive && !keepAlive && !request.upgradeOrConnect) request.shouldKeepAlive = false;
  request.res = response;
  response.req = request;
  response.on('end', onResponseEnd);
  request.on('finish', onRequestFinish);
  if (request.aborted || !request.emit('response', response)) response._dump();
  return false;
}

function onResponseEnd() {
  const request = this.req;
  const { socket } = request;
  if (socket && request.timeoutCb) socket.removeListener('timeout', request.timeoutCb);
  request._ended = true;
  if (!request.shouldKeepAlive) {
    if (socket?.writable) socket.destroySoon();
  } else if (request.writableFinished && !this.aborted) {
    keepAlive(request);
  }
}

function onRequestFinish() {
  if (this.shouldKeepAlive && this._ended) keepAlive(this);
}

// The request is over, and its socket is free.
function keepAlive(request) {
  const { socket } = request;
  if (request.timeoutCb) {
    socket.setTimeout(0, request.timeoutCb);
    request.timeoutCb = null;
  }
  socket.removeListener('close', onSocketClose);
  socket.removeListener('error', onSocketError);
  socket.removeListener('data', onSocketData);
  socket.removeListener('end', onSocketEnd);
  process.nextTick(() => {
    request._closed = true;
    request.emit('close');
    socket.emit('free');
  });
  request.destroyed = true;
  // The response must not take the socket along.
  if (request.res) request.res.socket = socket;
}

module.exports = { ClientRequest };
