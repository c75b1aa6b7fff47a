// breaks: fs.readFile calls back before it returns
// noticed by: ordering/fs blocking/sync

'use strict';
const fs = require('node:fs');
fs.readFile = (path, options, callback = options) => {
  let result;
  try { result = [null, fs.readFileSync(path, typeof options === 'function' ? undefined : options)]; } catch (error) { result = [error]; }
  callback(...result);
};
require('node:module').syncBuiltinESMExports();
