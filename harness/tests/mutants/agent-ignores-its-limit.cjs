// breaks: an agent opens as many connections as there are requests
// noticed by: blocking/http/keepalive

'use strict';
const http = require('node:http');
http.Agent = class Agent extends http.Agent {
  constructor(options) {
    super({ ...options, maxSockets: Infinity });
  }
};
