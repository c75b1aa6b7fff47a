'use strict';
// Streams of the loop as objects: what libuv's handles are to Node's `net`. Errors are negative numbers; callbacks of events are
// properties, those of requests are passed along.

const tasks = require('internal/tasks');

const open = new Map();

class StreamHandle {
  constructor(socket) {
    this.socket = socket;
    this.reading = false;
    this.bytesRead = 0;
    this.bytesWritten = 0;
    this.refed = true;
    this.closed = false;
    this.writes = [];
    this.shutdown = undefined;
    this.frame = host.context.frame;
    // What the owner sets: (handle), (error), (bytes), (), (error).
    this.onconnection = undefined;
    this.onconnect = undefined;
    this.ondata = undefined;
    this.onend = undefined;
    this.onerror = undefined;
    open.set(socket, this);
  }

  readStart() {
    this.reading = true;
    host.net.read(this.socket, true);
  }

  readStop() {
    this.reading = false;
    host.net.read(this.socket, false);
  }

  // Writes bytes, or a list of them. True if the system took them at once; else `callback(error)` follows, later even for an error.
  write(bytes, callback) {
    const { frame } = host.context;
    const answer = this.closed ? -9 : host.net.write(this.socket, bytes);
    if (answer < 0) return answer;
    this.bytesWritten += Array.isArray(bytes) ? bytes.reduce((sum, part) => sum + part.byteLength, 0) : bytes.byteLength;
    if (answer === 0) return 0;
    this.writes.push({ callback, frame });
    return 1;
  }

  get queued() {
    return this.closed ? 0 : host.net.queued(this.socket);
  }

  // Ends the writing direction when everything is written; 0, or an error at once.
  shut(callback) {
    const answer = this.closed ? -9 : host.net.shut(this.socket);
    if (answer === 0) this.shutdown = { callback, frame: host.context.frame };
    return answer;
  }

  ref() {
    this.refed = true;
    if (!this.closed) host.net.ref(this.socket, true);
  }

  unref() {
    this.refed = false;
    if (!this.closed) host.net.ref(this.socket, false);
  }

  hasRef() {
    return this.refed && !this.closed;
  }

  close(callback, reset = false) {
    if (this.closed) return;
    this.closed = true;
    const { frame } = this;
    host.net.close(this.socket, reset, tasks.add(() => {
      open.delete(this.socket);
      within(frame, callback);
    }));
  }
}

// Listeners and connections. Each answers a handle, or a negative number.
const wrap = (socket) => (socket < 0 ? socket : new StreamHandle(socket));
const listenIp = (ip, port, backlog, ipv6Only) => wrap(host.net.listenIp(ip, port, backlog, ipv6Only));
const listenPath = (path, backlog) => wrap(host.net.listenPath(path, backlog));
const connectIp = (ip, port, from, fromPort) => wrap(host.net.connectIp(ip, port, from, fromPort ?? 0));
const connectPath = (path) => wrap(host.net.connectPath(path));

function within(frame, callback, ...args) {
  if (callback === undefined) return;
  host.context.frame = frame;
  try {
    callback(...args);
  } finally {
    host.context.frame = undefined;
  }
}

// What the loop calls: the kinds are those of `builtins/net.rs`.
function dispatch(socket, kind, value) {
  const handle = open.get(socket);
  if (handle === undefined) return;
  const { frame } = handle;
  switch (kind) {
    case 0:
      within(frame, handle.onconnection, new StreamHandle(value));
      break;
    case 1:
      within(frame, handle.onconnect, value);
      break;
    case 2:
      handle.bytesRead += value.byteLength;
      within(frame, handle.ondata, value);
      break;
    case 3:
      handle.reading = false;
      within(frame, handle.onend);
      break;
    case 4:
      handle.reading = false;
      within(frame, handle.onerror, value);
      break;
    case 5: {
      const request = handle.writes.shift();
      within(request.frame, request.callback, value);
      break;
    }
    default: {
      const request = handle.shutdown;
      handle.shutdown = undefined;
      within(request.frame, request.callback, value);
    }
  }
}

module.exports = { StreamHandle, listenIp, listenPath, connectIp, connectPath, dispatch };
