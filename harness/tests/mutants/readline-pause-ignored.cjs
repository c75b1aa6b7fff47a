// breaks: pause() of a readline interface does not stop its lines
// noticed by: ordering/readline backpressure/node-readline

'use strict';
const { Interface } = require('node:readline');
Interface.prototype.pause = function pause() { return this; };
