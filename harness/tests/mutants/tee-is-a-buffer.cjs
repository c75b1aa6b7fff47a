// breaks: tee() reads its source to the end at once
// noticed by: backpressure/tee

'use strict';
const { tee } = ReadableStream.prototype;
ReadableStream.prototype.tee = function () {
  const eager = this.pipeThrough(new TransformStream({}, undefined, { highWaterMark: Infinity }));
  return tee.call(eager);
};
