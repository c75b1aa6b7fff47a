// breaks: console.log of a worker writes without its parent
// noticed by: blocking/worker/stdout

'use strict';
const fs = require('node:fs');
const { isMainThread } = require('node:worker_threads');
if (!isMainThread) console.log = (text) => fs.writeSync(1, `${text}\n`);
