'use strict';
// `http.Server`. Authority: https://nodejs.org/api/http.html#class-httpserver

const net = require('net');
const { IncomingMessage } = require('internal/http/incoming');
const { kNeedDrain } = require('internal/http/outgoing');
const { ServerResponse } = require('internal/http/response');
const { Parser, REQUESTS } = require('internal/http/parser');
const { STATUS_CODES, codes, hangUp } = require('internal/http/common');
const { callable } = require('internal/callable_class');
const validate = require('internal/validate');
const { Timeout, clear } = require('internal/timers');

const kConnections = Symbol('connections');
const kChecker = Symbol('checker of time-outs');
const noop = () => {};

class ServerClass extends net.Server {
  constructor(given, listener) {
    const options = typeof given === 'function' || given === undefined || given === null ? {} : given;
    validate.object(options, 'options');
    super({ allowHalfOpen: true, noDelay: options.noDelay ?? true, keepAlive: options.keepAlive,
      keepAliveInitialDelay: options.keepAliveInitialDelay, highWaterMark: options.highWaterMark });
    const {
      IncomingMessage: Request = IncomingMessage, ServerResponse: Response = ServerResponse, maxHeaderSize, requestTimeout = 300000,
      headersTimeout = Math.min(60000, requestTimeout), keepAliveTimeout = 5000, connectionsCheckingInterval = 30000,
      requireHostHeader = true, joinDuplicateHeaders = false, rejectNonStandardBodyWrites = false, keepAliveTimeoutBuffer = 1000,
      shouldUpgradeCallback,
    } = options;
    if (maxHeaderSize !== undefined) validate.integer(maxHeaderSize, 'maxHeaderSize', 0);
    validate.integer(requestTimeout, 'requestTimeout', 0);
    validate.integer(headersTimeout, 'headersTimeout', 0);
    validate.integer(keepAliveTimeout, 'keepAliveTimeout', 0);
    if (requestTimeout > 0 && headersTimeout > 0 && headersTimeout > requestTimeout) {
      throw new codes.ERR_OUT_OF_RANGE('headersTimeout', '<= requestTimeout', headersTimeout);
    }
    validate.boolean(requireHostHeader, 'options.requireHostHeader');
    this.httpAllowHalfOpen = false;
    this.timeout = 0;
    this.maxHeadersCount = null;
    this.maxRequestsPerSocket = 0;
    Object.assign(this, {
      maxHeaderSize, requestTimeout, headersTimeout, keepAliveTimeout, keepAliveTimeoutBuffer, connectionsCheckingInterval,
      requireHostHeader, joinDuplicateHeaders, rejectNonStandardBodyWrites,
    });
    this.shouldUpgradeCallback = shouldUpgradeCallback ?? (() => this.listenerCount('upgrade') > 0);
    Object.defineProperties(this, {
      Request: { value: Request },
      Response: { value: Response },
      [kConnections]: { value: new Set() },
      [kChecker]: { value: undefined, writable: true },
    });
    const onRequest = typeof given === 'function' ? given : listener;
    if (onRequest) this.on('request', onRequest);
    this.on('connection', (socket) => serve(this, socket));
    this.on('listening', () => startChecking(this));
  }

  setTimeout(msecs, callback) {
    this.timeout = msecs;
    if (callback) this.on('timeout', callback);
    return this;
  }

  close(callback) {
    stopChecking(this);
    this.closeIdleConnections();
    return super.close(callback);
  }

  async [Symbol.asyncDispose]() {
    await new Promise((resolve, reject) => {
      this.close((error) => (error ? reject(error) : resolve()));
    });
  }

  closeAllConnections() {
    for (const state of [...this[kConnections]]) state.socket.destroy();
  }

  closeIdleConnections() {
    for (const state of [...this[kConnections]]) {
      if (state.isIdle && !state.socket._httpMessage) state.socket.destroy();
    }
  }

  [Symbol.for('nodejs.rejection')](error, event, ...args) {
    if (event !== 'request') {
      super[Symbol.for('nodejs.rejection')](error, event, ...args);
      return;
    }
    const [, response] = args;
    if (!response.headersSent && !response.writableEnded) {
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      response.statusCode = 500;
      response.end(STATUS_CODES[500]);
    } else {
      response.destroy();
    }
  }
}

const Server = callable(ServerClass, 'Server');

// ---- Requests that take too long ----------------------------------------------------------------

function startChecking(server) {
  stopChecking(server);
  server[kChecker] = new Timeout(() => checkTimes(server), server.connectionsCheckingInterval, undefined, true).unref();
}

function stopChecking(server) {
  if (server[kChecker] !== undefined) clear(server[kChecker]);
  server[kChecker] = undefined;
}

function checkTimes(server) {
  if (server.headersTimeout === 0 && server.requestTimeout === 0) return;
  const now = performance.now();
  for (const { socket, began, hasHead } of [...server[kConnections]]) {
    if (began === undefined) continue;
    const headLate = !hasHead && server.headersTimeout > 0 && now - began > server.headersTimeout;
    const late = server.requestTimeout > 0 && now - began > server.requestTimeout;
    if (headLate || late) onSocketError.call(socket, new codes.ERR_HTTP_REQUEST_TIMEOUT());
  }
}

// ---- A connection -------------------------------------------------------------------------------

function serve(server, socket) {
  if (server.timeout) socket.setTimeout(server.timeout);
  socket.on('timeout', onSocketTimeout);
  const state = {
    server,
    socket,
    // Responses whose turn to be sent has not come, and what they have buffered.
    outgoing: [],
    outgoingData: 0,
    incoming: [],
    requests: 0,
    keepAliveTimeoutSet: false,
    // Since when a request is being received, and whether its head is there.
    began: performance.now(),
    hasHead: false,
    get isIdle() { return this.requests > 0 && this.began === undefined; },
  };
  server[kConnections].add(state);
  const parser = new Parser(REQUESTS, socket, {
    Message: server.Request,
    maxHeaderSize: server.maxHeaderSize,
    maxHeadersCount: server.maxHeadersCount,
    join: server.joinDuplicateHeaders,
    onIncoming: (request, keepAlive) => onIncoming(state, request, keepAlive),
  });
  state.parser = parser;
  socket.parser = parser;
  socket.server = server;
  socket._paused = false;
  state.listeners = {
    data: (bytes) => onData(state, bytes),
    end: () => onEnd(state),
    close: () => onClose(state),
    drain: () => onDrain(state),
    resume: onResume,
    pause: onPause,
  };
  for (const [event, listener] of Object.entries(state.listeners)) socket.on(event, listener);
  socket.on('error', onSocketError);
  consume(state);
}

// The parser takes bytes from the handle itself, past the stream, as long as nobody else listens.
function consume(state) {
  const { socket, parser } = state;
  const handle = socket._handle;
  if (handle === null) return;
  state.toStream = handle.ondata;
  parser.drains = true;
  handle.ondata = (bytes) => {
    if (parser.freed) {
      state.toStream(bytes);
      return;
    }
    socket._unrefTimer();
    if (socket.listenerCount('data') === 1) onData(state, bytes);
    else state.toStream(bytes);
  };
}

function onData(state, bytes) {
  const { socket, parser } = state;
  if (parser.freed) return;
  if (state.began === undefined) {
    state.began = performance.now();
    state.hasHead = false;
  }
  const error = parser.execute(bytes);
  if (error !== undefined) {
    onSocketError.call(socket, error);
  } else if (parser.upgraded !== undefined) {
    upgrade(state);
  }
}

function upgrade(state) {
  const { server, socket, parser } = state;
  const request = parser.incoming;
  const head = parser.upgraded;
  if (socket._handle !== null) socket._handle.ondata = state.toStream;
  for (const [event, listener] of Object.entries(state.listeners)) socket.removeListener(event, listener);
  socket.removeListener('error', onSocketError);
  socket.removeListener('timeout', onSocketTimeout);
  server[kConnections].delete(state);
  parser.free();
  socket.parser = null;
  request._dumpAndCloseReadable?.();
  const event = request.method === 'CONNECT' ? 'connect' : 'upgrade';
  if (server.listenerCount(event) > 0) {
    socket.readableFlowing = null;
    server.emit(event, request, socket, head);
  } else {
    socket.destroy();
  }
}

function onIncoming(state, request, keepAlive) {
  const { server, socket } = state;
  state.hasHead = true;
  if (state.keepAliveTimeoutSet) {
    socket.setTimeout(server.timeout || 0);
    state.keepAliveTimeoutSet = false;
  }
  if (request.upgrade) {
    request.upgrade = request.method === 'CONNECT' || Boolean(server.shouldUpgradeCallback(request));
    if (request.upgrade) return true;
  }
  state.incoming.push(request);
  // A client that sends on while its responses are not taken has to wait.
  if (!socket._paused && (socket._writableState.needDrain || state.outgoingData >= socket.writableHighWaterMark)) {
    socket._paused = true;
    socket.pause();
  }
  const response = new server.Response(request, {
    highWaterMark: socket.writableHighWaterMark,
    rejectNonStandardBodyWrites: server.rejectNonStandardBodyWrites,
  });
  response._keepAliveTimeout = server.keepAliveTimeout;
  response._maxRequestsPerSocket = server.maxRequestsPerSocket;
  response._onPendingData = (delta) => pendingData(state, delta);
  response.shouldKeepAlive = keepAlive;
  if (socket._httpMessage) state.outgoing.push(response);
  else response.assignSocket(socket);
  response.on('finish', () => onFinish(state, request, response));
  state.requests++;
  dispatch(state, request, response);
  return false;
}

function dispatch({ server, requests }, request, response) {
  if (request.httpVersionMinor === 1) {
    const limit = server.maxRequestsPerSocket;
    if (limit > 0) {
      response.maxRequestsOnConnectionReached = limit <= requests;
      if (limit < requests) {
        server.emit('dropRequest', request, request.socket);
        response.writeHead(503);
        response.end();
        return;
      }
    }
    if (server.requireHostHeader && request.headers.host === undefined) {
      response.writeHead(400, ['Connection', 'close']);
      response.end();
      return;
    }
    const { expect } = request.headers;
    if (expect !== undefined) {
      if (/(?:^|\W)100-continue(?:$|\W)/i.test(expect)) {
        response._expect_continue = true;
        if (server.listenerCount('checkContinue') > 0) server.emit('checkContinue', request, response);
        else {
          response.writeContinue();
          server.emit('request', request, response);
        }
      } else if (server.listenerCount('checkExpectation') > 0) {
        server.emit('checkExpectation', request, response);
      } else {
        response.writeHead(417);
        response.end();
      }
      return;
    }
  }
  server.emit('request', request, response);
}

function pendingData(state, delta) {
  state.outgoingData += delta;
  const { socket } = state;
  if (socket._paused && state.outgoingData < socket.writableHighWaterMark) onDrain(state);
}

// A response is sent: the request is over, and the next response's turn has come.
function onFinish(state, request, response) {
  const { server, socket } = state;
  state.incoming.shift();
  if (!request._consumed) request._dump();
  response.detachSocket(socket);
  release(state, request);
  process.nextTick(() => {
    if (response._closed) return;
    response.destroyed = true;
    response._closed = true;
    response.emit('close');
  });
  if (response._last) {
    socket.destroySoon();
  } else if (state.outgoing.length > 0) {
    state.outgoing.shift().assignSocket(socket);
  } else if (server.keepAliveTimeout > 0) {
    socket.setTimeout(server.keepAliveTimeout + server.keepAliveTimeoutBuffer);
    state.keepAliveTimeoutSet = true;
  }
}

// The parser lets go of a request once it was received whole.
function release(state, request) {
  const done = () => {
    if (state.parser.incoming !== request) return;
    state.parser.incoming = null;
    state.began = undefined;
  };
  if (request.complete) done();
  else request.once('end', done);
}

// ---- What happens to the socket -----------------------------------------------------------------

function onDrain(state) {
  const { socket } = state;
  const needsPause = state.outgoingData > socket.writableHighWaterMark;
  if (socket._paused && !needsPause) {
    socket._paused = false;
    socket.resume();
  }
  const message = socket._httpMessage;
  if (message && !message.finished && message[kNeedDrain]) {
    message[kNeedDrain] = false;
    message.emit('drain');
  }
}

function onEnd(state) {
  const { server, socket, parser } = state;
  const error = parser.finish();
  if (error !== undefined) onSocketError.call(socket, error);
  else if (!server.httpAllowHalfOpen) socket.end();
  else if (state.outgoing.length > 0) state.outgoing[state.outgoing.length - 1]._last = true;
  else if (socket._httpMessage) socket._httpMessage._last = true;
  else socket.end();
}

function onClose(state) {
  state.server[kConnections].delete(state);
  state.parser.free();
  while (state.incoming.length > 0) state.incoming.shift().destroy(hangUp('aborted'));
}

function onSocketTimeout() {
  const request = this.parser?.incoming;
  const tookRequest = request && !request.complete && request.emit('timeout', this);
  const response = this._httpMessage;
  const tookResponse = response && response.emit('timeout', this);
  const tookServer = this.server.emit('timeout', this);
  if (!tookRequest && !tookResponse && !tookServer) this.destroy();
}

const REFUSALS = { HPE_HEADER_OVERFLOW: 431, HPE_CHUNK_EXTENSIONS_OVERFLOW: 413, ERR_HTTP_REQUEST_TIMEOUT: 408 };

function onSocketError(error) {
  this.removeListener('error', onSocketError);
  if (this.listenerCount('error', noop) === 0) this.on('error', noop);
  if (this.server.emit('clientError', error, this)) return;
  if (this.writable && (!this._httpMessage || !this._httpMessage._headerSent)) {
    const status = REFUSALS[error.code] ?? 400;
    this.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`);
  }
  this.destroy(error);
}

function onResume() {
  if (this._paused) {
    this.pause();
    return;
  }
  if (this._handle !== null && !this._handle.reading) this._handle.readStart();
}

function onPause() {
  if (this._handle?.reading) this._handle.readStop();
}

module.exports = { Server, connectionListener(socket) { serve(this, socket); } };
