'use strict';
// What a Writable knows about itself. The field names are read by programs
// (`stream._writableState.length`), so they are Node's.

const { getDefault, limitFor } = require('internal/streams/high_water_mark');
const { checkedEncoding } = require('internal/streams/bytes');

class WritableState {
  constructor(options, stream, isDuplex) {
    this.objectMode = !!options?.objectMode || !!(isDuplex && options?.writableObjectMode);
    // From how much on write() returns false: bytes, or objects.
    this.highWaterMark = options ? limitFor(this, options, 'writableHighWaterMark', isDuplex) : getDefault(false);
    this.length = 0;              // written and not yet taken by the implementation
    this.needDrain = false;
    this.ending = false;          // end() was called
    this.ended = false;           // end() has returned
    this.finalCalled = false;
    this.prefinished = false;
    this.finished = false;        // 'finish' is emitted, or about to be
    this.decodeStrings = options?.decodeStrings !== false;
    this.defaultEncoding = checkedEncoding(options?.defaultEncoding);
    this.corked = 0;
    this.writing = false;         // between a call of _write and its callback
    this.sync = true;             // inside that call
    this.bufferProcessing = false;
    this.onwrite = (error) => require('internal/streams/writable_queue').onWritten(stream, error);
    this.writecb = null;          // the callback of the write in progress, and its size
    this.writelen = 0;
    this.afterWriteTickInfo = null;
    this.afterWritePending = false;
    this.pendingcb = 0;           // writes, and finishing steps, whose end is still to be told
    this.onFinished = [];         // callbacks of end()
    this.resetBuffer();
    this.constructed = true;
    this.afterConstruction = null;
    this.errored = null;
    this.errorEmitted = false;
    this.destroyed = false;
    this.closed = false;
    this.closeEmitted = false;
    this.emitClose = options?.emitClose !== false;
    this.autoDestroy = options?.autoDestroy !== false;
  }

  resetBuffer() {
    this.buffered = [];           // { chunk, encoding, callback }; those before the index are under way
    this.bufferedIndex = 0;
    this.allBuffers = true;       // what _writev is told, so that it can concatenate
    this.allNoop = true;          // no callback among them
  }

  getBuffer() { return this.buffered.slice(this.bufferedIndex); }

  get bufferedRequestCount() { return this.buffered.length - this.bufferedIndex; }
}

module.exports = { WritableState };
