// breaks: fs.stat makes its call on the JavaScript thread and calls back from an immediate
// noticed by: blocking/threadpool/size blocking/fairness/pool

'use strict';
const fs = require('node:fs');
fs.stat = (path, callback) => {
  const result = fs.statSync(path);
  setImmediate(callback, null, result);
};
