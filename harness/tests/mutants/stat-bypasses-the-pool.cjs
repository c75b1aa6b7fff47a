// breaks: fs.stat needs no thread of the pool
// noticed by: blocking/threadpool

'use strict';
const fs = require('node:fs');
fs.stat = (path, options, callback = options) => setImmediate(() => {
  let result;
  try { result = [null, fs.statSync(path)]; } catch (error) { result = [error]; }
  callback(...result);
});
require('node:module').syncBuiltinESMExports();
