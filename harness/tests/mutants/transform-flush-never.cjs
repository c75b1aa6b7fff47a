// breaks: a transform's flush() is not called
// noticed by: backpressure/node-transform

'use strict';
const { Transform } = require('node:stream');
Object.defineProperty(Transform.prototype, '_flush', { get: () => undefined, set() {}, configurable: true });
