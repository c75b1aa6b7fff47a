// breaks: 'drain' is never emitted
// noticed by: backpressure/node-writable

'use strict';
const { Writable } = require('node:stream');
const real = Writable.prototype.emit;
Writable.prototype.emit = function emit(name, ...args) { return name === 'drain' ? false : real.call(this, name, ...args); };
