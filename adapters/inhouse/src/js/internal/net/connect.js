'use strict';
// How a socket connects: the look-up of names, and one attempt after the other where a name has several addresses.
// Authority: https://nodejs.org/api/net.html#socketconnectoptions-connectlistener

const { StreamHandle } = require('internal/net/handle');
const { codes, addressException } = require('internal/net/errors');
const { isIP, checkPort } = require('internal/net/address');
const { Timeout, clear } = require('internal/timers');
const { kAttach } = require('internal/net/socket');
const validate = require('internal/validate');

const defaults = { autoSelectFamily: true, attemptTimeout: 500 };
const ETIMEDOUT = -110;

function begin(socket, options) {
  if (options.path !== undefined && options.path !== null) {
    validate.string(options.path, 'options.path');
    attempt(socket, { path: options.path });
    return;
  }
  const { localAddress, localPort, host: name = 'localhost' } = options;
  if (localAddress && isIP(localAddress) === 0) throw new codes.ERR_INVALID_IP_ADDRESS(localAddress);
  if (localPort) validate.number(localPort, 'options.localPort');
  if (typeof options.port !== 'number' && typeof options.port !== 'string') {
    throw new codes.ERR_INVALID_ARG_TYPE('options.port', ['number', 'string'], options.port);
  }
  const port = checkPort(options.port);
  const own = { localAddress, localPort };
  const family = isIP(name);
  if (family !== 0) {
    process.nextTick(() => {
      if (socket.connecting) attempt(socket, { address: name, port, family, ...own });
    });
    return;
  }
  if (options.lookup !== undefined && options.lookup !== null) validate.func(options.lookup, 'options.lookup');
  lookUp(socket, name, port, options, own);
}

// ---- Names ----------------------------------------------------------------------------------

function lookUp(socket, name, port, options, own) {
  const lookup = options.lookup ?? require('dns').lookup;
  const query = { family: options.family || 0, hints: options.hints || 0 };
  const autoSelect = options.autoSelectFamily ?? defaults.autoSelectFamily;
  if (autoSelect !== undefined) validate.boolean(autoSelect, 'options.autoSelectFamily');
  if (options.autoSelectFamilyAttemptTimeout !== undefined) {
    validate.integer(options.autoSelectFamilyAttemptTimeout, 'options.autoSelectFamilyAttemptTimeout', 1, 2 ** 31 - 1);
  }
  socket._host = name;
  const fail = (error) => process.nextTick(() => socket.destroy(error));
  const refuse = (address, family) => {
    if (isIP(address) === 0) fail(new codes.ERR_INVALID_IP_ADDRESS(address));
    else fail(Object.assign(new codes.ERR_INVALID_ADDRESS_FAMILY(family, name, port), { host: name, port }));
  };
  const all = autoSelect && query.family !== 4 && query.family !== 6 && !own.localAddress;
  if (!all) {
    lookup(name, query, (error, address, family) => {
      socket.emit('lookup', error, address, family, name);
      if (!socket.connecting) return;
      if (error) fail(error);
      else if (isIP(address) === 0 || (family !== 4 && family !== 6)) refuse(address, family);
      else attempt(socket, { address, port, family, ...own });
    });
    return;
  }
  lookup(name, { ...query, all: true }, (error, addresses) => {
    if (!socket.connecting) return;
    if (error) {
      socket.emit('lookup', error, undefined, undefined, name);
      if (socket.connecting) fail(error);
      return;
    }
    const usable = [];
    for (const { address, family } of addresses) {
      socket.emit('lookup', null, address, family, name);
      if (!socket.connecting) return;
      if (isIP(address) !== 0 && (family === 4 || family === 6)) usable.push({ address, family });
    }
    if (usable.length === 0) {
      refuse(addresses[0]?.address, addresses[0]?.family);
    } else if (usable.length === 1) {
      attempt(socket, { ...usable[0], port, ...own });
    } else {
      const timeout = options.autoSelectFamilyAttemptTimeout ?? defaults.attemptTimeout;
      attemptAll(socket, interleave(usable), port, Math.max(10, timeout));
    }
  });
}

// The families take turns, beginning with the first address's.
function interleave(addresses) {
  const first = addresses.filter(({ family }) => family === addresses[0].family);
  const others = addresses.filter(({ family }) => family !== addresses[0].family);
  const order = [];
  for (let i = 0; i < Math.max(first.length, others.length); i++) order.push(...first.slice(i, i + 1), ...others.slice(i, i + 1));
  return order;
}

// ---- Attempts -------------------------------------------------------------------------------

function open(handle, { path, address, port, localAddress, localPort, family }) {
  if (path !== undefined) return handle.connectPath(path);
  const anywhere = family === 6 ? '::' : '0.0.0.0';
  return handle.connectIp(address, port, localAddress || localPort ? localAddress ?? anywhere : undefined, localPort);
}

function failure(errno, { path, address, port, localAddress, localPort }) {
  const own = localAddress || localPort ? `${localAddress ?? ''}:${localPort ?? 0}` : undefined;
  return addressException(errno, 'connect', path ?? address, port, own);
}

// The only attempt: its error is the socket's.
function attempt(socket, target) {
  const handle = socket._handle;
  if (target.path === undefined) socket.emit('connectionAttempt', target.address, target.port, target.family);
  if (!socket.connecting) return;
  handle.onconnect = (errno) => {
    if (socket.destroyed) return;
    if (errno === 0) connected(socket);
    else failed(errno);
  };
  const failed = (errno) => {
    socket.connecting = false;
    const error = failure(errno, target);
    if (target.path === undefined) {
      socket.emit('connectionAttemptFailed', target.address, target.port, target.family, error);
    }
    socket.destroy(error);
  };
  const answer = open(handle, target);
  if (answer < 0) failed(answer);
}

// One address after the other, each for a while; the errors of all are told together.
function attemptAll(socket, addresses, port, patience) {
  const errors = [];
  const attempted = [];
  socket.autoSelectFamilyAttemptedAddresses = attempted;
  const next = (index) => {
    if (index === addresses.length) {
      socket.connecting = false;
      socket.destroy(errors.length === 1 ? errors[0] : together(errors));
      return;
    }
    const target = { ...addresses[index], port };
    attempted.push(`${target.address}:${port}`);
    const handle = index === 0 ? socket._handle : new StreamHandle();
    if (index > 0) {
      handle.refed = socket._handle.refed;
      socket[kAttach](handle);
    }
    socket.emit('connectionAttempt', target.address, port, target.family);
    if (!socket.connecting) return;
    let timer;
    const failed = (errno, event) => {
      clear(timer);
      handle.onconnect = undefined;
      const error = failure(errno, target);
      errors.push(error);
      if (event === 'connectionAttemptTimeout') socket.emit(event, target.address, port, target.family);
      else socket.emit(event, target.address, port, target.family, error);
      if (!socket.connecting) return;
      handle.close();
      next(index + 1);
    };
    handle.onconnect = (errno) => {
      clear(timer);
      if (socket.destroyed) return;
      if (errno === 0) connected(socket);
      else failed(errno, 'connectionAttemptFailed');
    };
    if (index < addresses.length - 1) {
      timer = new Timeout(() => {
        if (!socket.destroyed) failed(ETIMEDOUT, 'connectionAttemptTimeout');
      }, patience, undefined, false);
    }
    const answer = open(handle, target);
    if (answer < 0) failed(answer, 'connectionAttemptFailed');
  };
  next(0);
}

function together(errors) {
  const error = new AggregateError(errors);
  error.code = errors[0]?.code;
  return error;
}

function connected(socket) {
  socket.connecting = false;
  socket._applySettings();
  socket._unrefTimer();
  socket.emit('connect');
  socket.emit('ready');
  // The first read; it may find the end already.
  if (!socket.destroyed && !socket.isPaused()) socket.read(0);
}

module.exports = { begin, defaults };
