// breaks: unref() of a server closes it
// noticed by: blocking/liveness/server-unref

'use strict';
const { Server } = require('node:net');
const real = Server.prototype.unref;
Server.prototype.unref = function unref() {
  this.close();
  return real.call(this);
};
