'use strict';
// Errors of sockets: those of the system, worded as Node words them, and those with codes of their own.

const { codes, define, describeType } = require('internal/errors');

define('ERR_SOCKET_CLOSED', Error, 'Socket is closed');
define('ERR_SOCKET_CLOSED_BEFORE_CONNECTION', Error, 'Socket closed before the connection was established');
define('ERR_SOCKET_CONNECTION_TIMEOUT', Error, 'Socket connection timeout');
define('ERR_SOCKET_BAD_PORT', RangeError, (name, port, allowZero = true) =>
  `${name} should be ${allowZero ? '>=' : '>'} 0 and < 65536. Received ${describeType(port)}.`);
define('ERR_SERVER_ALREADY_LISTEN', Error, 'Listen method has been called more than once without closing.');
define('ERR_SERVER_NOT_RUNNING', Error, 'Server is not running.');
define('ERR_INVALID_ADDRESS', Error, 'Invalid address');
define('ERR_INVALID_IP_ADDRESS', TypeError, (address) => `Invalid IP address: ${address}`);
define('ERR_INVALID_ADDRESS_FAMILY', RangeError, (family, name, port) => `Invalid address family: ${family} ${name}:${port}`);
define('ERR_INVALID_FD_TYPE', TypeError, (type) => `Unsupported fd type: ${type}`);
define('ERR_INVALID_HANDLE_TYPE', TypeError, 'This handle type cannot be sent');

function systemError(message, facts) {
  const error = new Error(message);
  for (const key of Object.keys(facts)) if (facts[key] !== undefined) error[key] = facts[key];
  return error;
}

// A call that failed: "read ECONNRESET".
function errnoException(errno, syscall) {
  const [code] = host.net.describe(errno);
  return systemError(`${syscall} ${code}`, { errno, code, syscall });
}

// A call that concerns an address: "connect ECONNREFUSED 127.0.0.1:80".
function addressException(errno, syscall, address, port, additional) {
  const [code] = host.net.describe(errno);
  const where = port > 0 ? ` ${address}:${port}` : address ? ` ${address}` : '';
  const more = additional ? ` - Local (${additional})` : '';
  return systemError(`${syscall} ${code}${where}${more}`, { errno, code, syscall, address, port: port > 0 ? port : undefined });
}

// The same with the system's text: "listen EADDRINUSE: address already in use 127.0.0.1:80".
function listenException(errno, syscall, address, port) {
  const [code, text] = host.net.describe(errno);
  const where = port > 0 ? ` ${address}:${port}` : address ? ` ${address}` : '';
  return systemError(`${syscall} ${code}: ${text}${where}`, { code, errno, syscall, address, port: port > 0 ? port : undefined });
}

module.exports = { codes, errnoException, addressException, listenException };
