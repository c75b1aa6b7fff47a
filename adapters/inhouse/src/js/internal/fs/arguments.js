'use strict';
// Arguments of file operations: paths, flags, modes, encodings, and the errors of operations.
// Authority: https://nodejs.org/api/fs.html

const { codes } = require('internal/errors');
const validate = require('internal/validate');

const constants = Object.freeze(Object.assign(Object.create(null), {
  F_OK: 0, X_OK: 1, W_OK: 2, R_OK: 4,
  O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2, O_CREAT: 0o100, O_EXCL: 0o200, O_NOCTTY: 0o400, O_TRUNC: 0o1000, O_APPEND: 0o2000,
  O_NONBLOCK: 0o4000, O_DSYNC: 0o10000, O_DIRECTORY: 0o200000, O_NOFOLLOW: 0o400000, O_SYNC: 0o4010000,
  S_IFMT: 0o170000, S_IFREG: 0o100000, S_IFDIR: 0o40000, S_IFCHR: 0o20000, S_IFBLK: 0o60000, S_IFIFO: 0o10000,
  S_IFLNK: 0o120000, S_IFSOCK: 0o140000,
  S_IRWXU: 0o700, S_IRUSR: 0o400, S_IWUSR: 0o200, S_IXUSR: 0o100, S_IRWXG: 0o70, S_IRGRP: 0o40, S_IWGRP: 0o20, S_IXGRP: 0o10,
  S_IRWXO: 0o7, S_IROTH: 0o4, S_IWOTH: 0o2, S_IXOTH: 0o1,
  COPYFILE_EXCL: 1, COPYFILE_FICLONE: 2, COPYFILE_FICLONE_FORCE: 4, UV_FS_COPYFILE_EXCL: 1,
}));

// What each letter of a flag string adds.
function toFlags(flags, fallback = 'r') {
  const value = flags ?? fallback;
  if (typeof value === 'number') {
    validate.integer(value, 'flags', -(2 ** 31), 2 ** 31 - 1);
    return value;
  }
  const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_SYNC } = constants;
  const [, kind, rest] = /^([rwa])([+sx]*)$/.exec(value.replace(/^sr/, 'rs').replace(/^sa/, 'as').replace(/^x([wa])/, '$1x')) ?? [];
  if (kind === undefined || (kind === 'r' && rest.includes('x'))) throw new codes.ERR_INVALID_ARG_VALUE('flags', flags);
  const access = rest.includes('+') ? O_RDWR : kind === 'r' ? O_RDONLY : O_WRONLY;
  const extra = { r: 0, w: O_CREAT | O_TRUNC, a: O_CREAT | O_APPEND }[kind];
  return access | extra | (rest.includes('x') ? O_EXCL : 0) | (rest.includes('s') ? O_SYNC : 0);
}

function toMode(mode, fallback, name = 'mode') {
  if (mode === undefined || mode === null) return fallback;
  if (typeof mode === 'string') {
    if (!/^[0-7]+$/.test(mode)) {
      throw new codes.ERR_INVALID_ARG_VALUE(name, mode, 'must be a 32-bit unsigned integer or an octal string');
    }
    return Number.parseInt(mode, 8);
  }
  validate.integer(mode, name, 0, 2 ** 32 - 1);
  return mode;
}

// A path as the host takes it: a string, or bytes.
function toPath(path, name = 'path') {
  let value = path;
  if (value !== null && typeof value === 'object' && typeof value.href === 'string' && typeof value.protocol === 'string') {
    value = require('url').fileURLToPath(value);
  }
  if (typeof value === 'string' ? value.includes('\0') : value instanceof Uint8Array && value.includes(0)) {
    throw new codes.ERR_INVALID_ARG_VALUE(name, value, 'must be a string, Uint8Array, or URL without null bytes');
  }
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
    throw new codes.ERR_INVALID_ARG_TYPE(name, ['string', 'Buffer', 'URL'], path);
  }
  return value;
}

function toFd(fd, name = 'fd') {
  validate.integer(fd, name, 0, 2 ** 31 - 1);
  return fd;
}

// The options object that a string, an object or nothing stands for.
function toOptions(options, defaults = {}) {
  if (options === undefined || options === null || typeof options === 'function') return { ...defaults };
  if (typeof options === 'string') return { ...defaults, encoding: checkEncoding(options) };
  if (typeof options !== 'object') throw new codes.ERR_INVALID_ARG_TYPE('options', ['string', 'Object'], options);
  if (options.encoding && options.encoding !== 'buffer') checkEncoding(options.encoding);
  validate.abortSignal(options.signal, 'options.signal');
  return { ...defaults, ...options };
}

function checkEncoding(encoding) {
  if (encoding === 'buffer' || isUtf8(encoding) || require('buffer').Buffer.isEncoding(encoding)) return encoding;
  throw new codes.ERR_INVALID_ARG_VALUE('encoding', encoding, 'is invalid encoding');
}

const isUtf8 = (encoding) => encoding === 'utf8' || encoding === 'utf-8';

function toBuffer(bytes) {
  return require('buffer').Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// Bytes in the form that `encoding` asks for; without one, a Buffer.
function decode(bytes, encoding) {
  if (!encoding || encoding === 'buffer') return toBuffer(bytes);
  if (isUtf8(encoding)) return host.util.utf8Decode(bytes, false, true);
  return toBuffer(bytes).toString(encoding);
}

// A name from the file system; only `buffer` is not a string.
function decodeName(name, encoding) {
  return !encoding || isUtf8(encoding) ? name : decode(host.util.utf8Encode(name), encoding);
}

// What is written: bytes as they are, strings encoded.
function toBytes(data, encoding) {
  if (typeof data === 'string') {
    return !encoding || isUtf8(encoding) ? host.util.utf8Encode(data) : require('buffer').Buffer.from(data, encoding);
  }
  if (ArrayBuffer.isView(data)) return data;
  throw new codes.ERR_INVALID_ARG_TYPE('data', ['string', 'Buffer', 'TypedArray', 'DataView'], data);
}

// The error object of a failed operation, from the facts that the host reports.
function toError({ errno, code, text, syscall, path, dest }) {
  let message = `${code}: ${text}, ${syscall}`;
  if (path !== undefined) message += ` '${path}'`;
  if (dest !== undefined) message += ` -> '${dest}'`;
  const error = new Error(message);
  error.errno = errno;
  error.code = code;
  error.syscall = syscall;
  if (path !== undefined) error.path = path;
  if (dest !== undefined) error.dest = dest;
  return error;
}

module.exports = { constants, toFlags, toMode, toPath, toFd, toOptions, decode, decodeName, toBytes, toBuffer, toError };
