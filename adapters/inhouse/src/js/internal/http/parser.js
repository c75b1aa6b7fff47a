'use strict';
// One parser of a connection: turns what the host's parser finds into IncomingMessages, and their bodies and ends.

const { MAX_HEADER_SIZE, parseError } = require('internal/http/common');
const { readStart, readStop } = require('internal/http/incoming');
const { asBuffer } = require('internal/streams/bytes');

const REQUESTS = 0;
const RESPONSE = 1;
const RESPONSE_TO_HEAD = 2;
const RESPONSE_TO_CONNECT = 3;

class Parser {
  // `onIncoming(message, keepAlive)` is called with each head; true takes an upgrade. `Message` is the class of messages.
  constructor(kind, socket, { Message, onIncoming, maxHeaderSize, maxHeadersCount, join }) {
    this.kind = kind;
    this.native = host.http.parser(kind, maxHeaderSize || MAX_HEADER_SIZE);
    this.socket = socket;
    this.incoming = null;
    this.Message = Message;
    this.onIncoming = onIncoming;
    // 2000 unless the program says otherwise; 0 is no limit.
    this.maxFields = maxHeadersCount === 0 ? Infinity : 2 * (maxHeadersCount ?? 2000);
    this.join = Boolean(join);
    this.freed = false;
    // Set when an upgrade was taken: the bytes that followed the head.
    this.upgraded = undefined;
    // Whether ticks run between two callbacks; so it is where the loop calls the parser directly.
    this.drains = false;
  }

  // Undefined, or the error that ends the parsing.
  execute(bytes) { return this.#take(this.native.feed(bytes), bytes); }

  // The stream is at its end.
  finish() { return this.freed ? undefined : this.#take(this.native.finish()); }

  free() {
    this.freed = true;
    this.incoming = null;
  }

  #take(found, packet) {
    for (const one of found) {
      if (this.freed) return undefined;
      if (typeof one === 'string') return parseError(one, packet);
      if (Array.isArray(one)) this.#end(one);
      else if (ArrayBuffer.isView(one)) this.#body(one);
      else if (this.#head(one) && one.upgrade && !this.freed) {
        this.upgraded = asBuffer(this.native.rest());
        return undefined;
      } else if (one.upgrade) {
        return this.#take(this.native.goOn(), packet);
      }
    }
    return undefined;
  }

  #head({ word, target, status, minor, fields, keepAlive, upgrade }) {
    const message = new this.Message(this.socket);
    message.httpVersionMajor = 1;
    message.httpVersionMinor = minor;
    message.httpVersion = `1.${minor}`;
    message.joinDuplicateHeaders = this.join;
    message.rawHeaders = fields.length > this.maxFields ? fields.slice(0, this.maxFields) : fields;
    message.upgrade = upgrade;
    if (this.kind === REQUESTS) {
      message.method = word;
      message.url = target;
    } else {
      message.statusCode = status;
      message.statusMessage = word;
    }
    this.incoming = message;
    return this.onIncoming(message, keepAlive);
  }

  #body(bytes) {
    const { incoming } = this;
    if (incoming === null || incoming._dumped && incoming.destroyed) return;
    if (!incoming._dumped && !incoming.push(asBuffer(bytes))) readStop(this.socket);
    if (this.drains) host.loop.drain();
  }

  #end(trailers) {
    const { incoming } = this;
    if (incoming !== null) {
      incoming.complete = true;
      incoming.completeTrailers(trailers);
      incoming.push(null);
    }
    // The next message may be waiting.
    readStart(this.socket);
  }
}

module.exports = { Parser, REQUESTS, RESPONSE, RESPONSE_TO_HEAD, RESPONSE_TO_CONNECT };
