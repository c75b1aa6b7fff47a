'use strict';
// Movements of a terminal's cursor, as control sequences (ECMA-48). Authority: https://nodejs.org/api/readline.html

const { codes, define } = require('internal/errors');
const validate = require('internal/validate');

define('ERR_INVALID_CURSOR_POS', TypeError, 'Cannot set cursor row without setting its column');

const CSI = '\u001b[';

function send(stream, text, callback) {
  if (callback !== undefined) validate.func(callback, 'callback');
  if (stream === null || stream === undefined || text === '') {
    if (callback !== undefined) process.nextTick(callback, null);
    return true;
  }
  return stream.write(text, callback);
}

function checked(value, name) {
  if (Number.isNaN(value)) throw new codes.ERR_INVALID_ARG_VALUE(name, value);
}

function cursorTo(stream, x, y, callback) {
  if (callback !== undefined) validate.func(callback, 'callback');
  if (typeof y === 'function') {
    callback = y;
    y = undefined;
  }
  checked(x, 'x');
  checked(y, 'y');
  if (typeof x !== 'number') {
    if (typeof y === 'number') throw new codes.ERR_INVALID_CURSOR_POS();
    return send(stream, '', callback);
  }
  return send(stream, typeof y !== 'number' ? `${CSI}${x + 1}G` : `${CSI}${y + 1};${x + 1}H`, callback);
}

function moveCursor(stream, dx, dy, callback) {
  const along = dx < 0 ? `${CSI}${-dx}D` : dx > 0 ? `${CSI}${dx}C` : '';
  const across = dy < 0 ? `${CSI}${-dy}A` : dy > 0 ? `${CSI}${dy}B` : '';
  return send(stream, along + across, callback);
}

// -1: to the left, 1: to the right, 0: all of it.
function clearLine(stream, direction, callback) {
  return send(stream, `${CSI}${direction < 0 ? 1 : direction > 0 ? 0 : 2}K`, callback);
}

const clearScreenDown = (stream, callback) => send(stream, `${CSI}0J`, callback);

module.exports = { cursorTo, moveCursor, clearLine, clearScreenDown };
