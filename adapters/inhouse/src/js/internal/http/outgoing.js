'use strict';
// `http.OutgoingMessage`: the head and the body of a message, until they are written to a socket.
// Authority: https://nodejs.org/api/http.html#class-httpoutgoingmessage
//
// It is no Writable, though it looks like one: what is written before there is a socket waits in `outputData`, in front of
// everything the socket itself buffers.

const { Stream } = require('internal/streams/legacy');
const { Buffer } = require('internal/streams/bytes');
const { getDefault } = require('internal/streams/high_water_mark');
const { codes, isToken, validateHeaderName, validateHeaderValue } = require('internal/http/common');

const kHeaders = Symbol('headers');
const kNeedDrain = Symbol('needs drain');
const kErrored = Symbol('error');
const kCorked = Symbol('corked');
const kBytes = Symbol('bytes of the body');
const kFinished = Symbol('finish was emitted');
const kChunks = Symbol('pieces of the next chunk');
const kChunkSize = Symbol('bytes of the next chunk');
const CRLF = Buffer.from('\r\n');

function OutgoingMessage(options) {
  Stream.call(this);
  this.outputData = [];
  this.outputSize = 0;
  this.destroyed = false;
  this.writable = true;
  this._last = false;
  this.chunkedEncoding = false;
  this.shouldKeepAlive = true;
  this.maxRequestsOnConnectionReached = false;
  this._defaultKeepAlive = true;
  this.useChunkedEncodingByDefault = true;
  this.sendDate = false;
  this._removedConnection = false;
  this._removedContLen = false;
  this._removedTE = false;
  this.strictContentLength = false;
  this._contentLength = null;
  this._hasBody = true;
  this._trailer = '';
  this.finished = false;
  this._headerSent = false;
  this._closed = false;
  this.socket = null;
  this._header = null;
  this._keepAliveTimeout = 0;
  this._onPendingData = () => {};
  this[kHeaders] = null;
  this[kNeedDrain] = false;
  this[kErrored] = null;
  this[kCorked] = 0;
  this[kBytes] = 0;
  this[kFinished] = false;
  this[kChunks] = [];
  this[kChunkSize] = 0;
  this._highWaterMark = options?.highWaterMark ?? getDefault(false);
  this._rejectBody = options?.rejectNonStandardBodyWrites ?? false;
}
Object.setPrototypeOf(OutgoingMessage.prototype, Stream.prototype);
Object.setPrototypeOf(OutgoingMessage, Stream);

// ---- State --------------------------------------------------------------------------------------

const getters = {
  errored() { return this[kErrored]; },
  closed() { return this._closed; },
  writableFinished() { return this[kFinished]; },
  writableObjectMode() { return false; },
  writableLength() {
    const chunk = this[kChunkSize] === 0 ? 0 : this[kChunkSize] + this[kChunkSize].toString(16).length + 4;
    const header = this._header && !this._headerSent ? this._header.length : 0;
    return this.outputSize + chunk + header + (this.socket ? this.socket.writableLength : 0);
  },
  writableHighWaterMark() { return this.socket ? this.socket.writableHighWaterMark : this._highWaterMark; },
  writableCorked() { return this.socket ? this.socket.writableCorked : this[kCorked]; },
  writableEnded() { return this.finished; },
  writableNeedDrain() { return !this.destroyed && !this.finished && this[kNeedDrain]; },
  headersSent() { return Boolean(this._header); },
};
for (const [name, get] of Object.entries(getters)) {
  Object.defineProperty(OutgoingMessage.prototype, name, { configurable: true, enumerable: true, get });
}
Object.defineProperty(OutgoingMessage.prototype, 'connection', {
  configurable: true,
  get() { return this.socket; },
  set(socket) { this.socket = socket; },
});

// ---- Headers ------------------------------------------------------------------------------------

const methods = {
  setHeader(name, value) {
    if (this._header) throw new codes.ERR_HTTP_HEADERS_SENT('set');
    validateHeaderName(name);
    for (const one of Array.isArray(value) ? value : [value]) validateHeaderValue(name, one);
    (this[kHeaders] ??= Object.create(null))[name.toLowerCase()] = [name, value];
    return this;
  },
  setHeaders(headers) {
    if (this._header) throw new codes.ERR_HTTP_HEADERS_SENT('set');
    if (!headers || typeof headers.forEach !== 'function' || Array.isArray(headers)) {
      throw new codes.ERR_INVALID_ARG_TYPE('headers', ['Headers', 'Map'], headers);
    }
    const cookies = [];
    for (const [name, value] of headers) {
      if (name.toLowerCase() === 'set-cookie') cookies.push(...(Array.isArray(value) ? value : [value]));
      else this.setHeader(name, value);
    }
    if (cookies.length > 0) this.setHeader('set-cookie', cookies);
    return this;
  },
  appendHeader(name, value) {
    if (this._header) throw new codes.ERR_HTTP_HEADERS_SENT('append');
    validateHeaderName(name);
    for (const one of Array.isArray(value) ? value : [value]) validateHeaderValue(name, one);
    const known = this[kHeaders]?.[name.toLowerCase()];
    if (known === undefined) return this.setHeader(name, value);
    known[1] = [].concat(known[1], value);
    return this;
  },
  getHeader(name) {
    if (typeof name !== 'string') throw new codes.ERR_INVALID_ARG_TYPE('name', 'string', name);
    return this[kHeaders]?.[name.toLowerCase()]?.[1];
  },
  hasHeader(name) {
    if (typeof name !== 'string') throw new codes.ERR_INVALID_ARG_TYPE('name', 'string', name);
    return this[kHeaders]?.[name.toLowerCase()] !== undefined;
  },
  removeHeader(name) {
    if (typeof name !== 'string') throw new codes.ERR_INVALID_ARG_TYPE('name', 'string', name);
    if (this._header) throw new codes.ERR_HTTP_HEADERS_SENT('remove');
    const key = name.toLowerCase();
    if (key === 'connection') this._removedConnection = true;
    else if (key === 'content-length') this._removedContLen = true;
    else if (key === 'transfer-encoding') this._removedTE = true;
    else if (key === 'date') this.sendDate = false;
    if (this[kHeaders] !== null) delete this[kHeaders][key];
  },
  getHeaderNames() { return Object.keys(this[kHeaders] ?? {}); },
  getRawHeaderNames() { return Object.values(this[kHeaders] ?? {}).map(([name]) => name); },
  getHeaders() {
    const headers = Object.create(null);
    for (const [key, [, value]] of Object.entries(this[kHeaders] ?? {})) headers[key] = value;
    return headers;
  },
  _renderHeaders() {
    if (this._header) throw new codes.ERR_HTTP_HEADERS_SENT('render');
    return Object.fromEntries(Object.values(this[kHeaders] ?? {}));
  },

  // Makes the head from its first line and headers: an object, a list of pairs, or a flat list; undefined for those that were set.
  _storeHeader(firstLine, headers) {
    const lines = [];
    const seen = { connection: false, length: false, te: false, date: false, expect: false, trailer: false, keepAlive: false };
    const add = (name, value) => {
      for (const one of Array.isArray(value) && name.toLowerCase() !== 'cookie' ? value : [value]) addOne(name, one);
    };
    const addOne = (name, value) => {
      const text = Array.isArray(value) ? value.join('; ') : `${value}`;
      lines.push(`${name}: ${text}\r\n`);
      note(this, seen, name.toLowerCase(), text);
    };
    if (headers === undefined) for (const [name, value] of Object.values(this[kHeaders] ?? {})) add(name, value);
    else for (const [name, value] of pairsOf(headers)) {
      validateHeaderName(name);
      for (const one of Array.isArray(value) ? value : [value]) validateHeaderValue(name, one);
      add(name, value);
    }
    if (this.sendDate && !seen.date) lines.push(`Date: ${new Date().toUTCString()}\r\n`);
    if (this.chunkedEncoding && (this.statusCode === 204 || this.statusCode === 304)) {
      this.chunkedEncoding = false;
      this.shouldKeepAlive = false;
    }
    addConnection(this, seen, lines);
    addFraming(this, seen, lines);
    if (this.chunkedEncoding !== true && seen.trailer) throw new codes.ERR_HTTP_TRAILER_INVALID();
    this._header = `${firstLine}${lines.join('')}\r\n`;
    this._headerSent = false;
    // What waits for 100-continue must not wait for its own head.
    if (seen.expect) this._send('');
  },

  addTrailers(headers) {
    this._trailer = '';
    for (const [name, value] of Array.isArray(headers) ? headers : Object.entries(headers)) {
      if (typeof name !== 'string' || !isToken(name)) throw new codes.ERR_INVALID_HTTP_TOKEN('Trailer name', name);
      for (const one of Array.isArray(value) ? value : [value]) {
        validateHeaderValue(name, one);
        this._trailer += `${name}: ${one}\r\n`;
      }
    }
  },
  flushHeaders() {
    if (!this._header) this._implicitHeader();
    this._send('');
  },
  _implicitHeader() { throw new codes.ERR_METHOD_NOT_IMPLEMENTED('_implicitHeader()'); },
};

function pairsOf(headers) {
  if (!Array.isArray(headers)) return Object.entries(headers);
  if (Array.isArray(headers[0])) return headers;
  return headers.flatMap((name, i) => (i % 2 === 0 ? [[name, headers[i + 1]]] : []));
}

// What a header means for the message that it is sent with.
function note(message, seen, key, value) {
  switch (key) {
    case 'connection':
      seen.connection = true;
      message._removedConnection = false;
      if (/(?:^|\W)close(?:$|\W)/i.test(value)) message._last = true;
      else message.shouldKeepAlive = true;
      break;
    case 'transfer-encoding':
      seen.te = true;
      message._removedTE = false;
      if (/(?:^|\W)chunked(?:$|\W)/i.test(value)) message.chunkedEncoding = true;
      break;
    case 'content-length':
      seen.length = true;
      message._contentLength = +value;
      message._removedContLen = false;
      break;
    case 'keep-alive':
      seen.keepAlive = true;
      message._defaultKeepAlive = false;
      break;
    default:
      if (key === 'date' || key === 'expect' || key === 'trailer') seen[key] = true;
  }
}

function addConnection(message, seen, lines) {
  if (message._removedConnection) {
    // HTTP/1.1 keeps a connection of which nothing is said.
    message._last = !message.shouldKeepAlive;
    return;
  }
  if (seen.connection) return;
  const framed = seen.length || message.useChunkedEncodingByDefault || message.agent;
  if (!message.shouldKeepAlive || !framed || message.maxRequestsOnConnectionReached) {
    message._last = true;
    lines.push('Connection: close\r\n');
    return;
  }
  lines.push('Connection: keep-alive\r\n');
  if (message._keepAliveTimeout && message._defaultKeepAlive && !seen.keepAlive) {
    const most = ~~message._maxRequestsPerSocket > 0 ? `, max=${message._maxRequestsPerSocket}` : '';
    lines.push(`Keep-Alive: timeout=${Math.floor(message._keepAliveTimeout / 1000)}${most}\r\n`);
  }
}

function addFraming(message, seen, lines) {
  if (seen.length || seen.te) return;
  if (!message._hasBody) {
    message.chunkedEncoding = false;
  } else if (!message.useChunkedEncodingByDefault) {
    message._last = true;
  } else if (!seen.trailer && !message._removedContLen && typeof message._contentLength === 'number') {
    lines.push(`Content-Length: ${message._contentLength}\r\n`);
  } else if (!message._removedTE) {
    lines.push('Transfer-Encoding: chunked\r\n');
    message.chunkedEncoding = true;
  } else {
    message._last = true;
  }
}

Object.assign(OutgoingMessage.prototype, methods);

module.exports = { OutgoingMessage, kHeaders, kNeedDrain, kErrored, kCorked, kBytes, kFinished, kChunks, kChunkSize, CRLF };
require('internal/http/outgoing_body');
