// breaks: pause() does not stop a socket
// noticed by: backpressure/node-net ordering/net

'use strict';
const { Socket } = require('node:net');
Socket.prototype.pause = function pause() { return this; };
