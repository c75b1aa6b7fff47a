// breaks: crypto.pbkdf2 computes on the program's own thread
// noticed by: blocking/sync blocking/threadpool blocking/http

'use strict';
const crypto = require('node:crypto');
crypto.pbkdf2 = (...args) => {
  const callback = args.pop();
  const key = crypto.pbkdf2Sync(...args);
  setImmediate(callback, null, key);
};
require('node:module').syncBuiltinESMExports();
