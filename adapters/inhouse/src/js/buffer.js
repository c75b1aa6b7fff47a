'use strict';
// Node's `buffer` module: bytes as a subclass of Uint8Array.
// Authority: https://nodejs.org/api/buffer.html
//
// There is no pool: each Buffer has an ArrayBuffer of its own, so `buf.buffer` never shows bytes of another.

const { codes } = require('internal/errors');
const validate = require('internal/validate');
const { canonical, encodings } = require('internal/buffer/encodings');
const { methods: numberMethods } = require('internal/buffer/numbers');
const { search } = require('internal/buffer/search');

const MAX_LENGTH = Number.MAX_SAFE_INTEGER;
const MAX_STRING_LENGTH = 536870888;

let inspectMaxBytes = 50;

const kInspect = Symbol.for('nodejs.util.inspect.custom');

class FastBuffer extends Uint8Array {}

// `new Buffer(…)` is deprecated and still works.
function Buffer(value, encodingOrOffset, length) {
  if (typeof value === 'number') {
    if (typeof encodingOrOffset === 'string') throw new codes.ERR_INVALID_ARG_TYPE('string', 'string', value);
    return Buffer.alloc(value);
  }
  return Buffer.from(value, encodingOrOffset, length);
}
Object.setPrototypeOf(Buffer, Uint8Array);
Buffer.prototype = FastBuffer.prototype;
Object.defineProperty(Buffer.prototype, 'constructor', { value: Buffer, writable: true, enumerable: false, configurable: true });
Object.defineProperty(Buffer, Symbol.species, { get: () => FastBuffer, configurable: true });

function encodingOf(name) {
  const canonicalName = canonical(name);
  if (canonicalName === undefined) throw new codes.ERR_UNKNOWN_ENCODING(name);
  return encodings[canonicalName];
}

const isBytes = (value) => value instanceof Uint8Array;

function isAnyArrayBuffer(value) {
  const name = host.util.classOf(value);
  return name === 'ArrayBuffer' || name === 'SharedArrayBuffer';
}

// The bytes as a Buffer, without a copy.
const wrap = (bytes) => new FastBuffer(bytes.buffer, bytes.byteOffset, bytes.byteLength);

// ---- Making -------------------------------------------------------------------------------------

function badFirst(value) {
  return new codes.ERR_INVALID_ARG_TYPE('first argument',
    ['string', 'Buffer', 'ArrayBuffer', 'Array', 'Array-like Object'], value);
}

function fromArrayBuffer(buffer, givenOffset, givenLength) {
  let offset = 0;
  if (givenOffset !== undefined) {
    offset = +givenOffset;
    if (Number.isNaN(offset)) offset = 0;
  }
  const room = buffer.byteLength - offset;
  if (room < 0) throw new codes.ERR_BUFFER_OUT_OF_BOUNDS('offset');
  let length;
  if (givenLength !== undefined) {
    length = +givenLength;
    if (length > 0) {
      if (length > room) throw new codes.ERR_BUFFER_OUT_OF_BOUNDS('length');
    } else length = 0;
  }
  return new FastBuffer(buffer, offset, length);
}

function fromArrayLike(list) {
  if (list.length <= 0) return new FastBuffer();
  const result = new FastBuffer(list.length);
  if (ArrayBuffer.isView(list)) {
    // The same for each element, but by the engine: a mebibyte is copied in no time.
    result.set(list);
    return result;
  }
  for (let i = 0; i < list.length; i++) result[i] = list[i];
  return result;
}

// undefined: the object is nothing that bytes can be made of.
function fromObject(object) {
  if (object.length !== undefined || isAnyArrayBuffer(object.buffer)) {
    return typeof object.length === 'number' ? fromArrayLike(object) : new FastBuffer();
  }
  if (object.type === 'Buffer' && Array.isArray(object.data)) return fromArrayLike(object.data);
  return undefined;
}

Buffer.from = function from(value, encodingOrOffset, length) {
  if (typeof value === 'string') {
    const encoding = typeof encodingOrOffset !== 'string' || encodingOrOffset.length === 0 ? 'utf8' : encodingOrOffset;
    return wrap(encodingOf(encoding).encode(value));
  }
  if (typeof value === 'object' && value !== null) {
    if (isAnyArrayBuffer(value)) return fromArrayBuffer(value, encodingOrOffset, length);
    const primitive = value.valueOf && value.valueOf();
    if (primitive != null && primitive !== value && (typeof primitive === 'string' || typeof primitive === 'object')) {
      return Buffer.from(primitive, encodingOrOffset, length);
    }
    const made = fromObject(value);
    if (made) return made;
    if (typeof value[Symbol.toPrimitive] === 'function') {
      const text = value[Symbol.toPrimitive]('string');
      if (typeof text === 'string') return Buffer.from(text, encodingOrOffset);
    }
  }
  throw badFirst(value);
};

Buffer.copyBytesFrom = function copyBytesFrom(view, offset, length) {
  if (!ArrayBuffer.isView(view) || view instanceof DataView) {
    throw new codes.ERR_INVALID_ARG_TYPE('view', ['TypedArray'], view);
  }
  const start = offset ?? 0;
  if (offset !== undefined) validate.integer(offset, 'offset', 0);
  if (length !== undefined) validate.integer(length, 'length', 0);
  const end = length === undefined ? view.length : Math.min(start + length, view.length);
  if (view.length === 0 || start >= view.length || end === start) return new FastBuffer();
  const part = view.slice(start, end);
  return fromArrayLike(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
};

Buffer.of = function of(...items) { return fromArrayLike(items); };

function checkSize(size) {
  validate.number(size, 'size', 0, MAX_LENGTH);
}

Buffer.alloc = function alloc(size, fill, encoding) {
  checkSize(size);
  const buffer = new FastBuffer(size);
  if (fill === undefined || fill === 0 || size === 0) return buffer;
  if (typeof encoding !== 'string' && encoding !== undefined) throw new codes.ERR_INVALID_ARG_TYPE('encoding', 'string', encoding);
  return fillBytes(buffer, fill, 0, buffer.length, encoding);
};
Buffer.allocUnsafe = function allocUnsafe(size) {
  checkSize(size);
  return new FastBuffer(size);
};
Buffer.allocUnsafeSlow = function allocUnsafeSlow(size) {
  checkSize(size);
  return new FastBuffer(size);
};
Buffer.poolSize = 64 * 1024;

Buffer.concat = function concat(list, length) {
  validate.array(list, 'list');
  if (list.length === 0) return new FastBuffer();
  let total = length;
  if (total === undefined) {
    total = 0;
    for (const one of list) {
      if (one?.length) total += one.length;
    }
  } else validate.integer(total, 'length', 0, MAX_LENGTH);
  const result = new FastBuffer(total);
  let at = 0;
  for (let i = 0; i < list.length; i++) {
    const one = list[i];
    if (!isBytes(one)) throw new codes.ERR_INVALID_ARG_TYPE(`list[${i}]`, ['Buffer', 'Uint8Array'], one);
    if (at + one.length > total) {
      result.set(one.subarray(0, total - at), at);
      break;
    }
    result.set(one, at);
    at += one.length;
  }
  return result;
};

// ---- Asking -------------------------------------------------------------------------------------

Buffer.isBuffer = function isBuffer(value) { return value instanceof Buffer; };
Buffer.isEncoding = function isEncoding(name) {
  return typeof name === 'string' && name.length !== 0 && canonical(name) !== undefined;
};

Buffer.byteLength = function byteLength(text, encoding) {
  if (typeof text !== 'string') {
    if (ArrayBuffer.isView(text) || isAnyArrayBuffer(text)) return text.byteLength;
    throw new codes.ERR_INVALID_ARG_TYPE('string', ['string', 'Buffer', 'ArrayBuffer'], text);
  }
  // An unknown encoding counts as utf8 here.
  return encodings[canonical(encoding) ?? 'utf8'].length(text);
};

function compareBytes(one, two) {
  const length = Math.min(one.length, two.length);
  for (let i = 0; i < length; i++) {
    if (one[i] !== two[i]) return one[i] < two[i] ? -1 : 1;
  }
  return Math.sign(one.length - two.length);
}

function checkBytes(value, name) {
  if (!isBytes(value)) throw new codes.ERR_INVALID_ARG_TYPE(name, ['Buffer', 'Uint8Array'], value);
}

Buffer.compare = function compare(one, two) {
  checkBytes(one, 'buf1');
  checkBytes(two, 'buf2');
  return one === two ? 0 : compareBytes(one, two);
};

// ---- Methods ------------------------------------------------------------------------------------

function clampIndex(value, length, fallback) {
  if (value === undefined) return fallback;
  const index = Math.trunc(+value) || 0;
  if (index < 0) return Math.max(0, index + length);
  return Math.min(index, length);
}

function fillBytes(buffer, givenValue, givenOffset, givenEnd, givenEncoding) {
  let [value, offset, end, encoding] = [givenValue, givenOffset, givenEnd, givenEncoding];
  if (typeof value === 'string') {
    if (offset === undefined || typeof offset === 'string') {
      encoding = offset;
      offset = undefined;
    } else if (typeof end === 'string') {
      encoding = end;
      end = buffer.length;
    }
    encodingOf(encoding);
  } else {
    encoding = undefined;
    if (typeof value === 'boolean') value = +value;
  }
  if (offset === undefined) {
    offset = 0;
    end = buffer.length;
  } else {
    validate.integer(offset, 'offset', 0);
    if (end === undefined) end = buffer.length;
    else validate.integer(end, 'end', 0, buffer.length);
    if (offset >= end) return buffer;
  }
  if (typeof value === 'string') value = value.length === 0 ? 0 : encodingOf(encoding).encode(value);
  if (typeof value === 'number' || !isBytes(value)) {
    return Uint8Array.prototype.fill.call(buffer, typeof value === 'number' ? value & 255 : value, offset, end);
  }
  if (value.length === 0) throw new codes.ERR_INVALID_ARG_VALUE('value', givenValue);
  // The pattern once; then what is there already is copied behind itself, twice as much each time.
  const length = end - offset;
  let filled = Math.min(value.length, length);
  Uint8Array.prototype.set.call(buffer, value.subarray(0, filled), offset);
  for (; filled < length; filled *= 2) {
    Uint8Array.prototype.copyWithin.call(buffer, offset + filled, offset, offset + Math.min(filled, length - filled));
  }
  return buffer;
}

function writeText(buffer, text, offset, length, encoding) {
  const room = Math.min(length, buffer.length - offset);
  const bytes = encoding.encode(text);
  if (bytes.length <= room) {
    buffer.set(bytes, offset);
    return bytes.length;
  }
  let fitting = room;
  // Only whole characters are written.
  if (encoding === encodings.utf8) {
    while (fitting > 0 && (bytes[fitting] & 0xc0) === 0x80) fitting--;
  } else if (encoding === encodings.utf16le) fitting &= ~1;
  buffer.set(bytes.subarray(0, fitting), offset);
  return fitting;
}

const methods = {
  ...numberMethods,

  toString(encoding, start, end) {
    if (arguments.length === 0) return encodings.utf8.decode(this);
    const { length } = this;
    const from = start === undefined || start <= 0 || Number.isNaN(+start) ? 0 : Math.trunc(start);
    if (from >= length) return '';
    const to = end === undefined ? length : Math.min(Math.trunc(+end) || 0, length);
    if (to <= from) return '';
    if (encoding === null || encoding === '') throw new codes.ERR_UNKNOWN_ENCODING(encoding);
    const known = encodingOf(encoding);
    return known.decode(from === 0 && to === length ? this : this.subarray(from, to));
  },

  toJSON() {
    return { type: 'Buffer', data: Array.from(this) };
  },

  equals(other) {
    checkBytes(other, 'otherBuffer');
    return this === other || (this.length === other.length && compareBytes(this, other) === 0);
  },

  compare(target, targetStart, targetEnd, sourceStart, sourceEnd) {
    checkBytes(target, 'target');
    const bound = (value, name, max, fallback) => {
      if (value === undefined) return fallback;
      validate.integer(value, name, 0, max);
      return value;
    };
    const tStart = bound(targetStart, 'targetStart', undefined, 0);
    const tEnd = bound(targetEnd, 'targetEnd', target.length, target.length);
    const sStart = bound(sourceStart, 'sourceStart', undefined, 0);
    const sEnd = bound(sourceEnd, 'sourceEnd', this.length, this.length);
    if (sStart >= sEnd) return tStart >= tEnd ? 0 : -1;
    if (tStart >= tEnd) return 1;
    return compareBytes(this.subarray(sStart, sEnd), target.subarray(tStart, tEnd));
  },

  indexOf(value, byteOffset, encoding) { return search(this, value, byteOffset, encoding, true); },
  lastIndexOf(value, byteOffset, encoding) { return search(this, value, byteOffset, encoding, false); },
  includes(value, byteOffset, encoding) { return search(this, value, byteOffset, encoding, true) !== -1; },

  fill(value, offset, end, encoding) { return fillBytes(this, value, offset, end, encoding); },

  write(text, givenOffset, givenLength, givenEncoding) {
    if (typeof text !== 'string') throw new codes.ERR_INVALID_ARG_TYPE('argument', 'string', text);
    let [offset, length, encoding] = [givenOffset, givenLength, givenEncoding];
    if (offset === undefined) return writeText(this, text, 0, this.length, encodings.utf8);
    if (length === undefined && typeof offset === 'string') {
      encoding = offset;
      offset = 0;
      length = this.length;
    } else {
      validate.integer(offset, 'offset', 0, this.length);
      const room = this.length - offset;
      if (length === undefined) length = room;
      else if (typeof length === 'string') {
        encoding = length;
        length = room;
      } else {
        validate.integer(length, 'length', 0, this.length);
        length = Math.min(length, room);
      }
    }
    return writeText(this, text, offset, length, encodingOf(encoding));
  },

  copy(target, targetStart, sourceStart, sourceEnd) {
    if (!ArrayBuffer.isView(target)) throw new codes.ERR_INVALID_ARG_TYPE('target', ['Buffer', 'Uint8Array'], target);
    const room = target.byteLength;
    const whole = (value, name, fallback, max) => {
      if (value === undefined) return fallback;
      const number = Number.isFinite(+value) ? Math.floor(+value) : 0;
      if (number < 0 || number > max) {
        throw new codes.ERR_OUT_OF_RANGE(name, max === Infinity ? '>= 0' : `>= 0 && <= ${max}`, number);
      }
      return number;
    };
    const to = whole(targetStart, 'targetStart', 0, Infinity);
    const from = whole(sourceStart, 'sourceStart', 0, this.length);
    const end = Math.min(whole(sourceEnd, 'sourceEnd', this.length, Infinity), this.length);
    if (to >= room || from >= end) return 0;
    const count = Math.min(end - from, room - to);
    new Uint8Array(target.buffer, target.byteOffset, room).set(this.subarray(from, from + count), to);
    return count;
  },

  subarray(start, end) {
    const from = clampIndex(start, this.length, 0);
    const to = clampIndex(end, this.length, this.length);
    return new FastBuffer(this.buffer, this.byteOffset + from, Math.max(0, to - from));
  },
  // The same memory, unlike Uint8Array's.
  slice(start, end) { return this.subarray(start, end); },

  swap16() { return swap(this, 2); },
  swap32() { return swap(this, 4); },
  swap64() { return swap(this, 8); },

  [kInspect](recurseTimes, context) {
    const limit = inspectMaxBytes;
    const shown = Math.min(limit, this.length);
    let text = Uint8Array.prototype.toHex.call(this.subarray(0, shown)).replace(/(..)(?=.)/g, '$1 ');
    const more = this.length - limit;
    if (more > 0) text += ` ... ${more} more byte${more > 1 ? 's' : ''}`;
    const extra = context ? Object.keys(this).filter((key) => !/^\d+$/.test(key)) : [];
    if (extra.length > 0) {
      const object = Object.fromEntries(extra.map((key) => [key, this[key]]));
      const inside = require('internal/inspect').inspect({ ...object, __proto__: null }, { ...context, breakLength: Infinity, compact: true });
      text += `${this.length > 0 ? ', ' : ''}${inside.slice('[Object: null prototype] { '.length, -2)}`;
    }
    return `<${this.constructor.name} ${text}>`;
  },
};

function swap(buffer, size) {
  if (buffer.length % size !== 0) throw new codes.ERR_INVALID_BUFFER_SIZE(`${size * 8}-bits`);
  for (let i = 0; i < buffer.length; i += size) buffer.subarray(i, i + size).reverse();
  return buffer;
}

// latin1Slice, utf8Write and so on: unchecked shortcuts that libraries use.
for (const [prefix, name] of Object.entries({
  ascii: 'ascii', base64: 'base64', base64url: 'base64url', latin1: 'latin1', hex: 'hex', ucs2: 'utf16le', utf8: 'utf8',
})) {
  methods[`${prefix}Slice`] = function(start = 0, end = this.length) { return encodings[name].decode(this.subarray(start, end)); };
  methods[`${prefix}Write`] = function(text, offset = 0, length = this.length - offset) {
    if (offset < 0 || offset > this.length) throw new codes.ERR_BUFFER_OUT_OF_BOUNDS('offset');
    if (length < 0 || length > this.length - offset) throw new codes.ERR_BUFFER_OUT_OF_BOUNDS('length');
    return writeText(this, text, offset, length, encodings[name]);
  };
}
methods.inspect = methods[kInspect];
methods.toLocaleString = methods.toString;

for (const name of Reflect.ownKeys(methods)) {
  Object.defineProperty(Buffer.prototype, name, {
    value: methods[name], writable: true, configurable: true, enumerable: typeof name === 'string',
  });
}
Object.defineProperties(Buffer.prototype, {
  parent: { get() { return this instanceof Buffer ? this.buffer : undefined; }, enumerable: true },
  offset: { get() { return this instanceof Buffer ? this.byteOffset : undefined; }, enumerable: true },
});

// ---- The module ---------------------------------------------------------------------------------

function bytesOf(value) {
  if (isAnyArrayBuffer(value)) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new codes.ERR_INVALID_ARG_TYPE('input', ['ArrayBuffer', 'Buffer', 'TypedArray'], value);
}

Object.assign(exports, {
  Buffer,
  isUtf8: (input) => host.util.utf8Decode(bytesOf(input), true, true) != null,
  isAscii: (input) => bytesOf(input).every((byte) => byte < 128),
  kMaxLength: MAX_LENGTH,
  kStringMaxLength: MAX_STRING_LENGTH,
  btoa(...args) {
    if (args.length === 0) throw new codes.ERR_MISSING_ARGS('input');
    return globalThis.btoa(args[0]);
  },
  atob(...args) {
    if (args.length === 0) throw new codes.ERR_MISSING_ARGS('input');
    return globalThis.atob(args[0]);
  },
  constants: Object.defineProperties({}, {
    MAX_LENGTH: { value: MAX_LENGTH, enumerable: true },
    MAX_STRING_LENGTH: { value: MAX_STRING_LENGTH, enumerable: true },
  }),
});
Object.defineProperty(exports, 'INSPECT_MAX_BYTES', {
  get: () => inspectMaxBytes,
  set(value) {
    validate.number(value, 'INSPECT_MAX_BYTES', 0);
    inspectMaxBytes = value;
  },
  enumerable: true, configurable: true,
});
// Web classes, loaded when asked for.
for (const name of ['Blob', 'File']) {
  Object.defineProperty(exports, name, { get: () => globalThis[name], enumerable: true, configurable: true });
}
