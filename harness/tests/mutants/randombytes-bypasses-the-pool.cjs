// breaks: crypto.randomBytes with a callback works on the JavaScript thread
// noticed by: blocking/threadpool/randombytes

'use strict';
const crypto = require('node:crypto');
const real = crypto.randomBytes;
crypto.randomBytes = (size, callback) => {
  const bytes = real(size);
  if (callback) setImmediate(callback, null, bytes);
  return callback ? undefined : bytes;
};
