'use strict';
// The encodings of Buffer: text to bytes, bytes to text, and how many bytes a text takes.
// Authority: https://nodejs.org/api/buffer.html#buffers-and-character-encodings

// What `String.fromCharCode.apply` may get at once without exhausting the stack.
const CHUNK = 4096;

// ---- Names --------------------------------------------------------------------------------------

const NAMES = {
  __proto__: null,
  'utf8': 'utf8', 'utf-8': 'utf8', 'ucs2': 'utf16le', 'ucs-2': 'utf16le', 'utf16le': 'utf16le', 'utf-16le': 'utf16le',
  'latin1': 'latin1', 'binary': 'latin1', 'base64': 'base64', 'base64url': 'base64url', 'hex': 'hex', 'ascii': 'ascii',
};

// The canonical name; undefined if it is none. No encoding means utf8.
function canonical(name) {
  if (name === undefined || name === null || name === '') return 'utf8';
  return NAMES[name] ?? (typeof name === 'string' ? NAMES[name.toLowerCase()] : undefined);
}

// ---- utf8 ---------------------------------------------------------------------------------------

const utf8 = {
  encode: (text) => host.util.utf8Encode(text),
  decode: (bytes) => host.util.utf8Decode(bytes, false, true),
  length(text) {
    if (host.util.utf8Length) return host.util.utf8Length(text);
    return host.util.utf8Encode(text).length;
  },
};

// ---- One byte a character -----------------------------------------------------------------------

function fromCodes(codes) {
  let text = '';
  for (let i = 0; i < codes.length; i += CHUNK) {
    text += String.fromCharCode.apply(null, codes.subarray(i, i + CHUNK));
  }
  return text;
}

const latin1 = {
  encode(text) {
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  },
  decode: fromCodes,
  length: (text) => text.length,
};

// Written like latin1, read with seven bits.
const ascii = {
  encode: latin1.encode,
  decode: (bytes) => fromCodes(Uint8Array.from(bytes, (byte) => byte & 0x7f)),
  length: latin1.length,
};

// ---- utf16le ------------------------------------------------------------------------------------

const utf16le = {
  encode(text) {
    const bytes = new Uint8Array(text.length * 2);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      bytes[2 * i] = code;
      bytes[2 * i + 1] = code >> 8;
    }
    return bytes;
  },
  // An odd last byte is left out.
  decode(bytes) {
    const codes = new Uint16Array(bytes.length >> 1);
    for (let i = 0; i < codes.length; i++) codes[i] = bytes[2 * i] | (bytes[2 * i + 1] << 8);
    return fromCodes(codes);
  },
  length: (text) => text.length * 2,
};

// ---- hex ----------------------------------------------------------------------------------------

function hexDigit(code) {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

const hex = {
  // Ends at the first pair that is none.
  encode(text) {
    const bytes = new Uint8Array(text.length >> 1);
    for (let i = 0; i < bytes.length; i++) {
      const high = hexDigit(text.charCodeAt(2 * i));
      const low = hexDigit(text.charCodeAt(2 * i + 1));
      if (high < 0 || low < 0) return bytes.subarray(0, i);
      bytes[i] = (high << 4) | low;
    }
    return bytes;
  },
  decode: (bytes) => Uint8Array.prototype.toHex.call(bytes),
  length: (text) => text.length >>> 1,
};

// ---- base64 -------------------------------------------------------------------------------------

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const DIGITS = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) DIGITS[ALPHABET.charCodeAt(i)] = i;
DIGITS[45] = 62;    // "-" and "_" of the URL-safe alphabet are understood in both
DIGITS[95] = 63;

const base64 = {
  // Lenient: what is no digit is skipped, "=" ends it.
  encode(text) {
    const bytes = new Uint8Array(Math.ceil(text.length * 3 / 4));
    let at = 0;
    let bits = 0;
    let held = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 61) break;
      const digit = code < 128 ? DIGITS[code] : -1;
      if (digit < 0) continue;
      bits = (bits << 6) | digit;
      held += 6;
      if (held >= 8) {
        held -= 8;
        bytes[at++] = bits >> held;
        bits &= (1 << held) - 1;
      }
    }
    return bytes.subarray(0, at);
  },
  decode: (bytes) => Uint8Array.prototype.toBase64.call(bytes),
  length(text) {
    let size = text.length;
    if (text.endsWith('==')) size -= 2;
    else if (text.endsWith('=')) size -= 1;
    return (size * 3) >>> 2;
  },
};

const base64url = {
  encode: base64.encode,
  decode: (bytes) => Uint8Array.prototype.toBase64.call(bytes, { alphabet: 'base64url', omitPadding: true }),
  length: base64.length,
};

const encodings = { __proto__: null, utf8, latin1, ascii, utf16le, hex, base64, base64url };

module.exports = { canonical, encodings };
