// breaks: cork() keeps nothing back
// noticed by: backpressure/node-writable

'use strict';
const { Writable } = require('node:stream');
Writable.prototype.cork = () => {};
Writable.prototype.uncork = () => {};
