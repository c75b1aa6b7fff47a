'use strict';
// Node's `net` module. Authority: https://nodejs.org/api/net.html

const { Socket } = require('internal/net/socket');
const { Server } = require('internal/net/server');
const { isIP, normalizeArgs } = require('internal/net/address');
const validate = require('internal/validate');

const { defaults } = require('internal/net/connect');

function createServer(options, connectionListener) {
  return new Server(options, connectionListener);
}

function connect(...args) {
  const normalized = normalizeArgs(args);
  const [options] = normalized;
  const socket = new Socket(options);
  if (options.timeout) socket.setTimeout(options.timeout);
  return socket.connect(normalized);
}

module.exports = {
  _normalizeArgs: normalizeArgs,
  connect,
  createConnection: connect,
  createServer,
  isIP,
  isIPv4: (input) => isIP(input) === 4,
  isIPv6: (input) => isIP(input) === 6,
  Server,
  Socket,
  Stream: Socket,
  getDefaultAutoSelectFamily: () => defaults.autoSelectFamily,
  setDefaultAutoSelectFamily(value) {
    validate.boolean(value, 'value');
    defaults.autoSelectFamily = value;
  },
  getDefaultAutoSelectFamilyAttemptTimeout: () => defaults.attemptTimeout,
  setDefaultAutoSelectFamilyAttemptTimeout(value) {
    validate.integer(value, 'value', 1, 2 ** 31 - 1);
    defaults.attemptTimeout = Math.max(10, value);
  },
};
