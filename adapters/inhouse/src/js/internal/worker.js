'use strict';
// Worker threads, both sides: `Worker` in the loop that starts one, and what the worker itself knows.
// Authority: https://nodejs.org/api/worker_threads.html
//
// Two channels connect them: one for the program's messages, one on which the runtimes talk. On the second one the parent sends
// { data } once, before the start; the worker answers ['online'], perhaps ['error', …], and ends it with its exit code.

const EventEmitter = require('events');
const { codes, define } = require('internal/errors');
const validate = require('internal/validate');
const { attach, listen, encode, decode } = require('internal/remote_port');
const { MessagePort, PortEnd, newPort } = require('internal/web/messaging');
const { serializeWithTransfer, deserializeWithTransfer } = require('internal/web/structured_clone');

define('ERR_WORKER_PATH', TypeError, (filename) =>
  'The worker script or module filename must be an absolute path or a relative path starting with \'./\' or \'../\'. ' +
  `Received "${filename}"`);
define('ERR_WORKER_NOT_RUNNING', Error, 'Worker instance not running');
define('ERR_WORKER_UNSUPPORTED_OPERATION', TypeError, (operation) => `${operation} is not supported in workers`);

const SHARE_ENV = Symbol.for('nodejs.worker_threads.SHARE_ENV');
const environmentData = new Map();

// ---- The parent's side ----------------------------------------------------------------------

// What to run: a path, a source text, or a data URL.
function entryOf(filename, options) {
  if (options.eval) {
    validate.string(filename, 'filename');
    return { entry: `${host.process.cwd()}/[worker eval]`, source: filename, goal: 'cjs' };
  }
  let path = filename;
  if (path !== null && typeof path === 'object' && typeof path.href === 'string') {
    if (path.protocol === 'data:') return { entry: path.href, goal: 'esm' };
    path = require('url').fileURLToPath(path);
  }
  if (typeof path !== 'string') throw new codes.ERR_INVALID_ARG_TYPE('filename', ['string', 'URL'], filename);
  if (!path.startsWith('/') && !/^\.\.?\//.test(path)) throw new codes.ERR_WORKER_PATH(filename);
  const { absolute, formatOf } = require('internal/modules');
  const entry = host.modules.realPath(absolute(path, host.process.cwd()));
  return { entry, goal: formatOf(entry) === 'esm' ? 'esm' : 'cjs' };
}

class Worker extends EventEmitter {
  #port;
  #end;
  #thread;
  #running = true;
  #referenced = true;
  #exit;

  constructor(filename, options = {}) {
    super();
    validate.object(options, 'options');
    const { entry, source, goal } = entryOf(filename, options);
    const { argv = [], env = require('process').env, workerData, transferList = [], name = 'WorkerThread' } = options;
    validate.array(argv, 'options.argv');
    const data = serializeWithTransfer({ workerData, environmentData }, [...transferList]);
    const [near, far] = host.messaging.pair();
    const [control, theirControl] = host.messaging.pair();
    this.#end = new PortEnd();
    attach(this.#end, near);
    this.#port = newPort(this.#end);
    this.#port.on('message', (message) => this.emit('message', message));
    this.#port.on('messageerror', (error) => this.emit('messageerror', error));
    // The worker as a whole keeps the loop alive, not its port.
    this.#port.unref();
    host.messaging.send(control, encode(data));
    listen(control, this);
    const variables = env === SHARE_ENV ? require('process').env : env;
    this.#thread = host.workers.start({
      entry, source, goal, port: far, control: theirControl,
      args: argv.map(String),
      env: Object.entries(variables).filter(([, value]) => value !== undefined).map(([key, value]) => [key, `${value}`]),
    });
    this.threadName = name;
    this.resourceLimits = {};
    this.#exit = Promise.withResolvers();
    host.loop.ref();
  }

  get threadId() { return this.#running ? this.#thread : -1; }
  get stdin() { return null; }
  get stdout() { return null; }
  get stderr() { return null; }
  get performance() { return { eventLoopUtilization: () => ({ idle: 0, active: 0, utilization: 0 }) }; }

  postMessage(message, transfer) {
    if (this.#running) this.#port.postMessage(message, transfer);
  }

  ref() {
    if (this.#running && !this.#referenced) {
      this.#referenced = true;
      host.loop.ref();
    }
  }

  unref() {
    if (this.#running && this.#referenced) {
      this.#referenced = false;
      host.loop.unref();
    }
  }

  terminate() {
    if (!this.#running) return Promise.resolve();
    host.workers.stop(this.#thread);
    return this.#exit.promise;
  }

  async [Symbol.asyncDispose ?? Symbol('Symbol.asyncDispose')]() {
    await this.terminate();
  }

  // What comes on the control channel; each event is a callback of its own.
  receive({ root: [kind, error] }) {
    if (kind === 'online') host.loop.postTask(() => this.emit('online'));
    else host.loop.postTask(() => this.emit('error', deserializeWithTransfer(error).value));
  }

  disconnect() {}

  exited(code) {
    host.loop.postTask(() => {
      // Messages that the worker sent before its end come before the end.
      require('internal/remote_port').receive(this.#end.peer?.endpoint ?? 0);
      while (this.#end.inbox.hasWork()) this.#end.inbox.deliverNext();
      this.unref();
      this.#running = false;
      this.#port.close();
      this.#exit.resolve(code);
      this.emit('exit', code);
    });
  }
}

// ---- The worker's side ----------------------------------------------------------------------

const { worker } = host.process;
let given;

function fromParent() {
  if (given === undefined) {
    const [[, message]] = host.messaging.receive(worker.control);
    given = deserializeWithTransfer(decode(message)).value;
    for (const [key, value] of given.environmentData) environmentData.set(key, value);
  }
  return given;
}

let parentPort;

function getParentPort() {
  if (worker === undefined) return null;
  if (parentPort === undefined) {
    const end = new PortEnd();
    attach(end, worker.port);
    parentPort = newPort(end);
  }
  return parentPort;
}

// Called before the worker's program.
function enter() {
  host.messaging.send(worker.control, { root: ['online'], moved: [] });
}

// An error that nobody caught goes to the parent.
function fail(error) {
  let serialized;
  try {
    serialized = serializeWithTransfer(error, []);
  } catch {
    serialized = serializeWithTransfer(new Error(require('internal/format').inspect(error)), []);
  }
  host.messaging.send(worker.control, { root: ['error', serialized], moved: [] });
}

function getEnvironmentData(key) {
  if (worker !== undefined) fromParent();
  return environmentData.get(key);
}

function setEnvironmentData(key, value) {
  if (worker !== undefined) fromParent();
  if (value === undefined) environmentData.delete(key);
  else environmentData.set(key, value);
}

module.exports = {
  Worker, MessagePort, SHARE_ENV, enter, fail, getParentPort, getEnvironmentData, setEnvironmentData,
  workerData: () => (worker === undefined ? null : fromParent().workerData),
};
