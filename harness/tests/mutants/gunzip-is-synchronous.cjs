// breaks: zlib.gunzip and gzip call back before they return
// noticed by: ordering/zlib backpressure/node-zlib

'use strict';
const zlib = require('node:zlib');
for (const name of ['gzip', 'gunzip', 'deflate', 'inflate']) {
  zlib[name] = (data, options, callback = options) => callback(null, zlib[`${name}Sync`](data));
}
require('node:module').syncBuiltinESMExports();
