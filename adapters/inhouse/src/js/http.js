'use strict';
// Node's `http` module. Authority: https://nodejs.org/api/http.html

const { MAX_HEADER_SIZE, STATUS_CODES, validateHeaderName, validateHeaderValue } = require('internal/http/common');
const validate = require('internal/validate');

const lazy = {
  Agent: () => require('internal/http/agent').Agent,
  ClientRequest: () => require('internal/http/client').ClientRequest,
  IncomingMessage: () => require('internal/http/incoming').IncomingMessage,
  OutgoingMessage: () => require('internal/http/outgoing').OutgoingMessage,
  Server: () => require('internal/http/server').Server,
  ServerResponse: () => require('internal/http/response').ServerResponse,
  _connectionListener: () => require('internal/http/server').connectionListener,
  globalAgent: () => require('internal/http/agent').globalAgent,
};

function createServer(options, requestListener) {
  return new (require('internal/http/server').Server)(options, requestListener);
}

function request(url, options, callback) {
  return new (require('internal/http/client').ClientRequest)(url, options, callback);
}

function get(url, options, callback) {
  const sent = request(url, options, callback);
  sent.end();
  return sent;
}

module.exports = {
  METHODS: [...host.http.methods],
  STATUS_CODES,
  createServer,
  validateHeaderName,
  validateHeaderValue,
  get,
  request,
  // Parsers are not kept here; there is nothing to limit.
  setMaxIdleHTTPParsers(max) { validate.integer(max, 'max', 1); },
  maxHeaderSize: MAX_HEADER_SIZE,
};
for (const [name, load] of Object.entries(lazy)) host.lazy(module.exports, name, true, load);
