// breaks: write() of an HTTP response returns true also when nobody reads
// noticed by: backpressure/node-http

'use strict';
const { OutgoingMessage } = require('node:http');
const real = OutgoingMessage.prototype.write;
OutgoingMessage.prototype.write = function write(...args) {
  real.apply(this, args);
  return true;
};
