// breaks: a worker emits no 'online'
// noticed by: ordering/worker

'use strict';
const { Worker } = require('node:worker_threads');
const real = Worker.prototype.emit;
Worker.prototype.emit = function emit(name, ...args) { return name === 'online' ? false : real.call(this, name, ...args); };
