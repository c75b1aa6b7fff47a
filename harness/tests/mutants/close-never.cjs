// breaks: streams emit no 'close'
// noticed by: backpressure/node-readable backpressure/node-pipeline

'use strict';
const { Readable, Writable } = require('node:stream');
for (const { prototype } of [Readable, Writable]) {
  const real = prototype.emit;
  prototype.emit = function emit(name, ...args) { return name === 'close' ? false : real.call(this, name, ...args); };
}
