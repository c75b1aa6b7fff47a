// breaks: the asynchronous deflate and gzip compress on the JavaScript thread
// noticed by: blocking/threadpool/zlib blocking/sync/gzip

'use strict';
const zlib = require('node:zlib');
for (const name of ['deflate', 'gzip']) {
  zlib[name] = (data, callback) => {
    const packed = zlib[`${name}Sync`](data);
    setImmediate(callback, null, packed);
  };
}
