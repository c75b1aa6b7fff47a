'use strict';
// Chunks of bytes as streams hand them on: always a Buffer, over the same memory.

const { Buffer } = require('buffer');
const { codes } = require('internal/errors');

// null: no view of bytes.
function asBuffer(chunk) {
  if (chunk instanceof Buffer) return chunk;
  if (!ArrayBuffer.isView(chunk)) return null;
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

// The `defaultEncoding` of a stream's options.
function checkedEncoding(encoding) {
  if (!encoding) return 'utf8';
  if (!Buffer.isEncoding(encoding)) throw new codes.ERR_UNKNOWN_ENCODING(encoding);
  return encoding;
}

module.exports = { Buffer, asBuffer, checkedEncoding };
