// breaks: 'exit' of a child process is emitted after 'close'
// noticed by: ordering/child

'use strict';
const { ChildProcess } = require('node:child_process');
const real = ChildProcess.prototype.emit;
ChildProcess.prototype.emit = function emit(name, ...args) {
  if (name === 'exit') {
    this.exitArguments = args;
    return true;
  }
  const heard = real.call(this, name, ...args);
  if (name === 'close' && this.exitArguments) real.call(this, 'exit', ...this.exitArguments);
  return heard;
};
