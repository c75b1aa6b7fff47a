// breaks: unref() of a message port does nothing
// noticed by: blocking/liveness/messageport-without-listener

'use strict';
require('node:worker_threads').MessagePort.prototype.unref = function unref() {};
