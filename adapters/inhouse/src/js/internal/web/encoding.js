'use strict';
// TextEncoder and TextDecoder. Authority: https://encoding.spec.whatwg.org/#api

const { coded, defineInterface, dictionary, domString, invalidArgType, invalidThis, requireArguments, usvString } =
  require('internal/web/webidl');
const { encodingOf, newDecoder } = require('internal/web/decoders');

const { utf8Encode } = host.util;

// ---- TextEncoder ------------------------------------------------------------------------------

let isTextEncoder;

class TextEncoder {
  #brand;

  static {
    isTextEncoder = (value) => #brand in value;
  }

  get encoding() {
    checkEncoder(this);
    return 'utf-8';
  }

  encode(input = '') {
    checkEncoder(this);
    return utf8Encode(usvString(input));
  }

  encodeInto(source, destination) {
    checkEncoder(this);
    requireArguments(arguments.length, 'source', 'dest');
    const text = domString(source);
    if (host.util.classOf(destination) !== 'Uint8Array') throw invalidArgType('dest', 'Uint8Array', destination);
    return encodeInto(text, destination);
  }
}

defineInterface(TextEncoder);

function checkEncoder(value) {
  if (!isTextEncoder(value)) throw invalidThis('TextEncoder');
}

// Whole characters only; a lone surrogate counts as U+FFFD.
function encodeInto(text, bytes) {
  let read = 0;
  let written = 0;
  while (read < text.length) {
    let point = text.codePointAt(read);
    const units = point > 0xffff ? 2 : 1;
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    const length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (written + length > bytes.length) break;
    if (length === 1) {
      bytes[written] = point;
    } else {
      bytes[written] = [0xc0, 0xe0, 0xf0][length - 2] | point >> 6 * (length - 1);
      for (let i = 1; i < length; i++) bytes[written + i] = 0x80 | point >> 6 * (length - 1 - i) & 0x3f;
    }
    written += length;
    read += units;
  }
  return { read, written };
}

// ---- TextDecoder ------------------------------------------------------------------------------

// What TextDecoder and TextDecoderStream share ("TextDecoderCommon").
class DecoderState {
  constructor(label, options) {
    const wanted = domString(label);
    this.encoding = encodingOf(wanted);
    if (this.encoding === undefined) {
      throw coded(RangeError, 'ERR_ENCODING_NOT_SUPPORTED', `The "${wanted}" encoding is not supported`);
    }
    const dict = dictionary(options, 'options');
    this.fatal = Boolean(dict.fatal);
    this.ignoreBOM = Boolean(dict.ignoreBOM);
    this.reset();
  }

  reset() {
    this.decoder = newDecoder(this.encoding, this.fatal);
    this.bomSeen = false;
  }

  // "serialize I/O queue" of what the bytes decode to
  decode(bytes, last) {
    const text = this.decoder.decode(bytes, last);
    if (text === undefined || text === null) {
      this.reset();
      throw coded(TypeError, 'ERR_ENCODING_INVALID_ENCODED_DATA',
        `The encoded data was not valid for encoding ${this.encoding}`);
    }
    const atStart = !this.bomSeen && text !== '';
    if (atStart) this.bomSeen = true;
    if (last) this.reset();
    const isUnicode = this.encoding.startsWith('utf-');
    return atStart && isUnicode && !this.ignoreBOM && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }
}

// "AllowSharedBufferSource": its bytes as a view, not a copy; none if the buffer is detached.
function bytesOf(source, name) {
  const view = ArrayBuffer.isView(source);
  const buffer = view ? source.buffer : source;
  const type = host.util.classOf(buffer);
  if (type === 'SharedArrayBuffer' || (type === 'ArrayBuffer' && !buffer.detached)) {
    return view ? new Uint8Array(buffer, source.byteOffset, source.byteLength) : new Uint8Array(buffer);
  }
  if (type === 'ArrayBuffer') return new Uint8Array(0);
  throw invalidArgType(name, ['ArrayBuffer', 'SharedArrayBuffer', 'ArrayBufferView'], source);
}

let stateOf;

class TextDecoder {
  #state;
  #streaming = false; // "do not flush"

  constructor(label = 'utf-8', options = undefined) {
    this.#state = new DecoderState(label, options);
  }

  static {
    stateOf = (decoder) => {
      if (!(#state in decoder)) throw invalidThis('TextDecoder');
      return decoder.#state;
    };
  }

  get encoding() { return stateOf(this).encoding; }

  get fatal() { return stateOf(this).fatal; }

  get ignoreBOM() { return stateOf(this).ignoreBOM; }

  decode(input = undefined, options = undefined) {
    const state = stateOf(this);
    const bytes = input === undefined ? new Uint8Array(0) : bytesOf(input, 'input');
    const stream = Boolean(dictionary(options, 'options').stream);
    if (!this.#streaming) state.reset();
    this.#streaming = stream;
    return state.decode(bytes, !stream);
  }
}

defineInterface(TextDecoder);

module.exports = { TextEncoder, TextDecoder, DecoderState, bytesOf };
