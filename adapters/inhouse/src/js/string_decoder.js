'use strict';
// Node's `string_decoder` module: bytes to text, chunk by chunk, without cutting a character in two.
// Authority: https://nodejs.org/api/string_decoder.html

const { Buffer } = require('buffer');
const { canonical } = require('internal/buffer/encodings');
const { codes } = require('internal/errors');

const kState = Symbol('kState');

function StringDecoder(encoding) {
  const name = canonical(encoding);
  if (name === undefined) throw new codes.ERR_UNKNOWN_ENCODING(encoding);
  this.encoding = name;
  // The first bytes of a character that goes on in the next chunk: how many, and how many it still lacks.
  this[kState] = { held: Buffer.alloc(4), count: 0, missing: 0 };
}

// How many bytes at the end of `bytes` begin a character, and how many that one lacks.
const unfinished = {
  __proto__: null,
  utf8(bytes) {
    for (let count = 1; count <= Math.min(4, bytes.length); count++) {
      const byte = bytes[bytes.length - count];
      if (byte < 0x80) break;
      if ((byte & 0xc0) === 0x80) continue;
      let size = 0;
      if ((byte & 0xe0) === 0xc0) size = 2;
      else if ((byte & 0xf0) === 0xe0) size = 3;
      else if ((byte & 0xf8) === 0xf0) size = 4;
      if (count < size) return [count, size - count];
      break;
    }
    return [0, 0];
  },
  utf16le(bytes) {
    if (bytes.length % 2 === 1) return [1, 1];
    // A high surrogate waits for its low one.
    return (bytes[bytes.length - 1] & 0xfc) === 0xd8 ? [2, 2] : [0, 0];
  },
  base64(bytes) {
    const count = bytes.length % 3;
    return [count, count === 0 ? 0 : 3 - count];
  },
};
unfinished.base64url = unfinished.base64;

StringDecoder.prototype.write = function(chunk) {
  if (typeof chunk === 'string') return chunk;
  if (!ArrayBuffer.isView(chunk)) throw new codes.ERR_INVALID_ARG_TYPE('buf', ['Buffer', 'TypedArray', 'DataView'], chunk);
  let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const rest = unfinished[this.encoding];
  if (rest === undefined) return bytes.toString(this.encoding);

  const state = this[kState];
  let text = '';
  if (state.missing > 0) {
    let taken = Math.min(state.missing, bytes.length);
    if (this.encoding === 'utf8') {
      // Anything but a continuation byte ends the held character early.
      let continued = 0;
      while (continued < taken && (bytes[continued] & 0xc0) === 0x80) continued++;
      if (continued < taken) state.missing = continued;
      taken = continued;
    }
    bytes.copy(state.held, state.count, 0, taken);
    state.count += taken;
    state.missing -= taken;
    bytes = bytes.subarray(taken);
    if (state.missing > 0) return '';
    text = state.held.toString(this.encoding, 0, state.count);
    state.count = 0;
  }
  if (bytes.length === 0) return text;
  [state.count, state.missing] = rest(bytes);
  const whole = bytes.length - state.count;
  bytes.copy(state.held, 0, whole);
  return text + bytes.toString(this.encoding, 0, whole);
};

StringDecoder.prototype.end = function(chunk) {
  const text = chunk === undefined ? '' : this.write(chunk);
  const state = this[kState];
  const rest = state.held.toString(this.encoding, 0, state.count);
  state.count = 0;
  state.missing = 0;
  return text + rest;
};

StringDecoder.prototype.text = function(chunk, offset) {
  this[kState].count = 0;
  this[kState].missing = 0;
  return this.write(chunk.slice(offset));
};

Object.defineProperties(StringDecoder.prototype, {
  lastNeed: { get() { return this[kState].missing; }, enumerable: true, configurable: true },
  lastTotal: { get() { return this[kState].count + this[kState].missing; }, enumerable: true, configurable: true },
  lastChar: { get() { return this[kState].held; }, enumerable: true, configurable: true },
});

exports.StringDecoder = StringDecoder;
