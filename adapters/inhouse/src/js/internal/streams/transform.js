'use strict';
// Transform: what is written comes out changed. Authority: https://nodejs.org/api/stream.html#class-streamtransform
//
// Back-pressure couples the halves: a write is acknowledged only when its output has room on the
// readable side, or else when the reader asks for more.

const process = require('process');
const Duplex = require('internal/streams/duplex');
const { codes } = require('internal/errors');
const { limitFor } = require('internal/streams/high_water_mark');

// The acknowledgement that waits for the reader.
const kCallback = Symbol('kCallback');

module.exports = Transform;

function Transform(options) {
  if (!(this instanceof Transform)) return new Transform(options);
  let given = options;
  if (options && limitFor({ objectMode: false }, options, 'readableHighWaterMark', true) === 0) {
    // A readable side that holds nothing needs a writable side that holds nothing either.
    given = {
      ...options,
      highWaterMark: null,
      readableHighWaterMark: 0,
      writableHighWaterMark: options.writableHighWaterMark || 0,
    };
  }
  Duplex.call(this, given);
  // The transform function may push at any time, not only from within _read.
  this._readableState.sync = false;
  this[kCallback] = null;
  if (options) {
    if (typeof options.transform === 'function') this._transform = options.transform;
    if (typeof options.flush === 'function') this._flush = options.flush;
  }
  // For subclasses that replace _final: the flush then happens before 'finish' all the same.
  this.on('prefinish', onPrefinish);
}
Object.setPrototypeOf(Transform.prototype, Duplex.prototype);
Object.setPrototypeOf(Transform, Duplex);

function flush(callback) {
  if (typeof this._flush !== 'function' || this.destroyed) {
    this.push(null);
    callback?.();
    return;
  }
  this._flush((error, data) => {
    if (error) {
      if (callback) callback(error);
      else this.destroy(error);
      return;
    }
    if (data != null) this.push(data);
    this.push(null);
    callback?.();
  });
}

function onPrefinish() {
  if (this._final !== flush) flush.call(this);
}

Transform.prototype._final = flush;

Transform.prototype._transform = function() {
  throw new codes.ERR_METHOD_NOT_IMPLEMENTED('_transform()');
};

Transform.prototype._write = function(chunk, encoding, callback) {
  const readable = this._readableState;
  const writable = this._writableState;
  const before = readable.length;
  this._transform(chunk, encoding, (error, data) => {
    if (error) {
      callback(error);
      return;
    }
    if (data != null) this.push(data);
    if (readable.ended) {
      // The output is over: acknowledge, a tick later, whatever still comes.
      process.nextTick(callback);
    } else if (writable.ended || before === readable.length || readable.length < readable.highWaterMark) {
      callback();
    } else {
      this[kCallback] = callback;
    }
  });
};

Transform.prototype._read = function() {
  if (!this[kCallback]) return;
  const callback = this[kCallback];
  this[kCallback] = null;
  callback();
};
