'use strict';
// Worker threads, both sides: `Worker` in the loop that starts one, and what the worker itself knows.
// Authority: https://nodejs.org/api/worker_threads.html
//
// Two channels connect them: one for the program's messages, one on which the runtimes talk. On the second one the parent sends
// what it gives the worker once, before the start, and later ['stdin', …]; the worker answers ['online'], perhaps ['output', …]
// and ['error', …], and ends it with its exit code.

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
  #stdio;
  #frame = host.context.frame;

  constructor(filename, options = {}) {
    super();
    validate.object(options, 'options');
    const { entry, source, goal } = entryOf(filename, options);
    const { env = require('process').env, workerData, transferList = [], name = 'WorkerThread', resourceLimits = {} } = options;
    const argv = options.argv ?? [];
    validate.array(argv, 'options.argv');
    if (options.name !== undefined) validate.string(name, 'options.name');
    if (env !== SHARE_ENV && (typeof env !== 'object' || env === null)) {
      throw new codes.ERR_INVALID_ARG_TYPE('options.env', ['object', 'undefined', 'null', 'worker_threads.SHARE_ENV'], env);
    }
    const data = serializeWithTransfer(
      { workerData, environmentData, name, resourceLimits: { ...resourceLimits }, stdin: Boolean(options.stdin) }, [...transferList]);
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
    this.resourceLimits = { ...resourceLimits };
    this.#stdio = require('internal/worker/stdio').ofParent(control, options);
    this.#exit = Promise.withResolvers();
    host.loop.ref();
    process.nextTick(() => process.emit('worker', this));
  }

  get threadId() { return this.#running ? this.#thread : -1; }
  get stdin() { return this.#stdio.stdin; }
  get stdout() { return this.#stdio.stdout; }
  get stderr() { return this.#stdio.stderr; }

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

  // What comes on the control channel; each event is a callback of its own, in the async context of the worker's start.
  receive({ root: [kind, ...args] }) {
    this.#post(() => {
      if (kind === 'online') this.emit('online');
      else if (kind === 'output') this.#stdio.push(...args);
      else this.emit('error', deserializeWithTransfer(args[0]).value);
    });
  }

  #post(callback) {
    const { context } = host;
    context.frame = this.#frame;
    host.loop.postTask(callback);
    context.frame = undefined;
  }

  disconnect() {}

  // The thread is joined in a later turn of the loop than its last words are heard in.
  exited(code) {
    this.#post(() => this.#post(() => this.#finish(code)));
  }

  #finish(code) {
    // Messages that the worker sent before its end come before the end.
    require('internal/remote_port').receive(this.#end.peer?.endpoint ?? 0);
    while (this.#end.inbox.hasWork()) this.#end.inbox.deliverNext();
    this.unref();
    this.#running = false;
    this.#port.close();
    this.#stdio.end();
    this.#exit.resolve(code);
    this.emit('exit', code);
  }
}

// ---- The worker's side ----------------------------------------------------------------------

const { worker } = host.process;
let given;

// Chunks of standard input that came before anybody asked for it.
const input = [];
let onInput = (chunk) => input.push(chunk);

// Takes what the parent has sent so far, and listens for what comes later; the first message is what it gives the worker.
function fromParent() {
  if (given !== undefined) return given;
  const [[, first], ...later] = host.messaging.receive(worker.control);
  given = deserializeWithTransfer(decode(first)).value;
  for (const [key, value] of given.environmentData) environmentData.set(key, value);
  const receiver = { raw: true, receive: ([, chunk]) => onInput(chunk), disconnect() {} };
  for (const [, message] of later) receiver.receive(message);
  listen(worker.control, receiver);
  return given;
}

// Lets `take` have the chunks of standard input, null for its end.
function listenForInput(take) {
  const { stdin } = fromParent();
  onInput = take;
  for (const chunk of input.splice(0)) take(chunk);
  return stdin;
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

// What the worker prints goes to the parent's streams.
function print(descriptor, chunk) {
  host.messaging.send(worker.control, { root: ['output', descriptor, chunk], moved: [] });
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
  Worker, MessagePort, SHARE_ENV, enter, fail, print, listenForInput, given: fromParent, getParentPort, getEnvironmentData, setEnvironmentData,
  workerData: () => (worker === undefined ? null : fromParent().workerData),
};
