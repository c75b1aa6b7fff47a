// breaks: the high-water mark of a writable stream is twice what was asked for
// noticed by: backpressure/node-writable

'use strict';
const stream = require('node:stream');
const { Writable } = stream;
stream.Writable = class extends Writable {
  constructor(options) {
    super(options?.highWaterMark === undefined ? options : { ...options, highWaterMark: options.highWaterMark * 2 });
  }
};
require('node:module').syncBuiltinESMExports();
