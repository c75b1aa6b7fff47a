// breaks: crypto.scrypt works on the JavaScript thread
// noticed by: blocking/threadpool/scrypt

'use strict';
const crypto = require('node:crypto');
crypto.scrypt = (password, salt, length, options, callback) => {
  const key = crypto.scryptSync(password, salt, length, options);
  setImmediate(callback, null, key);
};
