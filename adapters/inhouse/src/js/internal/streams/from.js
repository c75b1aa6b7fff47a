'use strict';
// Readable.from: a stream of what an iterable yields, one item asked for at a time.
// Authority: https://nodejs.org/api/stream.html#streamreadablefromiterable-options

const process = require('process');
const { codes, combineErrors } = require('internal/errors');
const { Buffer } = require('internal/streams/bytes');

function from(Readable, iterable, options) {
  if (typeof iterable === 'string' || iterable instanceof Buffer) {
    // A text is one chunk, not one a character.
    return new Readable({
      objectMode: true,
      ...options,
      read() {
        this.push(iterable);
        this.push(null);
      },
    });
  }
  let iterator;
  let isAsync = false;
  if (iterable && iterable[Symbol.asyncIterator]) {
    isAsync = true;
    iterator = iterable[Symbol.asyncIterator]();
  } else if (iterable && iterable[Symbol.iterator]) {
    iterator = iterable[Symbol.iterator]();
  } else throw new codes.ERR_INVALID_ARG_TYPE('iterable', ['Iterable'], iterable);

  const readable = new Readable({ objectMode: true, highWaterMark: 1, ...options });
  let reading = false;
  readable._read = () => {
    if (reading) return;
    reading = true;
    if (isAsync) pullAsync();
    else pullSync();
  };

  // The stream's own clean-up first, then the iterator's.
  const originalDestroy = readable._destroy;
  readable._destroy = function(error, callback) {
    originalDestroy.call(this, error, (destroyError) => {
      const reason = destroyError || error;
      close(iterator, reason).then(
        () => process.nextTick(callback, reason),     // out of the promise job: a throw there is no rejection
        (failure) => process.nextTick(callback, combineErrors(reason, failure)));
    });
  };

  async function pullSync() {
    for (;;) {
      try {
        const { value, done } = iterator.next();
        if (done) {
          end();
          return;
        }
        const item = value && typeof value.then === 'function' ? await value : value;
        if (!offer(item)) return;
      } catch (error) {
        readable.destroy(error);
        return;
      }
    }
  }

  // Values of an async iterator are taken as they are.
  async function pullAsync() {
    for (;;) {
      try {
        const { value, done } = await iterator.next();
        if (done) {
          end();
          return;
        }
        if (!offer(value)) return;
      } catch (error) {
        readable.destroy(error);
        return;
      }
    }
  }

  // The iterator of a destroyed stream is closed, which is no end that a reader should hear of.
  function end() {
    if (!readable.destroyed) readable.push(null);
  }

  function offer(item) {
    if (item === null) {
      reading = false;
      throw new codes.ERR_STREAM_NULL_VALUES();
    }
    if (readable.push(item)) return true;
    reading = false;
    return false;
  }

  return readable;
}

// The iterator hears of the end: by throw() if the stream failed, by return() otherwise.
async function close(iterator, error) {
  if (error !== undefined && error !== null && typeof iterator.throw === 'function') {
    const { value, done } = await iterator.throw(error);
    await value;
    if (done) return;
  }
  if (typeof iterator.return === 'function') {
    const { value } = await iterator.return();
    await value;
  }
}

module.exports = { from };
