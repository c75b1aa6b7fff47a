'use strict';
// Node's `zlib`. Authority: https://nodejs.org/api/zlib.html
// The streams are in internal/zlib/stream, their options in internal/zlib/options.

const { codes } = require('internal/errors');
const validate = require('internal/validate');
const { Buffer } = require('buffer');
const { constants, MODES } = require('internal/zlib/options');
const { Zlib } = require('internal/zlib/stream');

// ---- Classes --------------------------------------------------------------------------------

const classes = {};
const factories = {};

for (const name of Object.keys(MODES)) {
  classes[name] = makeClass(name, MODES[name]);
  factories[`create${name}`] = (options) => new classes[name](options);
}

// Callable with and without `new`, as Node's are.
function makeClass(name, mode) {
  function Stream(options) {
    return Reflect.construct(Zlib, [options, mode], new.target ?? Stream);
  }
  Object.defineProperty(Stream, 'name', { value: name, configurable: true });
  Object.setPrototypeOf(Stream.prototype, Zlib.prototype);
  Object.setPrototypeOf(Stream, Zlib);
  return Stream;
}

// ---- One call -------------------------------------------------------------------------------

function toInput(data, name = 'buffer') {
  if (typeof data === 'string') return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return data;
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return new Uint8Array(data);
  throw new codes.ERR_INVALID_ARG_TYPE(name, ['string', 'Buffer', 'TypedArray', 'DataView', 'ArrayBuffer'], data);
}

function collect(engine, data, callback) {
  validate.func(callback, 'callback');
  const input = toInput(data);
  const parts = [];
  let size = 0;
  engine.on('data', (part) => {
    parts.push(part);
    size += part.byteLength;
    if (size > engine._maxOutputLength) {
      engine.close();
      callback(new codes.ERR_BUFFER_TOO_LARGE(engine._maxOutputLength));
    }
  });
  engine.on('error', (error) => {
    engine.removeAllListeners('end');
    callback(error);
  });
  engine.on('end', () => {
    engine.close();
    const buffer = Buffer.concat(parts);
    callback(null, engine._info ? { buffer, engine } : buffer);
  });
  engine.end(input);
}

const calls = {};

for (const [method, name] of [
  ['deflate', 'Deflate'], ['gzip', 'Gzip'], ['deflateRaw', 'DeflateRaw'], ['unzip', 'Unzip'], ['inflate', 'Inflate'],
  ['gunzip', 'Gunzip'], ['inflateRaw', 'InflateRaw'], ['brotliCompress', 'BrotliCompress'],
  ['brotliDecompress', 'BrotliDecompress'],
]) {
  calls[method] = { [method](buffer, options, callback) {
    if (typeof options === 'function') {
      callback = options;
      options = {};
    }
    collect(new classes[name](options), buffer, callback);
  } }[method];
  const sync = `${method}Sync`;
  calls[sync] = { [sync](buffer, options) {
    const input = toInput(buffer);
    const engine = new classes[name](options);
    const result = engine._processAll(input);
    return engine._info ? { buffer: result, engine } : result;
  } }[sync];
}

// ---- CRC-32 ---------------------------------------------------------------------------------

let table;

// The checksum of ISO-HDLC, which gzip uses.
function crc32(data, value = 0) {
  const bytes = new Uint8Array(Buffer.from(toInput(data, 'data')));
  validate.integer(value, 'value', 0, 0xffffffff);
  table ??= Uint32Array.from({ length: 256 }, (_, index) => {
    let entry = index;
    for (let bit = 0; bit < 8; bit++) entry = entry & 1 ? (entry >>> 1) ^ 0xedb88320 : entry >>> 1;
    return entry;
  });
  let crc = ~value;
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

module.exports = { ...classes, ...factories, ...calls, crc32 };
Object.defineProperty(module.exports, 'constants', { value: constants, enumerable: true });
const byNumber = Object.entries(constants).filter(([, value]) => value >= -6 && value <= 2);
Object.defineProperty(module.exports, 'codes', {
  enumerable: true,
  value: Object.freeze(Object.fromEntries(byNumber
    .filter(([name]) => /^Z_(?:OK|STREAM_END|NEED_DICT|ERRNO|\w+_ERROR)$/.test(name))
    .flatMap(([name, value]) => [[name, value], [value, name]]))),
});
