'use strict';
// What both sides of HTTP share: names, checks and the errors with codes.

const { codes, define } = require('internal/errors');

define('ERR_HTTP_HEADERS_SENT', Error, (verb) => `Cannot ${verb} headers after they are sent to the client`);
define('ERR_HTTP_INVALID_HEADER_VALUE', TypeError, (value, name) => `Invalid value "${value}" for header "${name}"`);
define('ERR_HTTP_INVALID_STATUS_CODE', RangeError, (code) => `Invalid status code: ${code}`);
define('ERR_HTTP_TRAILER_INVALID', Error, 'Trailers are invalid with this transfer encoding');
define('ERR_HTTP_BODY_NOT_ALLOWED', Error, 'Adding content for this request method or response status is not allowed.');
define('ERR_HTTP_CONTENT_LENGTH_MISMATCH', Error, (sent, promised) =>
  `Response body's content-length of ${sent} byte(s) does not match the content-length of ${promised} byte(s) set in header`);
define('ERR_HTTP_SOCKET_ASSIGNED', Error, 'ServerResponse has an already assigned socket');
define('ERR_HTTP_REQUEST_TIMEOUT', Error, 'Request timeout');
define('ERR_INVALID_HTTP_TOKEN', TypeError, (name, token) => `${name} must be a valid HTTP token ["${token}"]`);
define('ERR_INVALID_PROTOCOL', TypeError, (protocol, expected) =>
  `Protocol "${protocol}" not supported. Expected "${expected}"`);
define('ERR_UNESCAPED_CHARACTERS', TypeError, (name) => `${name} contains unescaped characters`);
define('ERR_INVALID_DOMAIN_NAME', TypeError, 'Unable to determine the domain name');

const TOKEN = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/;
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

const MAX_HEADER_SIZE = 16384;

// Authority: https://www.iana.org/assignments/http-status-codes
const STATUS_CODES = {
  100: 'Continue', 101: 'Switching Protocols', 102: 'Processing', 103: 'Early Hints', 200: 'OK', 201: 'Created', 202: 'Accepted',
  203: 'Non-Authoritative Information', 204: 'No Content', 205: 'Reset Content', 206: 'Partial Content', 207: 'Multi-Status',
  208: 'Already Reported', 226: 'IM Used', 300: 'Multiple Choices', 301: 'Moved Permanently', 302: 'Found', 303: 'See Other',
  304: 'Not Modified', 305: 'Use Proxy', 307: 'Temporary Redirect', 308: 'Permanent Redirect', 400: 'Bad Request', 401: 'Unauthorized',
  402: 'Payment Required', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 406: 'Not Acceptable',
  407: 'Proxy Authentication Required', 408: 'Request Timeout', 409: 'Conflict', 410: 'Gone', 411: 'Length Required',
  412: 'Precondition Failed', 413: 'Payload Too Large', 414: 'URI Too Long', 415: 'Unsupported Media Type', 416: 'Range Not Satisfiable',
  417: 'Expectation Failed', 418: "I'm a Teapot", 421: 'Misdirected Request', 422: 'Unprocessable Entity', 423: 'Locked',
  424: 'Failed Dependency', 425: 'Too Early', 426: 'Upgrade Required', 428: 'Precondition Required', 429: 'Too Many Requests',
  431: 'Request Header Fields Too Large', 451: 'Unavailable For Legal Reasons', 500: 'Internal Server Error', 501: 'Not Implemented',
  502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout', 505: 'HTTP Version Not Supported',
  506: 'Variant Also Negotiates', 507: 'Insufficient Storage', 508: 'Loop Detected', 509: 'Bandwidth Limit Exceeded', 510: 'Not Extended',
  511: 'Network Authentication Required',
};

const isToken = (text) => TOKEN.test(text);

function validateHeaderName(name, label = 'Header name') {
  if (typeof name !== 'string' || !isToken(name)) throw new codes.ERR_INVALID_HTTP_TOKEN(label, name);
}

function validateHeaderValue(name, value) {
  if (value === undefined) throw new codes.ERR_HTTP_INVALID_HEADER_VALUE(value, name);
  if (NO_VALUE.test(value)) throw new codes.ERR_INVALID_CHAR('header content', name);
}

// A connection that broke off.
const hangUp = (message) => Object.assign(new Error(message), { code: 'ECONNRESET' });

// An error of the parser, from its "code: reason".
function parseError(text, packet) {
  const at = text.indexOf(': ');
  const error = new Error(`Parse Error: ${text.slice(at + 2)}`);
  return Object.assign(error, { bytesParsed: 0, code: text.slice(0, at), reason: text.slice(at + 2), rawPacket: packet });
}

module.exports = { codes, MAX_HEADER_SIZE, STATUS_CODES, isToken, validateHeaderName, validateHeaderValue, hangUp, parseError };
