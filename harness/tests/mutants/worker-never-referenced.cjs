// breaks: a running worker does not hold its parent
// noticed by: blocking/liveness/worker-keeps-alive

'use strict';
const threads = require('node:worker_threads');
threads.Worker = class Worker extends threads.Worker {
  constructor(...args) {
    super(...args);
    this.unref();
  }
};
