// breaks: the promise of worker.terminate() is fulfilled with 0
// noticed by: blocking/worker/terminate

'use strict';
const { Worker } = require('node:worker_threads');
const real = Worker.prototype.terminate;
Worker.prototype.terminate = function terminate() {
  return real.call(this).then(() => 0);
};
