// breaks: prependListener puts the listener at the end
// noticed by: ordering/events

'use strict';
const { EventEmitter } = require('node:events');
EventEmitter.prototype.prependListener = EventEmitter.prototype.on;
EventEmitter.prototype.prependOnceListener = EventEmitter.prototype.once;
