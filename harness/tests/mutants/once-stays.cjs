// breaks: a listener that was added by once() stays
// noticed by: ordering/events

'use strict';
const { EventEmitter } = require('node:events');
EventEmitter.prototype.once = function once(name, listener) { return this.on(name, listener); };
