// breaks: pipeTo closes its destination also with preventClose
// noticed by: backpressure/pipe

'use strict';
const { pipeTo } = ReadableStream.prototype;
ReadableStream.prototype.pipeTo = function (destination, options) { return pipeTo.call(this, destination, { ...options, preventClose: false }); };
