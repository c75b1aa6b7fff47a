'use strict';
// `http.Agent`: connections that requests share. Authority: https://nodejs.org/api/http.html#class-httpagent

const EventEmitter = require('events');
const net = require('net');
const { callable } = require('internal/callable_class');
const validate = require('internal/validate');

const noop = () => {};

class AgentClass extends EventEmitter {
  constructor(given) {
    super();
    this.options = { __proto__: null, ...given };
    if (this.options.noDelay === undefined) this.options.noDelay = true;
    this.options.path = null;
    const {
      keepAlive = false, keepAliveMsecs = 1000, maxSockets = Infinity, maxFreeSockets = 256, maxTotalSockets = Infinity,
      scheduling = 'lifo', agentKeepAliveTimeoutBuffer = 1000,
    } = this.options;
    validate.oneOf(scheduling, 'scheduling', ['fifo', 'lifo']);
    if (this.options.maxTotalSockets !== undefined) validate.number(maxTotalSockets, 'maxTotalSockets', 1);
    this.defaultPort = this.options.defaultPort ?? 80;
    this.protocol = this.options.protocol ?? 'http:';
    // By the name of the target: what waits, what is in use, what is free.
    this.requests = Object.create(null);
    this.sockets = Object.create(null);
    this.freeSockets = Object.create(null);
    this.totalSocketCount = 0;
    Object.assign(this, {
      keepAlive, keepAliveMsecs, maxSockets: maxSockets || Infinity, maxFreeSockets, maxTotalSockets, scheduling, agentKeepAliveTimeoutBuffer,
    });
    this.on('free', (socket, options) => onFree(this, socket, options));
  }

  static get defaultMaxSockets() { return Infinity; }

  getName(options = {}) {
    let name = options.host || 'localhost';
    name += ':';
    if (options.port) name += options.port;
    name += ':';
    if (options.localAddress) name += options.localAddress;
    if (options.family === 4 || options.family === 6) name += `:${options.family}`;
    if (options.socketPath) name += `:${options.socketPath}`;
    return name;
  }

  createConnection(...args) { return net.createConnection(...args); }

  createSocket(request, options, callback) { create(this, { ...options, ...this.options }, callback); }

  addRequest(request, given) {
    const options = { __proto__: null, ...given, ...this.options };
    if (options.socketPath) options.path = options.socketPath;
    const name = this.getName(options);
    const inUse = (this.sockets[name] ??= []);
    const free = (this.freeSockets[name] ?? []).filter((socket) => !socket.destroyed);
    const socket = this.scheduling === 'fifo' ? free.shift() : free.pop();
    if (free.length > 0) this.freeSockets[name] = free;
    else delete this.freeSockets[name];
    if (socket) {
      socket.off('error', onFreeError);
      this.reuseSocket(socket, request);
      inUse.push(socket);
      setRequestSocket(this, request, socket);
    } else if (inUse.length < this.maxSockets && this.totalSocketCount < this.maxTotalSockets) {
      open(this, request, options);
    } else {
      (this.requests[name] ??= []).push(request);
      request._agentOptions = options;
    }
  }

  // A socket is taken out of use or gone; a request that waits for one like it gets a new one.
  removeSocket(socket, options) {
    const name = this.getName(options);
    for (const list of socket.writable ? [this.sockets] : [this.sockets, this.freeSockets]) {
      const sockets = list[name];
      const at = sockets?.indexOf(socket) ?? -1;
      if (at === -1) continue;
      sockets.splice(at, 1);
      if (sockets.length === 0) delete list[name];
    }
    const waiting = this.requests[name]?.shift();
    if (waiting === undefined) return;
    if (this.requests[name].length === 0) delete this.requests[name];
    if ((this.sockets[name]?.length ?? 0) < this.maxSockets) open(this, waiting, options);
    else (this.requests[name] ??= []).unshift(waiting);
  }

  keepSocketAlive(socket) {
    socket.setKeepAlive(true, this.keepAliveMsecs);
    socket.unref();
    let timeout = this.options.timeout || 0;
    const hint = /(?:^|,\s*)timeout=(\d+)/.exec(socket._httpMessage?.res?.headers['keep-alive'] ?? '');
    if (hint !== null) {
      const seconds = Number(hint[1]) * 1000 - this.agentKeepAliveTimeoutBuffer;
      if (seconds <= 0) return false;
      if (timeout === 0 || seconds < timeout) timeout = seconds;
    }
    if (socket.timeout !== timeout) socket.setTimeout(timeout);
    return true;
  }

  reuseSocket(socket, request) {
    request.reusedSocket = true;
    socket.ref();
  }

  destroy() {
    for (const list of [this.freeSockets, this.sockets]) {
      for (const socket of Object.values(list).flat()) socket.destroy();
    }
  }
}

const Agent = callable(AgentClass, 'Agent');

// A new connection for a request.
function open(agent, request, options) {
  create(agent, options, (error, socket) => {
    if (error) request.onSocket(null, error);
    else setRequestSocket(agent, request, socket);
  });
}

function create(agent, options, callback) {
  const name = agent.getName(options);
  let called = false;
  const done = (error, socket) => {
    if (called) return;
    called = true;
    if (error) {
      callback(error);
      return;
    }
    (agent.sockets[name] ??= []).push(socket);
    agent.totalSocketCount++;
    watch(agent, socket, options);
    callback(null, socket);
  };
  const connection = { ...options };
  if (agent.keepAlive) connection.keepAlive = agent.keepAlive;
  if (agent.keepAlive) connection.keepAliveInitialDelay = agent.keepAliveMsecs;
  const socket = agent.createConnection(connection, done);
  if (socket && !called) done(null, socket);
}

function watch(agent, socket, options) {
  const onSocketFree = () => agent.emit('free', socket, options);
  const onClose = () => {
    agent.totalSocketCount--;
    agent.removeSocket(socket, options);
  };
  // Only a socket that nobody uses is closed for doing nothing.
  const onTimeout = () => {
    if (Object.values(agent.freeSockets).flat().includes(socket)) socket.destroy();
  };
  const onRemove = () => {
    agent.totalSocketCount--;
    agent.removeSocket(socket, options);
    socket.removeListener('close', onClose);
    socket.removeListener('free', onSocketFree);
    socket.removeListener('timeout', onTimeout);
    socket.removeListener('agentRemove', onRemove);
  };
  socket.on('free', onSocketFree);
  socket.on('close', onClose);
  socket.on('timeout', onTimeout);
  socket.on('agentRemove', onRemove);
  if (agent.options.timeout) socket.setTimeout(agent.options.timeout);
}

function setRequestSocket(agent, request, socket) {
  request.onSocket(socket);
  const timeout = agent.options.timeout || 0;
  if (request.timeout === undefined || request.timeout === timeout) return;
  socket.setTimeout(request.timeout);
}

function onFree(agent, socket, options) {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const name = agent.getName(options);
  const waiting = agent.requests[name]?.shift();
  if (waiting !== undefined) {
    if (agent.requests[name].length === 0) delete agent.requests[name];
    setRequestSocket(agent, waiting, socket);
    return;
  }
  const request = socket._httpMessage;
  const free = agent.freeSockets[name] ?? [];
  const count = free.length + (agent.sockets[name]?.length ?? 0);
  if (!request?.shouldKeepAlive || !agent.keepAlive || agent.totalSocketCount > agent.maxTotalSockets || count > agent.maxSockets ||
      free.length >= agent.maxFreeSockets || !agent.keepSocketAlive(socket)) {
    socket.destroy();
    return;
  }
  agent.freeSockets[name] = free;
  socket._httpMessage = null;
  agent.removeSocket(socket, options);
  socket.once('error', onFreeError);
  free.push(socket);
}

function onFreeError() {
  this.destroy();
  this.emit('agentRemove');
  this.on('error', noop);
}

const globalAgent = new Agent({ keepAlive: true, scheduling: 'lifo', timeout: 5000 });

module.exports = { Agent, globalAgent };
