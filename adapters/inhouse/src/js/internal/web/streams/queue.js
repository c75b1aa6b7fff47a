'use strict';
// Queue-with-sizes, and what a queuing strategy says. Authority: https://streams.spec.whatwg.org/#queue-with-sizes, #qs-abstract-ops
//
// A container is a record with `queue` (of values with sizes) and `queueTotalSize`.

const { Fifo } = require('internal/web/fifo');
const { apply } = require('internal/web/promises');
const { callback, coded, dictionary } = require('internal/web/webidl');

const rangeError = (message) => coded(RangeError, 'ERR_INVALID_ARG_VALUE', message);

// ResetQueue
function resetQueue(container) {
  container.queue = new Fifo();
  container.queueTotalSize = 0;
}

// EnqueueValueWithSize
function enqueueValueWithSize(container, value, size) {
  if (typeof size !== 'number' || !(size >= 0) || size === Infinity) {
    throw rangeError(`The size of a chunk must be a finite, non-negative number, not ${String(size)}`);
  }
  container.queue.push({ value, size });
  container.queueTotalSize += size;
}

// DequeueValue. The total may become negative by rounding.
function dequeueValue(container) {
  const { value, size } = container.queue.shift();
  container.queueTotalSize = Math.max(0, container.queueTotalSize - size);
  return value;
}

// PeekQueueValue
const peekQueueValue = (container) => container.queue.peek().value;

// The dictionary QueuingStrategy; members are read in lexicographical order, as Web IDL does.
function convertStrategy(strategy, name) {
  const dict = dictionary(strategy, name);
  const { highWaterMark } = dict;
  const number = highWaterMark === undefined ? undefined : +highWaterMark;
  const { size } = dict;
  if (size !== undefined) callback(size, `${name}.size`);
  return { highWaterMark: number, size };
}

// ExtractHighWaterMark
function extractHighWaterMark({ highWaterMark }, defaultValue) {
  if (highWaterMark === undefined) return defaultValue;
  if (!(highWaterMark >= 0)) throw rangeError(`The high water mark must be a non-negative number, not ${highWaterMark}`);
  return highWaterMark;
}

// ExtractSizeAlgorithm
const one = () => 1;
function extractSizeAlgorithm({ size }) {
  return size === undefined ? one : (chunk) => +apply(size, undefined, [chunk]);
}

module.exports = {
  resetQueue, enqueueValueWithSize, dequeueValue, peekQueueValue, convertStrategy, extractHighWaterMark,
  extractSizeAlgorithm, one, rangeError,
};
