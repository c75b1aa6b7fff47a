// breaks: pipe() goes on writing to a full destination
// noticed by: backpressure/node-pipe

'use strict';
const { Readable } = require('node:stream');
Readable.prototype.pipe = function pipe(destination, { end = true } = {}) {
  this.on('data', (chunk) => destination.write(chunk));
  if (end) this.on('end', () => destination.end());
  destination.emit('pipe', this);
  return destination;
};
