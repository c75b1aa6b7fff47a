// breaks: a loop over a stream that is left early does not destroy it
// noticed by: backpressure/node-readable

'use strict';
const { Readable } = require('node:stream');
Readable.prototype[Symbol.asyncIterator] = function () { return this.iterator({ destroyOnReturn: false }); };
