'use strict';
// indexOf, lastIndexOf and includes of Buffer.
// Authority: https://nodejs.org/api/buffer.html#bufindexofvalue-byteoffset-encoding

const { codes } = require('internal/errors');
const { canonical, encodings } = require('internal/buffer/encodings');

// The position of `value` at or after (or, backwards, at or before) `givenOffset`; -1 if there is none.
function search(buffer, value, givenOffset, givenEncoding, forward) {
  let offset = givenOffset;
  let encoding = givenEncoding;
  if (typeof offset === 'string') {
    encoding = offset;
    offset = undefined;
  } else if (offset > 0x7fffffff) offset = 0x7fffffff;
  else if (offset < -0x80000000) offset = -0x80000000;
  offset = +offset;
  if (Number.isNaN(offset)) offset = forward ? 0 : buffer.length;
  offset = Math.trunc(offset);

  if (typeof value === 'number') {
    const wanted = value >>> 0 & 0xff;
    return searchBytes(buffer, Uint8Array.of(wanted), offset, forward, 1);
  }
  let needle = value;
  let step = 1;
  if (typeof value === 'string') {
    const name = canonical(encoding);
    if (name === undefined) throw new codes.ERR_UNKNOWN_ENCODING(encoding);
    needle = encodings[name].encode(value);
    // A match must not begin in the middle of a character.
    if (name === 'utf16le') step = 2;
  } else if (!(value instanceof Uint8Array)) {
    throw new codes.ERR_INVALID_ARG_TYPE('value', ['number', 'string', 'Buffer', 'Uint8Array'], value);
  } else if (canonical(encoding) === 'utf16le') step = 2;
  return searchBytes(buffer, needle, offset, forward, step);
}

function searchBytes(buffer, needle, offset, forward, step) {
  const { length } = buffer;
  let at = offset < 0 ? length + offset : offset;
  if (needle.length === 0) return Math.max(0, Math.min(at, length));
  if (at < 0) {
    if (!forward) return -1;
    at = 0;
  }
  if (length === 0 || needle.length > length || (forward && at > length - needle.length)) return -1;
  at = Math.min(at, length - needle.length);
  if (step === 2 && at % 2 === 1) at += forward ? 1 : -1;
  for (; at >= 0 && at <= length - needle.length; at += forward ? step : -step) {
    let i = 0;
    while (i < needle.length && buffer[at + i] === needle[i]) i++;
    if (i === needle.length) return at;
  }
  return -1;
}

module.exports = { search };
