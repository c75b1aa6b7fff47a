// breaks: the second chunk of a readable stream is lost
// noticed by: backpressure/readable

'use strict';
const { enqueue } = ReadableStreamDefaultController.prototype;
const counts = new WeakMap();
ReadableStreamDefaultController.prototype.enqueue = function (chunk) {
  const count = (counts.get(this) ?? 0) + 1;
  counts.set(this, count);
  if (count !== 2) enqueue.call(this, chunk);
};
