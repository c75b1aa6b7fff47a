// breaks: emit() returns true also if there is no listener
// noticed by: ordering/events

'use strict';
const { EventEmitter } = require('node:events');
const real = EventEmitter.prototype.emit;
EventEmitter.prototype.emit = function emit(...args) {
  real.apply(this, args);
  return true;
};
