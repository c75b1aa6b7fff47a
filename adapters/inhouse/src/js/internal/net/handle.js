'use strict';
// Streams of the loop as objects: what libuv's handles are to Node's `net`. Errors are negative numbers; callbacks of events are
// properties, those of requests are passed along. A handle is made before the host knows of it, as programs may ref and unref it.

const tasks = require('internal/tasks');

const EBADF = -9;
// By the host's number.
const open = new Map();

class StreamHandle {
  constructor(socket) {
    this.socket = undefined;
    this.reading = false;
    this.bytesRead = 0;
    this.bytesWritten = 0;
    this.refed = true;
    this.closed = false;
    this.writes = [];
    this.shutdown = undefined;
    this.frame = host.context.frame;
    // What the owner sets: (error, handle), (error), (bytes), (), (error), (bytes, ip, port).
    this.onconnection = undefined;
    this.onconnect = undefined;
    this.ondata = undefined;
    this.onend = undefined;
    this.onerror = undefined;
    this.ondatagram = undefined;
    if (socket !== undefined) this.adopt(socket);
  }

  // Takes a socket of the host; 0, or the error that came instead.
  adopt(socket) {
    if (socket < 0) return socket;
    this.socket = socket;
    open.set(socket, this);
    if (!this.refed) host.net.ref(socket, false);
    return 0;
  }

  listenIp(ip, port, backlog, ipv6Only) { return this.adopt(host.net.listenIp(ip, port, backlog, ipv6Only)); }

  listenPath(path, backlog) { return this.adopt(host.net.listenPath(path, backlog)); }

  connectIp(ip, port, from, fromPort) { return this.adopt(host.net.connectIp(ip, port, from, fromPort ?? 0)); }

  connectPath(path) { return this.adopt(host.net.connectPath(path)); }

  readStart() {
    this.reading = true;
    if (this.isOpen) host.net.read(this.socket, true);
  }

  readStop() {
    this.reading = false;
    if (this.isOpen) host.net.read(this.socket, false);
  }

  // Writes bytes, or a list of them: 0 if the system took them at once, 1 if `callback(error)` follows, or an error.
  write(bytes, callback) {
    if (!this.isOpen) return EBADF;
    const { frame } = host.context;
    const answer = host.net.write(this.socket, bytes);
    if (answer < 0) return answer;
    this.bytesWritten += Array.isArray(bytes) ? bytes.reduce((sum, part) => sum + part.byteLength, 0) : bytes.byteLength;
    if (answer === 1) this.writes.push({ callback, frame });
    return answer;
  }

  // Bytes that were written and that the system has not taken yet.
  get queued() { return this.isOpen ? host.net.queued(this.socket) : 0; }

  get isOpen() { return this.socket !== undefined && !this.closed; }

  // Ends the writing direction when everything is written; 0, or an error at once.
  shut(callback) {
    const answer = this.isOpen ? host.net.shut(this.socket) : EBADF;
    if (answer === 0) this.shutdown = { callback, frame: host.context.frame };
    return answer;
  }

  // [ip, port], a path, or an error.
  ownAddress() { return this.isOpen ? host.net.ownAddress(this.socket) : EBADF; }

  peerAddress() { return this.isOpen ? host.net.peerAddress(this.socket) : EBADF; }

  setNoDelay(on) { return this.isOpen ? host.net.noDelay(this.socket, on) : 0; }

  setKeepAlive(on, seconds) { return this.isOpen ? host.net.keepAlive(this.socket, on, seconds) : 0; }

  ref() { this.#setRef(true); }

  unref() { this.#setRef(false); }

  #setRef(refed) {
    this.refed = refed;
    if (this.isOpen) host.net.ref(this.socket, refed);
  }

  hasRef() { return this.refed && !this.closed; }

  // `callback` comes in the closing phase, after whatever was still under way is cancelled.
  close(callback, reset = false) {
    if (this.closed) return;
    this.closed = true;
    this.reading = false;
    const { socket } = this;
    const done = () => {
      open.delete(socket);
      callback?.();
    };
    if (socket === undefined) host.loop.closeTask(done);
    else host.net.close(socket, reset, tasks.add(done));
  }
}

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
      within(frame, handle.onconnection, 0, new StreamHandle(value));
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
      if (handle.ondatagram === undefined) handle.reading = false;
      within(frame, handle.onerror, value);
      break;
    case 5: {
      const request = handle.writes.shift();
      within(request.frame, request.callback, value);
      break;
    }
    case 7:
      within(frame, handle.ondatagram, ...value);
      break;
    default: {
      const request = handle.shutdown;
      handle.shutdown = undefined;
      within(request.frame, request.callback, value);
    }
  }
}

module.exports = { StreamHandle, dispatch };
