// breaks: pipeTo goes on when its signal is aborted
// noticed by: backpressure/pipe

'use strict';
const { pipeTo } = ReadableStream.prototype;
ReadableStream.prototype.pipeTo = function (destination, options) { return pipeTo.call(this, destination, { ...options, signal: undefined }); };
