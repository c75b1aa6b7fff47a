// breaks: destroy(error) emits no 'error'
// noticed by: backpressure/node-readable backpressure/node-writable

'use strict';
const { Readable, Writable } = require('node:stream');
for (const { prototype } of [Readable, Writable]) {
  const real = prototype.destroy;
  prototype.destroy = function destroy(error, callback) { return real.call(this, null, callback); };
}
