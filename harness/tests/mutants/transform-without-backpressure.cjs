// breaks: a transform stream takes chunks that nobody reads
// noticed by: backpressure/transform

'use strict';
const Real = globalThis.TransformStream;
globalThis.TransformStream = class TransformStream extends Real {
  constructor(transformer, writable, readable) { super(transformer, writable, { ...readable, highWaterMark: Infinity }); }
};
