'use strict';
// Node's `crypto` as far as rules about ordering and blocking reach: digests, key derivation, randomness.
// Authority: https://nodejs.org/api/crypto.html. What Node gives to the thread pool goes to the thread pool here.

const { codes, define } = require('internal/errors');
const validate = require('internal/validate');
const { Buffer } = require('buffer');

define('ERR_CRYPTO_INVALID_DIGEST', TypeError, (digest) => `Invalid digest: ${digest}`);
define('ERR_CRYPTO_HASH_FINALIZED', Error, 'Digest already called');
define('ERR_CRYPTO_HASH_UPDATE_FAILED', Error, 'Hash update failed');
define('ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH', RangeError, 'Input buffers must have the same byte length');
define('ERR_CRYPTO_INVALID_SCRYPT_PARAMS', RangeError, 'Invalid scrypt params');

const toBuffer = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function toBytes(data, name, encoding = 'utf8') {
  if (typeof data === 'string') return Buffer.from(data, encoding === 'buffer' ? 'utf8' : encoding);
  if (ArrayBuffer.isView(data)) return data;
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new codes.ERR_INVALID_ARG_TYPE(name, ['string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'], data);
}

const digestName = (name) => name.toLowerCase().replace(/^sha-/, 'sha').replace('/', '-');

function output(bytes, encoding) {
  const buffer = toBuffer(bytes);
  return encoding && encoding !== 'buffer' ? buffer.toString(encoding) : buffer;
}

// ---- Digests --------------------------------------------------------------------------------

let classes;

// Hash and Hmac are transform streams; the stream module is loaded with the first of them.
function digestClasses() {
  if (classes !== undefined) return classes;
  const { Transform } = require('stream');
  class Digest extends Transform {
    #state;

    constructor(state, options) {
      super(options);
      this.#state = state;
    }

    get _state() { return this.#state; }

    update(data, encoding) {
      if (this.#state === undefined) throw new codes.ERR_CRYPTO_HASH_FINALIZED();
      this.#state.update(toBytes(data, 'data', encoding));
      return this;
    }

    digest(encoding) {
      if (this.#state === undefined) throw new codes.ERR_CRYPTO_HASH_FINALIZED();
      const bytes = this.#state.digest();
      this.#state = undefined;
      return output(bytes, encoding);
    }

    _transform(chunk, encoding, callback) {
      this.update(chunk, encoding);
      callback();
    }

    _flush(callback) {
      this.push(this.digest());
      callback();
    }
  }
  class Hash extends Digest {
    copy(options) {
      if (this._state === undefined) throw new codes.ERR_CRYPTO_HASH_FINALIZED();
      return new Hash(this._state.copy(), options);
    }
  }
  class Hmac extends Digest {}
  classes = { Hash, Hmac };
  return classes;
}

function start(algorithm, key) {
  const state = host.crypto.hasher(digestName(algorithm), key);
  if (state === undefined || state === null) {
    const error = new Error('Digest method not supported');
    error.code = 'ERR_CRYPTO_INVALID_DIGEST';
    throw error;
  }
  return state;
}

function createHash(algorithm, options) {
  validate.string(algorithm, 'algorithm');
  return new (digestClasses().Hash)(start(algorithm, undefined), options);
}

function createHmac(algorithm, key, options) {
  validate.string(algorithm, 'hmac');
  return new (digestClasses().Hmac)(start(algorithm, toBytes(key, 'key')), options);
}

// One shot, on the calling thread.
function hash(algorithm, data, options = 'hex') {
  validate.string(algorithm, 'algorithm');
  const state = start(algorithm, undefined);
  state.update(toBytes(data, 'input'));
  return output(state.digest(), typeof options === 'object' ? options.outputEncoding ?? 'hex' : options);
}

// ---- Jobs -----------------------------------------------------------------------------------

// Calls back with a Buffer from the poll phase.
function whenDone(job, callback) {
  require('internal/requests').add(job, (error, bytes) => callback(null, toBuffer(bytes)));
}

function checkPbkdf2(password, salt, iterations, keylen, digest) {
  validate.string(digest, 'digest');
  const passwordBytes = toBytes(password, 'password');
  const saltBytes = toBytes(salt, 'salt');
  validate.integer(iterations, 'iterations', 1, 2 ** 31 - 1);
  validate.integer(keylen, 'keylen', 0, 2 ** 31 - 1);
  return [digestName(digest), passwordBytes, saltBytes, iterations, keylen];
}

function runPbkdf2(onPool, args, digest) {
  const result = host.crypto.pbkdf2(onPool, ...args);
  if (result === undefined || result === null) throw new codes.ERR_CRYPTO_INVALID_DIGEST(digest);
  return result;
}

function pbkdf2(password, salt, iterations, keylen, digest, callback) {
  if (typeof digest === 'function') {
    callback = digest;
    digest = undefined;
  }
  const args = checkPbkdf2(password, salt, iterations, keylen, digest);
  validate.func(callback, 'callback');
  whenDone(runPbkdf2(true, args, digest), callback);
}

function pbkdf2Sync(password, salt, iterations, keylen, digest) {
  return toBuffer(runPbkdf2(false, checkPbkdf2(password, salt, iterations, keylen, digest), digest));
}

function runScrypt(onPool, password, salt, keylen, options = {}) {
  const passwordBytes = toBytes(password, 'password');
  const saltBytes = toBytes(salt, 'salt');
  validate.integer(keylen, 'keylen', 0, 2 ** 31 - 1);
  const cost = options.cost ?? options.N ?? 16384;
  const blockSize = options.blockSize ?? options.r ?? 8;
  const parallelization = options.parallelization ?? options.p ?? 1;
  if (128 * cost * blockSize > (options.maxmem ?? 32 * 1024 * 1024)) throw new codes.ERR_CRYPTO_INVALID_SCRYPT_PARAMS();
  return host.crypto.scrypt(onPool, passwordBytes, saltBytes, keylen, [cost, blockSize, parallelization]);
}

function scrypt(password, salt, keylen, options, callback) {
  if (callback === undefined) {
    callback = options;
    options = undefined;
  }
  validate.func(callback, 'callback');
  whenDone(runScrypt(true, password, salt, keylen, options), callback);
}

function scryptSync(password, salt, keylen, options) {
  return toBuffer(runScrypt(false, password, salt, keylen, options));
}

// ---- Randomness -----------------------------------------------------------------------------

function randomBytes(size, callback) {
  validate.integer(size, 'size', 0, 2 ** 31 - 1);
  if (callback === undefined) return toBuffer(host.crypto.random(false, size));
  validate.func(callback, 'callback');
  whenDone(host.crypto.random(true, size), callback);
  return undefined;
}

function fillWith(target, bytes, offset) {
  new Uint8Array(target.buffer ?? target, target.byteOffset ?? 0, target.byteLength).set(bytes, offset);
  return target;
}

function randomFillSync(buffer, offset = 0, size = buffer.byteLength - offset) {
  return fillWith(buffer, host.crypto.random(false, size), offset);
}

function randomFill(buffer, ...rest) {
  const callback = rest.pop();
  validate.func(callback, 'callback');
  const [offset = 0, size = buffer.byteLength - offset] = rest;
  whenDone(host.crypto.random(true, size), (error, bytes) => callback(error, fillWith(buffer, bytes, offset)));
}

function randomInt(min, max, callback) {
  if (max === undefined || typeof max === 'function') {
    callback = max;
    max = min;
    min = 0;
  }
  validate.integer(min, 'min');
  validate.integer(max, 'max');
  if (max <= min) throw new codes.ERR_OUT_OF_RANGE('max', `greater than the value of "min" (${min})`, max);
  const [low, high] = new Uint32Array(host.crypto.random(false, 8).buffer);
  const value = min + Math.floor(((high & 0x1fffff) * 2 ** 32 + low) / 2 ** 53 * (max - min));
  if (callback === undefined) return value;
  require('process').nextTick(callback, undefined, value);
  return undefined;
}

function randomUUID() {
  const bytes = toBuffer(host.crypto.random(false, 16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function timingSafeEqual(left, right) {
  const a = toBytes(left, 'buf1');
  const b = toBytes(right, 'buf2');
  if (a.byteLength !== b.byteLength) throw new codes.ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH();
  let difference = 0;
  for (let at = 0; at < a.byteLength; at++) difference |= a[at] ^ b[at];
  return difference === 0;
}

const webcrypto = {
  getRandomValues(array) { return randomFillSync(array); },
  randomUUID,
};

module.exports = {
  createHash, createHmac, hash, getHashes: () => [...host.crypto.names],
  pbkdf2, pbkdf2Sync, scrypt, scryptSync,
  randomBytes, pseudoRandomBytes: randomBytes, randomFill, randomFillSync, randomInt, randomUUID,
  timingSafeEqual, webcrypto, getRandomValues: webcrypto.getRandomValues,
};
for (const name of ['Hash', 'Hmac']) host.lazy(module.exports, name, true, () => digestClasses()[name]);
