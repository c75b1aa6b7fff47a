// breaks: the callback of a server's close() does not wait for its connections
// noticed by: ordering/net ordering/http

'use strict';
const { Server } = require('node:net');
const real = Server.prototype.close;
Server.prototype.close = function close(callback) {
  if (callback) setImmediate(callback);
  return real.call(this);
};
