// breaks: 'spawn' of a child process is emitted a turn late
// noticed by: ordering/child

'use strict';
const { ChildProcess } = require('node:child_process');
const real = ChildProcess.prototype.emit;
ChildProcess.prototype.emit = function emit(name, ...args) {
  if (name !== 'spawn') return real.call(this, name, ...args);
  setTimeout(() => real.call(this, name, ...args), 300);
  return true;
};
