// breaks: fs.promises.stat makes its call on the JavaScript thread
// noticed by: blocking/threadpool/fs-promises

'use strict';
const fs = require('node:fs');
fs.promises.stat = async (path) => fs.statSync(path);
