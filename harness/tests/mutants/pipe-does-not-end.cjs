// breaks: pipe() does not end its destination
// noticed by: backpressure/node-pipe

'use strict';
const { Readable } = require('node:stream');
const real = Readable.prototype.pipe;
Readable.prototype.pipe = function pipe(destination, options) { return real.call(this, destination, { ...options, end: false }); };
