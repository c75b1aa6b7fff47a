'use strict';
// Reading and writing numbers: the readX and writeX methods of Buffer.
// Authority: https://nodejs.org/api/buffer.html#bufreadint16beoffset and those after it

const { codes } = require('internal/errors');
const validate = require('internal/validate');

// ---- Bounds -------------------------------------------------------------------------------------

function badOffset(offset, last, name = 'offset') {
  if (typeof offset !== 'number') throw new codes.ERR_INVALID_ARG_TYPE(name, 'number', offset);
  if (Math.floor(offset) !== offset) throw new codes.ERR_OUT_OF_RANGE(name, 'an integer', offset);
  if (last < 0) throw new codes.ERR_BUFFER_OUT_OF_BOUNDS();
  throw new codes.ERR_OUT_OF_RANGE(name, `>= 0 and <= ${last}`, offset);
}

function checkOffset(buffer, offset, size) {
  if (typeof offset !== 'number' || buffer[offset] === undefined || buffer[offset + size - 1] === undefined) {
    badOffset(offset, buffer.length - size);
  }
}

function checkSize(size) {
  if (typeof size !== 'number') throw new codes.ERR_INVALID_ARG_TYPE('byteLength', 'number', size);
  if (Math.floor(size) !== size) throw new codes.ERR_OUT_OF_RANGE('byteLength', 'an integer', size);
  if (size < 1 || size > 6) throw new codes.ERR_OUT_OF_RANGE('byteLength', '>= 1 and <= 6', size);
}

function checkValue(value, size, signed) {
  const limit = 2 ** (8 * size - (signed ? 1 : 0));
  const lowest = signed ? -limit : 0;
  if (value <= limit - 1 && value >= lowest) return;
  if (Number.isNaN(value)) return;    // stored as zero
  const power = 8 * size - (signed ? 1 : 0);
  const range = size <= 4 ? `>= ${lowest} and <= ${limit - 1}` :
    `>= ${signed ? `-(2 ** ${power})` : 0} and < 2 ** ${power}`;
  throw new codes.ERR_OUT_OF_RANGE('value', range, value);
}

// ---- Integers of one to six bytes ---------------------------------------------------------------

function readUnsigned(buffer, offset, size, little) {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + buffer[little ? offset + size - 1 - i : offset + i];
  return value;
}

function readSigned(buffer, offset, size, little) {
  const value = readUnsigned(buffer, offset, size, little);
  const limit = 2 ** (8 * size - 1);
  return value >= limit ? value - 2 * limit : value;
}

function writeInteger(buffer, value, offset, size, little) {
  let rest = value < 0 ? value + 2 ** (8 * size) : value;
  rest = Math.floor(rest);
  for (let i = 0; i < size; i++) {
    buffer[little ? offset + i : offset + size - 1 - i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return offset + size;
}

const methods = {};

for (const [order, little] of [['LE', true], ['BE', false]]) {
  for (const [sign, signed] of [['UInt', false], ['Int', true]]) {
    const read = signed ? readSigned : readUnsigned;
    for (const size of [1, 2, 4]) {
      if (size === 1 && little) continue;
      const name = size === 1 ? `${sign}8` : `${sign}${size * 8}${order}`;
      methods[`read${name}`] = function(offset = 0) {
        checkOffset(this, offset, size);
        return read(this, offset, size, little);
      };
      methods[`write${name}`] = function(value, offset = 0) {
        const number = +value;
        if (size === 1) validate.number(offset, 'offset');
        checkValue(number, size, signed);
        checkOffset(this, offset, size);
        return writeInteger(this, Number.isNaN(number) ? 0 : Math.trunc(number), offset, size, little);
      };
    }
    methods[`read${sign}${order}`] = function(offset, byteLength) {
      if (offset === undefined) throw new codes.ERR_INVALID_ARG_TYPE('offset', 'number', offset);
      checkSize(byteLength);
      checkOffset(this, offset, byteLength);
      return read(this, offset, byteLength, little);
    };
    methods[`write${sign}${order}`] = function(value, offset, byteLength) {
      checkSize(byteLength);
      const number = +value;
      if (byteLength === 1) validate.number(offset, 'offset');
      checkValue(number, byteLength, signed);
      if (offset === undefined) throw new codes.ERR_INVALID_ARG_TYPE('offset', 'number', offset);
      checkOffset(this, offset, byteLength);
      return writeInteger(this, Number.isNaN(number) ? 0 : Math.trunc(number), offset, byteLength, little);
    };
  }
}

// ---- BigInts ------------------------------------------------------------------------------------

for (const [order, little] of [['LE', true], ['BE', false]]) {
  for (const [sign, signed] of [['BigUInt', false], ['BigInt', true]]) {
    methods[`read${sign}64${order}`] = function(offset = 0) {
      validate.number(offset, 'offset');
      checkOffset(this, offset, 8);
      const first = BigInt(readUnsigned(this, offset, 4, little));
      const second = BigInt(readUnsigned(this, offset + 4, 4, little));
      const value = little ? (second << 32n) | first : (first << 32n) | second;
      return signed ? BigInt.asIntN(64, value) : value;
    };
    methods[`write${sign}64${order}`] = function(value, offset = 0) {
      const lowest = signed ? -(2n ** 63n) : 0n;
      const highest = signed ? 2n ** 63n - 1n : 2n ** 64n - 1n;
      if (value > highest || value < lowest) {
        throw new codes.ERR_OUT_OF_RANGE('value',
          signed ? '>= -(2n ** 63n) and < 2n ** 63n' : '>= 0n and < 2n ** 64n', value);
      }
      checkOffset(this, offset, 8);
      const bits = value & 0xffffffffffffffffn;     // a TypeError unless it is a BigInt
      const high = Number(bits >> 32n);
      const low = Number(bits & 0xffffffffn);
      writeInteger(this, little ? low : high, offset, 4, little);
      return writeInteger(this, little ? high : low, offset + 4, 4, little);
    };
  }
}

// ---- Floating point -----------------------------------------------------------------------------

const scratch = new DataView(new ArrayBuffer(8));

for (const [order, little] of [['LE', true], ['BE', false]]) {
  for (const [name, size, get, set] of [
    ['Float', 4, 'getFloat32', 'setFloat32'],
    ['Double', 8, 'getFloat64', 'setFloat64'],
  ]) {
    methods[`read${name}${order}`] = function(offset = 0) {
      checkOffset(this, offset, size);
      for (let i = 0; i < size; i++) scratch.setUint8(i, this[offset + i]);
      return scratch[get](0, little);
    };
    methods[`write${name}${order}`] = function(value, offset = 0) {
      const number = +value;
      checkOffset(this, offset, size);
      scratch[set](0, number, little);
      for (let i = 0; i < size; i++) this[offset + i] = scratch.getUint8(i);
      return offset + size;
    };
  }
}

// readUint8 is readUInt8, and so on.
for (const name of Object.keys(methods)) {
  Object.defineProperty(methods[name], 'name', { value: name });
  if (name.includes('UInt')) methods[name.replace('UInt', 'Uint')] = methods[name];
}

module.exports = { methods };
