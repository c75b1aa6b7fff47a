'use strict';
// `dns.lookup`: the system's own look-up of names, a job of the thread pool. Authority: https://nodejs.org/api/dns.html#dnslookuphostname-options-callback

const { codes } = require('internal/errors');
const { isIP } = require('internal/net/address');
const requests = require('internal/requests');
const validate = require('internal/validate');

// The hints of `getaddrinfo`.
const hints = { ADDRCONFIG: 0x20, V4MAPPED: 0x08, ALL: 0x10 };
const ORDERS = ['verbatim', 'ipv4first', 'ipv6first'];
const ERRNO = { ENOTFOUND: -3008, EAI_AGAIN: -3001 };

let defaultOrder = 'verbatim';

function failure(code, hostname) {
  const error = new Error(`getaddrinfo ${code} ${hostname}`);
  return Object.assign(error, { errno: ERRNO[code], code, syscall: 'getaddrinfo', hostname });
}

function readOptions(given) {
  if (given === undefined || given === null) return { family: 0, all: false, order: defaultOrder };
  if (typeof given === 'number') {
    validate.oneOf(given, 'family', [0, 4, 6]);
    return { family: given, all: false, order: defaultOrder };
  }
  validate.object(given, 'options');
  const { all = false, verbatim, order, hints: wanted = 0 } = given;
  validate.boolean(all, 'options.all');
  validate.integer(wanted, 'options.hints', 0);
  if ((wanted & ~(hints.ADDRCONFIG | hints.V4MAPPED | hints.ALL)) !== 0) {
    throw new codes.ERR_INVALID_ARG_VALUE('hints', wanted);
  }
  let { family = 0 } = given;
  if (family === 'IPv4') family = 4;
  else if (family === 'IPv6') family = 6;
  else validate.oneOf(family ?? 0, 'options.family', [0, 4, 6]);
  let chosen = defaultOrder;
  if (verbatim !== undefined && verbatim !== null) {
    validate.boolean(verbatim, 'options.verbatim');
    chosen = verbatim ? 'verbatim' : 'ipv4first';
  }
  if (order !== undefined && order !== null) {
    validate.oneOf(order, 'options.order', ORDERS);
    chosen = order;
  }
  return { family: family ?? 0, all, order: chosen };
}

function lookup(hostname, given, last) {
  const callback = typeof given === 'function' ? given : last;
  const options = readOptions(typeof given === 'function' ? undefined : given);
  validate.func(callback, 'callback');
  if (hostname !== undefined && hostname !== null && hostname !== '') validate.string(hostname, 'hostname');
  if (!hostname) {
    if (options.all) process.nextTick(callback, null, []);
    else process.nextTick(callback, null, null, options.family === 6 ? 6 : 4);
    return {};
  }
  const literal = isIP(hostname);
  if (literal !== 0) {
    if (options.all) process.nextTick(callback, null, [{ address: hostname, family: literal }]);
    else process.nextTick(callback, null, hostname, literal);
    return {};
  }
  requests.add(host.net.lookUp(hostname), (code, addresses) => {
    if (code !== undefined) {
      callback(failure(code, hostname));
      return;
    }
    const found = sorted(addresses.map((address) => ({ address, family: isIP(address) })), options);
    if (found.length === 0) callback(failure('ENOTFOUND', hostname));
    else if (options.all) callback(null, found);
    else callback(null, found[0].address, found[0].family);
  });
  return {};
}

function sorted(addresses, { family, order }) {
  const wanted = addresses.filter((one) => family === 0 || one.family === family);
  if (order === 'verbatim') return wanted;
  const first = order === 'ipv4first' ? 4 : 6;
  return [...wanted.filter((one) => one.family === first), ...wanted.filter((one) => one.family !== first)];
}

function lookupPromise(hostname, options) {
  return new Promise((resolve, reject) => {
    lookup(hostname, options ?? {}, (error, address, family) => {
      if (error) reject(error);
      else resolve(options !== null && typeof options === 'object' && options.all ? address : { address, family });
    });
  });
}

function setDefaultResultOrder(order) {
  validate.oneOf(order, 'dnsOrder', ORDERS);
  defaultOrder = order;
}

module.exports = { lookup, lookupPromise, hints, setDefaultResultOrder, getDefaultResultOrder: () => defaultOrder };
