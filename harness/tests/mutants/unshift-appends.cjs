// breaks: unshift() puts the chunk at the end of the buffer
// noticed by: backpressure/node-readable

'use strict';
const { Readable } = require('node:stream');
Readable.prototype.unshift = function unshift(chunk, encoding) { return this.push(chunk, encoding); };
