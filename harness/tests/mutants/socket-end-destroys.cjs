// breaks: end() of a socket closes both directions
// noticed by: ordering/net

'use strict';
const { Socket } = require('node:net');
const real = Socket.prototype.end;
Socket.prototype.end = function end(...args) {
  real.apply(this, args);
  this.destroySoon();
  return this;
};
