// breaks: pause() does not stop a flowing stream
// noticed by: backpressure/node-readable

'use strict';
const { Readable } = require('node:stream');
Readable.prototype.pause = function pause() { return this; };
