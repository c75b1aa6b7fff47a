'use strict';
// How much a stream may hold before it says "enough": 64 KiB of bytes, or 16 objects.
// Authority: https://nodejs.org/api/stream.html#streamgetdefaulthighwatermarkobjectmode

const { codes } = require('internal/errors');
const validate = require('internal/validate');

let defaultBytes = 64 * 1024;
let defaultObjects = 16;

function getDefault(objectMode) {
  return objectMode ? defaultObjects : defaultBytes;
}

function setDefault(objectMode, value) {
  validate.integer(value, 'value', 0);
  if (objectMode) defaultObjects = value;
  else defaultBytes = value;
}

// The limit of one side. `highWaterMark` is for both sides of a Duplex and wins over `sideKey`
// ("readableHighWaterMark" or "writableHighWaterMark"), which only a Duplex looks at.
function limitFor(state, options, sideKey, isDuplex) {
  let value = options.highWaterMark;
  let name = 'options.highWaterMark';
  if (value == null && isDuplex) {
    value = options[sideKey];
    name = `options.${sideKey}`;
  }
  if (value == null) return getDefault(state.objectMode);
  if (!Number.isInteger(value) || value < 0) throw new codes.ERR_INVALID_ARG_VALUE(name, value);
  return Math.floor(value);
}

module.exports = { getDefault, setDefault, limitFor };
