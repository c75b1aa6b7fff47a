'use strict';
// Decoders of the Encoding Standard: state machines from bytes to text. Authority: https://encoding.spec.whatwg.org/#the-encoding
//
// Contract: `decode(bytes, last)` gives the text of `bytes` after what came before; with `last` false, bytes that could be the
// beginning of a character wait for the next call. A decoder in fatal mode returns undefined for malformed input.
// UTF-8, UTF-16 and windows-1252 are decoded here; the host decodes the other legacy encodings.

const LABELS = {
  'utf-8': ['unicode-1-1-utf-8', 'unicode11utf8', 'unicode20utf8', 'utf-8', 'utf8', 'x-unicode20utf8'],
  'utf-16le': ['csunicode', 'iso-10646-ucs-2', 'ucs-2', 'unicode', 'unicodefeff', 'utf-16', 'utf-16le'],
  'utf-16be': ['unicodefffe', 'utf-16be'],
  'windows-1252': [
    'ansi_x3.4-1968', 'ascii', 'cp1252', 'cp819', 'csisolatin1', 'ibm819', 'iso-8859-1', 'iso-ir-100', 'iso8859-1',
    'iso88591', 'iso_8859-1', 'iso_8859-1:1987', 'l1', 'latin1', 'us-ascii', 'windows-1252', 'x-cp1252',
  ],
};

// "get an encoding": its name in lower case, or undefined.
function encodingOf(label) {
  const wanted = label.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '').toLowerCase();
  return Object.keys(LABELS).find((name) => LABELS[name].includes(wanted)) ?? host.util.encodingName(wanted);
}

function concatenate(first, second) {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

const NONE = new Uint8Array(0);

// ---- UTF-8 ------------------------------------------------------------------------------------

// How many bytes at the end are the beginning of a character that needs more. The second byte's range depends on the first.
function incompleteTail(bytes) {
  const { length } = bytes;
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = bytes[length - back];
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const needed = byte < 0xc2 || byte > 0xf4 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    if (back >= needed) return 0;
    if (back > 1 && !allowsSecond(byte, bytes[length - back + 1])) return 0;
    return back;
  }
  return 0;
}

function allowsSecond(first, second) {
  const lower = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const upper = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  return second >= lower && second <= upper;
}

class Utf8Decoder {
  #fatal;
  #waiting = NONE;

  constructor(fatal) {
    this.#fatal = fatal;
  }

  decode(chunk, last) {
    const bytes = this.#waiting.length === 0 ? chunk : concatenate(this.#waiting, chunk);
    const tail = last ? 0 : incompleteTail(bytes);
    this.#waiting = tail === 0 ? NONE : bytes.slice(bytes.length - tail);
    return host.util.utf8Decode(tail === 0 ? bytes : bytes.subarray(0, bytes.length - tail), this.#fatal, true);
  }
}

// ---- UTF-16 -----------------------------------------------------------------------------------

// "shared UTF-16 decoder"
class Utf16Decoder {
  #fatal;
  #bigEndian;
  #waiting = NONE; // half a unit, or a leading surrogate and perhaps half a unit

  constructor(fatal, bigEndian) {
    this.#fatal = fatal;
    this.#bigEndian = bigEndian;
  }

  decode(chunk, last) {
    const bytes = this.#waiting.length === 0 ? chunk : concatenate(this.#waiting, chunk);
    const high = this.#bigEndian ? 0 : 1;
    let units = bytes.length >> 1;
    const lead = units > 0 && (bytes[2 * units - 2 + high] & 0xfc) === 0xd8;
    if (lead && !last) units -= 1;
    this.#waiting = last ? NONE : bytes.slice(2 * units);
    const parts = [];
    for (let from = 0; from < units; from += 4096) {
      const codes = [];
      for (let i = from; i < Math.min(units, from + 4096); i++) codes.push(bytes[2 * i + high] << 8 | bytes[2 * i + 1 - high]);
      parts.push(String.fromCharCode(...codes));
    }
    let text = parts.join('');
    const half = last && bytes.length % 2 === 1;
    if (this.#fatal && (half || !text.isWellFormed())) return undefined;
    // A half unit after a leading surrogate is one error with it.
    if (half && !lead) text += '\ufffd';
    return text.toWellFormed();
  }
}

// ---- windows-1252 -----------------------------------------------------------------------------

// index-windows-1252, bytes 0x80 to 0x9f; the rest is Latin-1.
const UPPER_1252 = '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

class Windows1252Decoder {
  decode(bytes) {
    const parts = [];
    for (let from = 0; from < bytes.length; from += 4096) parts.push(String.fromCharCode(...bytes.subarray(from, from + 4096)));
    return parts.join('').replace(/[\x80-\x9f]/g, (char) => UPPER_1252[char.charCodeAt(0) - 0x80]);
  }
}

// ---- The others -------------------------------------------------------------------------------

class LegacyDecoder {
  #encoding;
  #fatal;
  // The host's number of a decoder in the middle of its text; 0 before the first bytes and after the last.
  #id = 0;

  constructor(encoding, fatal) {
    this.#encoding = encoding;
    this.#fatal = fatal;
  }

  decode(bytes, last) {
    if (this.#id === 0) this.#id = host.util.startDecoder(this.#encoding);
    const text = host.util.runDecoder(this.#id, bytes, last, this.#fatal);
    if (last || text === undefined) this.#id = 0;
    return text;
  }
}

function newDecoder(encoding, fatal) {
  switch (encoding) {
    case 'utf-8': return new Utf8Decoder(fatal);
    case 'utf-16le': return new Utf16Decoder(fatal, false);
    case 'utf-16be': return new Utf16Decoder(fatal, true);
    case 'windows-1252': return new Windows1252Decoder();
    default: return new LegacyDecoder(encoding, fatal);
  }
}

module.exports = { encodingOf, newDecoder };
