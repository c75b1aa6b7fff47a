'use strict';
// Addresses, ports and the argument lists of connect() and listen().

const { codes } = require('internal/net/errors');
const validate = require('internal/validate');

// 4, 6, or 0 for what is no numeric address.
function isIP(input) {
  const text = `${input}`;
  const zone = text.indexOf('%');
  if (zone === -1) return host.net.family(text);
  return /^%[0-9a-zA-Z\-.:]+$/.test(text.slice(zone)) && host.net.family(text.slice(0, zone)) === 6 ? 6 : 0;
}

// A port from 0 to 65535, given as a number or as digits.
function checkPort(port, name = 'Port', allowZero = true) {
  const isNumeric = typeof port === 'number' || (typeof port === 'string' && port.trim() !== '');
  if (!isNumeric || +port !== +port >>> 0 || port > 0xffff || (port === 0 && !allowZero)) {
    throw new codes.ERR_SOCKET_BAD_PORT(name, port, allowZero);
  }
  return port | 0;
}

const isPipeName = (value) => typeof value === 'string' && !(value !== '' && Number(value) >= 0);

// [options, callback] of (options), (path) or (port, host), each with an optional callback; marked, so that it is not done twice.
const kNormalized = Symbol('normalized arguments');

function normalizeArgs(args) {
  let options = {};
  const [first] = args;
  if (args.length > 0) {
    if (typeof first === 'object' && first !== null) options = first;
    else if (isPipeName(first)) options.path = first;
    else {
      options.port = first;
      if (args.length > 1 && typeof args[1] === 'string') options.host = args[1];
    }
  }
  const last = args[args.length - 1];
  const normalized = [options, typeof last === 'function' ? last : null];
  normalized[kNormalized] = true;
  return normalized;
}

// What address() answers for [ip, port] or a path.
function describeAddress(address) {
  if (typeof address === 'string') return address;
  if (!Array.isArray(address)) return undefined;
  const [ip, port] = address;
  return { address: ip, family: ip.includes(':') ? 'IPv6' : 'IPv4', port };
}

// A timeout in milliseconds.
function checkDuration(msecs, name) {
  validate.number(msecs, name);
  if (msecs < 0 || !Number.isFinite(msecs)) throw new codes.ERR_OUT_OF_RANGE(name, 'a non-negative finite number', msecs);
  if (msecs <= 2 ** 31 - 1) return msecs;
  process.emitWarning(`${msecs} does not fit into a 32-bit signed integer.\nTimer duration was truncated to ${2 ** 31 - 1}.`,
    'TimeoutOverflowWarning');
  return 2 ** 31 - 1;
}

module.exports = { isIP, checkPort, normalizeArgs, kNormalized, describeAddress, checkDuration };
