// breaks: a pending fs.stat does not hold the process
// noticed by: blocking/liveness/fs-op

'use strict';
const fs = require('node:fs');
fs.stat = (path, callback) => {
  const result = fs.statSync(path);
  setTimeout(callback, 1, null, result).unref();
};
