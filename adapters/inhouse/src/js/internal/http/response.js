'use strict';
// `http.ServerResponse`. Authority: https://nodejs.org/api/http.html#class-httpserverresponse

const { OutgoingMessage } = require('internal/http/outgoing');
const { codes, STATUS_CODES, validateHeaderName, validateHeaderValue } = require('internal/http/common');

const NO_REASON = /[^\t\x20-\x7e\x80-\xff]/;

function ServerResponse(request, options) {
  OutgoingMessage.call(this, options);
  if (request.method === 'HEAD') this._hasBody = false;
  this.req = request;
  this.sendDate = true;
  this.statusMessage = undefined;
  this._sent100 = false;
  this._expect_continue = false;
  if (request.httpVersionMajor < 1 || request.httpVersionMinor < 1) {
    this.useChunkedEncodingByDefault = /(?:^|\W)chunked(?:$|\W)/i.test(request.headers.te ?? '');
    this.shouldKeepAlive = false;
  }
}
Object.setPrototypeOf(ServerResponse.prototype, OutgoingMessage.prototype);
Object.setPrototypeOf(ServerResponse, OutgoingMessage);

// The socket is gone, and with it whatever was not sent.
function onSocketClose() {
  const response = this._httpMessage;
  if (!response) return;
  response.destroyed = true;
  response._closed = true;
  response.emit('close');
}

Object.assign(ServerResponse.prototype, {
  statusCode: 200,
  statusMessage: undefined,

  assignSocket(socket) {
    if (socket._httpMessage) throw new codes.ERR_HTTP_SOCKET_ASSIGNED();
    socket._httpMessage = this;
    socket.on('close', onSocketClose);
    this.socket = socket;
    this.emit('socket', socket);
    this._flush();
  },

  detachSocket(socket) {
    socket.removeListener('close', onSocketClose);
    socket._httpMessage = null;
    this.socket = null;
  },

  writeContinue(callback) {
    this._writeRaw('HTTP/1.1 100 Continue\r\n\r\n', 'ascii', callback);
    this._sent100 = true;
  },

  writeProcessing(callback) {
    this._writeRaw('HTTP/1.1 102 Processing\r\n\r\n', 'ascii', callback);
  },

  writeInformation(statusCode, headers, callback) {
    let head = `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? 'unknown'}\r\n`;
    for (const [name, value] of Object.entries(headers ?? {})) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
      head += `${name}: ${value}\r\n`;
    }
    this._writeRaw(`${head}\r\n`, 'ascii', callback);
  },

  writeEarlyHints(hints, callback) {
    const { link, ...others } = hints;
    if (link === undefined || link === null) return;
    const lines = [`Link: ${[].concat(link).join(', ')}`, ...Object.entries(others).map(([name, value]) => `${name}: ${value}`)];
    this._writeRaw(`HTTP/1.1 103 Early Hints\r\n${lines.join('\r\n')}\r\n\r\n`, 'ascii', callback);
  },

  _implicitHeader() { this.writeHead(this.statusCode); },

  writeHead(given, reason, headers) {
    if (this._header) throw new codes.ERR_HTTP_HEADERS_SENT('write');
    const statusCode = given | 0;
    if (statusCode < 100 || statusCode > 999) throw new codes.ERR_HTTP_INVALID_STATUS_CODE(given);
    const fields = typeof reason === 'string' ? headers : headers ?? reason;
    const message = typeof reason === 'string' ? reason : this.statusMessage || STATUS_CODES[statusCode] || 'unknown';
    if (NO_REASON.test(message)) throw new codes.ERR_INVALID_CHAR('statusMessage');
    if (Array.isArray(fields) && !Array.isArray(fields[0]) && fields.length % 2 !== 0) {
      throw new codes.ERR_INVALID_ARG_VALUE('headers', fields);
    }
    this.statusCode = statusCode;
    this.statusMessage = message;
    const set = this.getHeaderNames().length > 0;
    if (statusCode === 204 || statusCode === 304 || (statusCode >= 100 && statusCode <= 199)) this._hasBody = false;
    if (this._expect_continue && !this._sent100) this.shouldKeepAlive = false;
    const first = `HTTP/1.1 ${statusCode} ${message}\r\n`;
    if (fields && set) {
      const pairs = Array.isArray(fields) ? (Array.isArray(fields[0]) ? fields : unflatten(fields)) : Object.entries(fields);
      const names = new Set();
      for (const [name, value] of pairs) {
        const key = `${name}`.toLowerCase();
        if (names.has(key)) this.appendHeader(name, value);
        else this.setHeader(name, value);
        names.add(key);
      }
      this._storeHeader(first);
    } else {
      this._storeHeader(first, fields || undefined);
    }
    return this;
  },
});
ServerResponse.prototype.writeHeader = ServerResponse.prototype.writeHead;

function unflatten(fields) {
  const pairs = [];
  for (let i = 0; i < fields.length; i += 2) pairs.push([fields[i], fields[i + 1]]);
  return pairs;
}

module.exports = { ServerResponse };
