'use strict';
// What zlib's streams can be told. Authority: https://nodejs.org/api/zlib.html#class-options, zlib.h

const { codes, define } = require('internal/errors');

define('ERR_ZLIB_INITIALIZATION_FAILED', Error, 'Initialization failed');

const brotli = require('internal/zlib/brotli');

const constants = Object.freeze({
  __proto__: null,
  Z_NO_FLUSH: 0, Z_PARTIAL_FLUSH: 1, Z_SYNC_FLUSH: 2, Z_FULL_FLUSH: 3, Z_FINISH: 4, Z_BLOCK: 5, Z_TREES: 6,
  Z_OK: 0, Z_STREAM_END: 1, Z_NEED_DICT: 2, Z_ERRNO: -1, Z_STREAM_ERROR: -2, Z_DATA_ERROR: -3, Z_MEM_ERROR: -4, Z_BUF_ERROR: -5,
  Z_VERSION_ERROR: -6,
  Z_NO_COMPRESSION: 0, Z_BEST_SPEED: 1, Z_BEST_COMPRESSION: 9, Z_DEFAULT_COMPRESSION: -1,
  Z_FILTERED: 1, Z_HUFFMAN_ONLY: 2, Z_RLE: 3, Z_FIXED: 4, Z_DEFAULT_STRATEGY: 0,
  Z_MIN_WINDOWBITS: 8, Z_MAX_WINDOWBITS: 15, Z_DEFAULT_WINDOWBITS: 15, Z_MIN_CHUNK: 64, Z_MAX_CHUNK: Infinity,
  Z_DEFAULT_CHUNK: 16384, Z_MIN_MEMLEVEL: 1, Z_MAX_MEMLEVEL: 9, Z_DEFAULT_MEMLEVEL: 8,
  Z_MIN_LEVEL: -1, Z_MAX_LEVEL: 9, Z_DEFAULT_LEVEL: -1,
  DEFLATE: 1, INFLATE: 2, GZIP: 3, GUNZIP: 4, DEFLATERAW: 5, INFLATERAW: 6, UNZIP: 7,
  ...brotli.constants,
});

// What each class does: direction, and the format as the host numbers it.
const MODES = {
  __proto__: null,
  Deflate: { compresses: true, format: 0 },
  Inflate: { compresses: false, format: 0 },
  Gzip: { compresses: true, format: 1 },
  Gunzip: { compresses: false, format: 1 },
  DeflateRaw: { compresses: true, format: 2 },
  InflateRaw: { compresses: false, format: 2 },
  Unzip: { compresses: false, format: 3 },
  BrotliCompress: { compresses: true, brotli: true },
  BrotliDecompress: { compresses: false, brotli: true },
};

// A number within bounds; NaN and undefined mean the default.
function bounded(value, name, low, high, fallback) {
  if (value === undefined || Number.isNaN(value)) return fallback;
  if (typeof value !== 'number') throw new codes.ERR_INVALID_ARG_TYPE(name, 'number', value);
  if (!(value >= low && value <= high)) {
    const range = high === Infinity ? `a finite number >= ${low}` : `>= ${low} and <= ${high}`;
    throw new codes.ERR_OUT_OF_RANGE(name, Number.isFinite(value) ? range : 'a finite number', value);
  }
  return value;
}

function window(options, mode) {
  const { windowBits } = options;
  // A decoder may take the window from the stream itself.
  if (!mode.compresses && (windowBits == null || windowBits === 0)) return 0;
  const least = mode.compresses && mode.format === 1 ? 9 : constants.Z_MIN_WINDOWBITS;
  return bounded(windowBits ?? undefined, 'options.windowBits', least, 15, 15);
}

function dictionaryOf({ dictionary }) {
  if (dictionary === undefined || ArrayBuffer.isView(dictionary)) return dictionary;
  if (dictionary instanceof ArrayBuffer || dictionary instanceof SharedArrayBuffer) return new Uint8Array(dictionary);
  throw new codes.ERR_INVALID_ARG_TYPE(
    'options.dictionary', ['Buffer', 'TypedArray', 'DataView', 'ArrayBuffer'], dictionary);
}

const { kMaxLength } = require('buffer');

function read(options, mode) {
  const given = options ?? {};
  const { Z_DEFAULT_CHUNK, Z_NO_FLUSH, Z_FULL_FLUSH, Z_FINISH, Z_BLOCK } = constants;
  const kinds = mode.brotli ? brotli.flushes : { flush: Z_NO_FLUSH, finishFlush: Z_FINISH, last: Z_BLOCK, full: Z_FULL_FLUSH };
  const level = bounded(given.level, 'options.level', -1, 9, -1);
  return {
    chunkSize: bounded(given.chunkSize, 'options.chunkSize', 64, Infinity, Z_DEFAULT_CHUNK),
    flush: bounded(given.flush, 'options.flush', kinds.flush, kinds.last, kinds.flush),
    finishFlush: bounded(given.finishFlush, 'options.finishFlush', kinds.flush, kinds.last, kinds.finishFlush),
    fullFlush: kinds.full,
    maxOutputLength: bounded(given.maxOutputLength, 'options.maxOutputLength', 1, kMaxLength, kMaxLength),
    windowBits: window(given, mode),
    level,
    memLevel: bounded(given.memLevel, 'options.memLevel', 1, 9, 8),
    strategy: bounded(given.strategy, 'options.strategy', 0, 4, 0),
    dictionary: dictionaryOf(given),
    info: Boolean(given.info),
    rejectGarbageAfterEnd: Boolean(given.rejectGarbageAfterEnd),
  };
}

// The level as zlib's own default has it.
const effective = (level) => (level === -1 ? 6 : level);

module.exports = { constants, MODES, read, bounded, effective };
