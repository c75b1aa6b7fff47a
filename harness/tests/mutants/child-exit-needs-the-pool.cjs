// breaks: the end of a child is noticed only when a thread of the pool is free
// noticed by: blocking/threadpool/child-exit

'use strict';
const fs = require('node:fs');
const { ChildProcess } = require('node:child_process');
const real = ChildProcess.prototype.emit;
ChildProcess.prototype.emit = function emit(...args) {
  if (args[0] !== 'close') return real.apply(this, args);
  fs.stat('.', () => real.apply(this, args));
  return true;
};
