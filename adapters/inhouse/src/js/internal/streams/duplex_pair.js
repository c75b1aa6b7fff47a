'use strict';
// stream.duplexPair: two Duplex streams, back to back.
// Authority: https://nodejs.org/api/stream.html#streamduplexpairoptions

const process = require('process');
const Duplex = require('internal/streams/duplex');

const kOther = Symbol('other side');
const kCallback = Symbol('callback');

class DuplexSide extends Duplex {
  constructor(options) {
    super(options);
    this[kOther] = null;
    // The write that the other side has not read yet.
    this[kCallback] = null;
  }

  _read() {
    const callback = this[kCallback];
    this[kCallback] = null;
    callback?.();
  }

  _write(chunk, encoding, callback) {
    if (chunk.length === 0) {
      process.nextTick(callback);
      return;
    }
    this[kOther].push(chunk);
    this[kOther][kCallback] = callback;
  }

  _final(callback) {
    this[kOther].on('end', callback);
    this[kOther].push(null);
  }

  _destroy(error, callback) {
    const other = this[kOther];
    if (other !== null && !other.destroyed) {
      // A broken side must not leave the other one waiting for data.
      process.nextTick(() => {
        if (other.destroyed) return;
        if (error) other.destroy();
        else other.push(null);
      });
    }
    callback(error);
  }
}

function duplexPair(options) {
  const one = new DuplexSide(options);
  const two = new DuplexSide(options);
  one[kOther] = two;
  two[kOther] = one;
  return [one, two];
}

module.exports = { duplexPair };
