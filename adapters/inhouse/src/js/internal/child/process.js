'use strict';
// ChildProcess: a process as the one that started it holds it.
// Authority: https://nodejs.org/api/child_process.html#class-childprocess

const EventEmitter = require('events');
const { AbortError, codes, define } = require('internal/errors');
const validate = require('internal/validate');
const { StreamHandle } = require('internal/net/handle');
const { PipeStream } = require('internal/pipe_stream');
const { NAMES, toNumber } = require('internal/signals');

define('ERR_IPC_ONE_PIPE', Error, 'Child process can have only one IPC pipe');
define('ERR_IPC_SYNC_FORK', Error, 'IPC cannot be used with synchronous forks');

// ---- Descriptors ----------------------------------------------------------------------------

// What each descriptor is to be: a list of { type: 'pipe' | 'ignore' | 'fd', fd, ipc }.
function readStdio(stdio, sync) {
  let list = stdio ?? 'pipe';
  if (typeof list === 'string') {
    if (!['ignore', 'pipe', 'overlapped', 'inherit'].includes(list)) throw new codes.ERR_INVALID_ARG_VALUE('stdio', stdio);
    list = [list, list, list];
  } else if (!Array.isArray(list)) {
    throw new codes.ERR_INVALID_ARG_VALUE('stdio', stdio);
  }
  const padded = [...list];
  while (padded.length < 3) padded.push(undefined);
  let ipc = false;
  return padded.map((entry, index) => {
    const kind = entry ?? (index < 3 ? 'pipe' : 'ignore');
    switch (kind) {
      case 'ignore': return { type: 'ignore' };
      case 'pipe': case 'overlapped': return { type: 'pipe' };
      case 'inherit': return { type: 'fd', fd: index };
      case 'ipc':
        if (sync) throw new codes.ERR_IPC_SYNC_FORK();
        if (ipc) throw new codes.ERR_IPC_ONE_PIPE();
        ipc = true;
        return { type: 'pipe', ipc: true };
      default: {
        const fd = typeof kind === 'number' ? kind : kind?.fd ?? kind?._handle?.fd;
        if (typeof fd !== 'number') throw new codes.ERR_INVALID_ARG_VALUE('stdio', kind);
        return { type: 'fd', fd };
      }
    }
  });
}

// ---- The processes of this loop -------------------------------------------------------------

const running = new Map();

function exited(pid, code, signal) {
  const child = running.get(pid);
  if (child === undefined) return;
  running.delete(pid);
  host.context.frame = child.frame;
  try {
    child.onexit(code, signal);
  } finally {
    host.context.frame = undefined;
  }
}

// The handle behind a ChildProcess: it keeps the loop alive until the process is over.
class Handle {
  frame = host.context.frame;
  #refed = true;
  #open = true;

  constructor(pid, onexit) {
    this.pid = pid;
    this.onexit = (code, signal) => {
      this.close();
      onexit(code, signal);
    };
    running.set(pid, this);
    host.loop.ref();
  }

  close() {
    if (this.#open && this.#refed) host.loop.unref();
    this.#open = false;
  }

  setRef(refed) {
    if (!this.#open || this.#refed === refed) return;
    this.#refed = refed;
    if (refed) host.loop.ref();
    else host.loop.unref();
  }

  hasRef() { return this.#open && this.#refed; }
}

// ---- ChildProcess ---------------------------------------------------------------------------

class ChildProcess extends EventEmitter {
  #closesNeeded = 1;
  #closesGot = 0;
  #spawnargs;

  constructor() {
    super();
    this.connected = false;
    this.signalCode = null;
    this.exitCode = null;
    this.killed = false;
    this.spawnfile = null;
    this._handle = null;
  }

  spawn(options) {
    validate.object(options, 'options');
    const descriptors = readStdio(options.stdio, false);
    const environment = options.envPairs ?? [];
    const ipcIndex = descriptors.findIndex(({ ipc }) => ipc);
    if (ipcIndex !== -1) environment.push(['NODE_CHANNEL_FD', `${ipcIndex}`]);
    validate.string(options.file, 'options.file');
    this.spawnfile = options.file;
    this.#spawnargs = options.args ?? [];
    this.spawnargs = this.#spawnargs;
    for (const descriptor of descriptors) if (descriptor.type === 'pipe') this.#openPipe(descriptor);
    const pid = host.child.spawn({
      file: options.file, args: this.#spawnargs.length > 0 ? this.#spawnargs : [options.file], env: environment, cwd: options.cwd,
      detached: Boolean(options.detached), uid: options.uid, gid: options.gid,
      stdio: descriptors.map(({ type, fd, far }) => (type === 'ignore' ? ['null'] : type === 'fd' ? ['fd', fd] : ['end', far])),
    });
    if (pid < 0) this.#failed(pid, descriptors);
    else {
      this._handle = new Handle(pid, (code, signal) => this.#onexit(code, signal));
      this.pid = pid;
      process.nextTick(() => this.emit('spawn'));
    }
    this.#wrap(descriptors);
    if (ipcIndex !== -1) require('internal/child/channel').setup(this, descriptors[ipcIndex].handle, () => this.#maybeClose(), true);
    return pid < 0 ? pid : 0;
  }

  #openPipe(descriptor) {
    const [near, far] = host.child.pair();
    if (near < 0) throw require('internal/pipe_stream').failure(near, 'spawn');
    descriptor.handle = new StreamHandle(near);
    descriptor.far = far;
  }

  // A program that is not there is an 'error' event; anything else the caller could have known.
  #failed(number, descriptors) {
    const [code] = host.net.describe(number);
    if (!['EACCES', 'EAGAIN', 'EMFILE', 'ENFILE', 'ENOENT'].includes(code)) {
      for (const { handle } of descriptors) handle?.close();
      throw Object.assign(new Error(`spawn ${code}`), { errno: number, code, syscall: 'spawn' });
    }
    process.nextTick(() => this.#onexit(number, 0));
  }

  // The streams of the pipes, which 'close' waits for.
  #wrap(descriptors) {
    for (const [index, descriptor] of descriptors.entries()) {
      if (descriptor.type !== 'pipe') continue;
      if (descriptor.ipc) {
        this.#closesNeeded++;
        continue;
      }
      const stream = new PipeStream(descriptor.handle, { readable: index > 0 });
      descriptor.stream = stream;
      if (index > 0) {
        this.#closesNeeded++;
        stream.on('close', () => this.#maybeClose());
      }
    }
    const streams = descriptors.map(({ ipc, stream }) => (ipc ? null : stream ?? null));
    [this.stdin, this.stdout, this.stderr] = streams;
    this.stdio = streams;
  }

  #onexit(code, signal) {
    if (signal !== 0) this.signalCode = NAMES[signal] ?? null;
    else this.exitCode = code;
    this.stdin?.destroy();
    this._handle = null;
    if (code < 0) {
      const syscall = this.spawnfile ? `spawn ${this.spawnfile}` : 'spawn';
      const [name] = host.net.describe(code);
      const error = Object.assign(new Error(`${syscall} ${name}`), { errno: code, code: name, syscall });
      if (this.spawnfile) error.path = this.spawnfile;
      error.spawnargs = this.#spawnargs.slice(1);
      this.emit('error', error);
    } else {
      this.emit('exit', this.exitCode, this.signalCode);
    }
    // What nobody has read by now nobody will; it must not hold 'close' up.
    process.nextTick(() => {
      for (const stream of this.stdio) if (stream?.readable) stream.resume();
    });
    this.#maybeClose();
  }

  #maybeClose() {
    this.#closesGot++;
    if (this.#closesGot === this.#closesNeeded) this.emit('close', this.exitCode, this.signalCode);
  }

  kill(signal) {
    const number = signal === 0 ? 0 : toNumber(signal === undefined ? 'SIGTERM' : signal);
    if (this._handle === null) return false;
    const failure = host.process.kill(this._handle.pid, number);
    if (failure === undefined || failure === null) {
      // Asking is no killing.
      this.killed = number !== 0;
      return true;
    }
    if (failure.code === 'ESRCH') return false;
    const error = Object.assign(new Error(`kill ${failure.code}`), { errno: failure.errno, code: failure.code, syscall: 'kill' });
    if (failure.code === 'EINVAL' || failure.code === 'ENOSYS') throw error;
    this.emit('error', error);
    return false;
  }

  [Symbol.dispose ?? Symbol('Symbol.dispose')]() {
    if (!this.killed) this.kill();
  }

  ref() { this._handle?.setRef(true); }

  unref() { this._handle?.setRef(false); }
}

// Ends `child` when `signal` is aborted or `timeout` is over; neither outlives the child.
function watch(child, { signal, timeout, killSignal }) {
  if (timeout > 0) {
    let timer = require('timers').setTimeout(() => {
      timer = undefined;
      try {
        child.kill(killSignal);
      } catch (error) {
        child.emit('error', error);
      }
    }, timeout);
    child.once('exit', () => {
      if (timer !== undefined) clearTimeout(timer);
    });
  }
  if (signal === undefined) return;
  const abort = () => {
    try {
      if (child.kill(killSignal)) child.emit('error', new AbortError(undefined, { cause: signal.reason }));
    } catch (error) {
      child.emit('error', error);
    }
  };
  if (signal.aborted) process.nextTick(abort);
  else {
    const { addAbortListener } = require('internal/events/abort_listener');
    const listening = addAbortListener(signal, abort);
    child.once('exit', () => listening[Symbol.dispose]());
  }
}

module.exports = { ChildProcess, exited, readStdio, watch };
