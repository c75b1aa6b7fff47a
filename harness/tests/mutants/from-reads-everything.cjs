// breaks: Readable.from takes its whole source at once
// noticed by: backpressure/node-readable

'use strict';
const { Readable } = require('node:stream');
const real = Readable.from;
Readable.from = (source, options) => (source[Symbol.iterator] && typeof source !== 'string' ? real([...source], options) : real(source, options));
