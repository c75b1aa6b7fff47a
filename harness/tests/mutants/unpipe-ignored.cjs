// breaks: unpipe() does nothing
// noticed by: backpressure/node-pipe

'use strict';
const { Readable } = require('node:stream');
Readable.prototype.unpipe = function unpipe() { return this; };
