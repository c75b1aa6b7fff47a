// breaks: a pending crypto.pbkdf2 does not hold the process
// noticed by: blocking/liveness/pending-hash

'use strict';
const crypto = require('node:crypto');
crypto.pbkdf2 = (...args) => {
  const callback = args.pop();
  const key = crypto.pbkdf2Sync(...args);
  setTimeout(callback, 1, null, key).unref();
};
