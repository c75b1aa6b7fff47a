'use strict';
// `http.IncomingMessage`: a request that a server gets, a response that a client gets.
// Authority: https://nodejs.org/api/http.html#class-httpincomingmessage

const { Readable } = require('stream');
const { callable } = require('internal/callable_class');

// Of these, what comes second does not count.
const SINGLE = new Set(['age', 'authorization', 'content-length', 'content-type', 'etag', 'expires', 'from', 'host', 'if-modified-since',
  'if-unmodified-since', 'last-modified', 'location', 'max-forwards', 'proxy-authorization', 'referer', 'retry-after', 'server', 'user-agent']);

class IncomingMessageClass extends Readable {
  #headers;
  #trailers;

  constructor(socket) {
    super({ highWaterMark: socket?.readableHighWaterMark });
    this._readableState.readingMore = true;
    this.socket = socket;
    this.httpVersionMajor = null;
    this.httpVersionMinor = null;
    this.httpVersion = null;
    this.complete = false;
    this.rawHeaders = [];
    this.rawTrailers = [];
    this.joinDuplicateHeaders = false;
    this.aborted = false;
    this.upgrade = null;
    this.url = '';
    this.method = null;
    this.statusCode = null;
    this.statusMessage = null;
    this.client = socket;
    // Whether anybody has begun to read; what nobody reads is taken off the wire when the response is over.
    this._consumed = false;
    this._dumped = false;
  }

  get connection() { return this.socket; }

  set connection(socket) { this.socket = socket; }

  get headers() { return (this.#headers ??= collect(this.rawHeaders, this.joinDuplicateHeaders)); }

  set headers(headers) { this.#headers = headers; }

  get headersDistinct() { return distinct(this.rawHeaders); }

  get trailers() { return (this.#trailers ??= collect(this.rawTrailers, this.joinDuplicateHeaders)); }

  set trailers(trailers) { this.#trailers = trailers; }

  // They come with the end of the body; whoever has the object already sees them there.
  completeTrailers(raw) {
    this.rawTrailers = raw;
    if (this.#trailers !== undefined) Object.assign(this.#trailers, collect(raw, this.joinDuplicateHeaders));
  }

  get trailersDistinct() { return distinct(this.rawTrailers); }

  setTimeout(msecs, callback) {
    if (callback) this.on('timeout', callback);
    this.socket.setTimeout(msecs);
    return this;
  }

  _read() {
    if (!this._consumed) {
      this._readableState.readingMore = false;
      this._consumed = true;
    }
    if (this.socket?.readable) readStart(this.socket);
  }

  _destroy(error, callback) {
    if (!this.readableEnded || !this.complete) {
      this.aborted = true;
      this.emit('aborted');
    }
    if (this.socket && !this.socket.destroyed && this.aborted) {
      const { socket } = this;
      socket.destroy(error);
      const { finished } = require('internal/streams/finished');
      const cleanUp = finished(socket, (reason) => {
        const cause = reason?.code === 'ERR_STREAM_PREMATURE_CLOSE' ? null : reason;
        cleanUp();
        process.nextTick(settle, this, cause || error, callback);
      });
    } else if (error) {
      process.nextTick(settle, this, error, callback);
    } else {
      callback();
    }
  }

  // Lets whatever is still to come pass by.
  _dump() {
    if (this._dumped) return;
    this._dumped = true;
    if (this.listenerCount('data') > 0) return;
    this.resume();
  }

  _dumpAndCloseReadable() {
    this._dumped = true;
    this._readableState.ended = true;
    this._readableState.endEmitted = true;
    this._readableState.destroyed = true;
    this._readableState.closed = true;
    this._readableState.closeEmitted = true;
  }
}

const IncomingMessage = callable(IncomingMessageClass, 'IncomingMessage');

// An error is told only to who listens for it.
function settle(message, error, callback) {
  if (message.listenerCount('error') > 0) callback(error);
  else callback();
}

function collect(raw, join) {
  const headers = {};
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i].toLowerCase();
    const value = raw[i + 1];
    if (name === 'set-cookie') (headers[name] ??= []).push(value);
    else if (headers[name] === undefined) headers[name] = value;
    else if (join || !SINGLE.has(name)) headers[name] += `${name === 'cookie' ? '; ' : ', '}${value}`;
  }
  return headers;
}

function distinct(raw) {
  const headers = Object.create(null);
  for (let i = 0; i < raw.length; i += 2) (headers[raw[i].toLowerCase()] ??= []).push(raw[i + 1]);
  return headers;
}

function readStart(socket) {
  if (socket && !socket._paused && socket.readable) socket.resume();
}

function readStop(socket) {
  socket?.pause();
}

module.exports = { IncomingMessage, readStart, readStop };
