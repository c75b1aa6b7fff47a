// breaks: dns.lookup answers without a thread of the pool
// noticed by: blocking/threadpool/dns-lookup

'use strict';
require('node:dns').lookup = (name, callback) => setImmediate(callback, null, '127.0.0.1', 4);
