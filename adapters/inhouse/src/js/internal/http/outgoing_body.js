'use strict';
// The body of an OutgoingMessage: write(), end(), and the way of bytes to the socket.

const { OutgoingMessage, kNeedDrain, kErrored, kCorked, kBytes, kFinished, kChunks, kChunkSize, CRLF } = require('internal/http/outgoing');
const { Buffer } = require('internal/streams/bytes');
const { codes } = require('internal/http/common');

const noop = () => {};

function sizeOf(chunk, encoding) {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.byteLength;
}

// An error of write() or end(): told to the callback, and a tick later as an event.
function refuse(message, error, callback) {
  if (message.destroyed) {
    process.nextTick(callback, error);
    return;
  }
  process.nextTick(() => {
    callback(error);
    if (typeof message.emit === 'function' && !message.destroyed) message.emit('error', error);
  });
}

function writeBody(message, chunk, givenEncoding, callback, last) {
  let data = chunk;
  let encoding = givenEncoding;
  if (data === null) throw new codes.ERR_STREAM_NULL_VALUES();
  if (typeof data !== 'string' && !ArrayBuffer.isView(data)) {
    throw new codes.ERR_INVALID_ARG_TYPE('chunk', ['string', 'Buffer', 'Uint8Array'], data);
  }
  let error;
  if (message.finished) error = new codes.ERR_STREAM_WRITE_AFTER_END();
  else if (message.destroyed) error = new codes.ERR_STREAM_DESTROYED('write');
  if (error !== undefined) {
    refuse(message, error, callback);
    return false;
  }
  if (typeof data === 'string' && encoding && !/^(?:utf-?8|latin1|binary|ascii)$/i.test(encoding)) {
    data = Buffer.from(data, encoding);
    encoding = undefined;
  }
  const size = sizeOf(data, encoding);
  if (!message._header) {
    if (last) message._contentLength = size;
    message._implicitHeader();
  }
  if (message.strictContentLength && message._contentLength !== null && message._hasBody && !message._removedContLen && !message.chunkedEncoding) {
    const sent = message[kBytes] + size;
    if (last ? sent !== message._contentLength : sent > message._contentLength) {
      throw new codes.ERR_HTTP_CONTENT_LENGTH_MISMATCH(sent, message._contentLength);
    }
    message[kBytes] = sent;
  }
  if (!message._hasBody) {
    if (message._rejectBody) throw new codes.ERR_HTTP_BODY_NOT_ALLOWED();
    process.nextTick(callback);
    return true;
  }
  // The pieces of one turn go out together, as one chunk.
  if (!last && message.socket && !message.socket.writableCorked) {
    message.cork();
    process.nextTick(uncorkLater, message);
  }
  let room;
  if (!message.chunkedEncoding || size === 0) {
    room = message._send(data, encoding, callback);
  } else if (message[kCorked] > 0) {
    message[kChunks].push({ data, encoding, callback });
    message[kChunkSize] += size;
    room = message.writableLength < message.writableHighWaterMark;
  } else {
    message._send(`${size.toString(16)}\r\n`, 'latin1', null);
    message._send(data, encoding, null);
    room = message._send(CRLF, null, callback);
  }
  if (!room) message[kNeedDrain] = true;
  return room;
}

function uncorkLater(message) {
  if (message[kCorked] === 0) return;
  if (message.uncork() && message[kNeedDrain] && !message.finished && !message.destroyed) {
    message[kNeedDrain] = false;
    message.emit('drain');
  }
}

// Sends what was gathered while the message was corked; whether there is room for more.
function sendChunk(message) {
  const pieces = message[kChunks];
  if (pieces.length === 0) return false;
  const size = message[kChunkSize];
  message[kChunks] = [];
  message[kChunkSize] = 0;
  message._send(`${size.toString(16)}\r\n`, 'latin1', null);
  for (const { data, encoding } of pieces) message._send(data, encoding, null);
  return message._send(CRLF, null, (error) => {
    for (const { callback } of pieces) callback(error);
  });
}

Object.assign(OutgoingMessage.prototype, {
  write(chunk, givenEncoding, givenCallback) {
    const [encoding, callback] = typeof givenEncoding === 'function' ? [null, givenEncoding] : [givenEncoding, givenCallback];
    return writeBody(this, chunk, encoding, callback ?? noop, false);
  },

  end(givenChunk, givenEncoding, givenCallback) {
    let [chunk, encoding, callback] = [givenChunk, givenEncoding, givenCallback];
    if (typeof chunk === 'function') [chunk, encoding, callback] = [null, null, chunk];
    else if (typeof encoding === 'function') [encoding, callback] = [null, encoding];
    if (chunk) {
      if (this.finished) {
        refuse(this, new codes.ERR_STREAM_WRITE_AFTER_END(), typeof callback === 'function' ? callback : noop);
        return this;
      }
      this.socket?.cork();
      writeBody(this, chunk, encoding, noop, true);
    } else if (this.finished) {
      if (typeof callback === 'function') {
        if (this.writableFinished) callback(new codes.ERR_STREAM_ALREADY_FINISHED('end'));
        else this.on('finish', callback);
      }
      return this;
    } else if (!this._header) {
      this.socket?.cork();
      this._contentLength = 0;
      this._implicitHeader();
    }
    if (typeof callback === 'function') this.once('finish', callback);
    if (this.strictContentLength && this._contentLength !== null && this._hasBody && this[kBytes] !== this._contentLength &&
        !this._removedContLen && !this.chunkedEncoding) {
      throw new codes.ERR_HTTP_CONTENT_LENGTH_MISMATCH(this[kBytes], this._contentLength);
    }
    const finish = () => {
      if (this.socket?._hadError) return;
      this[kFinished] = true;
      this.emit('finish');
    };
    sendChunk(this);
    if (this._hasBody && this.chunkedEncoding) this._send(`0\r\n${this._trailer}\r\n`, 'latin1', finish);
    else if (!this._headerSent || this.writableLength || chunk) this._send('', 'latin1', finish);
    else process.nextTick(finish);
    if (this.socket) {
      this.socket._writableState.corked = 1;
      this.socket.uncork();
    }
    this[kCorked] = 0;
    this.finished = true;
    if (this.outputData.length === 0 && this.socket?._httpMessage === this) this._finish();
    return this;
  },

  cork() {
    this[kCorked]++;
    this.socket?.cork();
  },
  // Answers whether a chunk went out and there is room for more.
  uncork() {
    if (this[kCorked] > 0) this[kCorked]--;
    this.socket?.uncork();
    return this[kCorked] === 0 && sendChunk(this);
  },

  // The head goes out with the first piece.
  _send(data, encoding, callback) {
    if (this._headerSent) return this._writeRaw(data, encoding, callback);
    this._headerSent = true;
    if (typeof data === 'string' && (!encoding || /^(?:utf-?8|latin1)$/i.test(encoding)) && isLatin1(this._header)) {
      return this._writeRaw(this._header + data, encoding, callback);
    }
    const header = this._header;
    this.outputData.unshift({ data: header, encoding: 'latin1', callback: null });
    this.outputSize += header.length;
    this._onPendingData(header.length);
    return this._writeRaw(data, encoding, callback);
  },

  _writeRaw(data, givenEncoding, givenCallback) {
    const { socket } = this;
    if (socket?.destroyed) return false;
    const [encoding, callback] = typeof givenEncoding === 'function' ? [null, givenEncoding] : [givenEncoding, givenCallback];
    if (socket && socket._httpMessage === this && socket.writable) {
      if (this.outputData.length > 0) this._flushOutput(socket);
      return socket.write(data, encoding ?? undefined, callback ?? undefined);
    }
    this.outputData.push({ data, encoding, callback });
    const size = sizeOf(data, encoding ?? undefined);
    this.outputSize += size;
    this._onPendingData(size);
    return this.outputSize < this._highWaterMark;
  },

  // There is a socket now: what has waited goes there.
  _flush() {
    const { socket } = this;
    if (!socket?.writable) return;
    // Corks from before there was a socket are the socket's from here on.
    for (let left = this[kCorked]; left > 0; left--) socket.cork();
    const room = this._flushOutput(socket);
    if (this.finished) {
      this._finish();
    } else if (room && this[kNeedDrain]) {
      this[kNeedDrain] = false;
      this.emit('drain');
    }
  },

  _flushOutput(socket) {
    if (this.outputData.length === 0) return undefined;
    socket.cork();
    let room;
    for (const { data, encoding, callback } of this.outputData) room = socket.write(data, encoding ?? undefined, callback ?? undefined);
    socket.uncork();
    this.outputData = [];
    this._onPendingData(-this.outputSize);
    this.outputSize = 0;
    return room;
  },

  _finish() { this.emit('prefinish'); },

  setTimeout(msecs, callback) {
    if (callback) this.on('timeout', callback);
    if (this.socket) this.socket.setTimeout(msecs);
    else this.once('socket', (socket) => socket.setTimeout(msecs));
    return this;
  },

  destroy(error) {
    if (this.destroyed) return this;
    this.destroyed = true;
    this[kErrored] = error;
    if (this.socket) this.socket.destroy(error);
    else this.once('socket', (socket) => socket.destroy(error));
    return this;
  },

  pipe() { this.emit('error', new codes.ERR_STREAM_CANNOT_PIPE()); },
});

OutgoingMessage.prototype[Symbol.for('nodejs.rejection')] = function(error) { this.destroy(error); };

// Whether text comes out the same in both encodings of a head and a body.
function isLatin1(text) {
  return /^[\0-\x7f]*$/.test(text);
}
