// breaks: error() lets a readable stream deliver what is queued first
// noticed by: backpressure/readable

'use strict';
const { error, close } = ReadableStreamDefaultController.prototype;
ReadableStreamDefaultController.prototype.error = function (reason) {
  try { close.call(this); } catch { error.call(this, reason); }
};
