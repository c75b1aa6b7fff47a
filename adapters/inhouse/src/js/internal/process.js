'use strict';
// The `process` object. Authority: https://nodejs.org/api/process.html

const EventEmitter = require('events');
const ticks = require('internal/ticks');
const facts = host.process;

// Loaded for the errors that they word.
const codes = () => require('internal/errors').codes;
const validate = () => require('internal/validate');

// Programs see one object of a class named `process`, with its methods on itself.
function process() {
  throw new TypeError('Illegal constructor');
}
process.prototype = Object.create(EventEmitter.prototype, {
  constructor: { value: process, writable: true, configurable: true },
  [Symbol.toStringTag]: { value: 'process', configurable: true },
});
const instance = Object.create(process.prototype);
EventEmitter.call(instance);

let exitCode;
let captureCallback = null;

function checkCode(code) {
  if (code === undefined || code === null) return;
  const number = typeof code === 'string' && code !== '' ? Number(code) : code;
  validate().integer(typeof number === 'number' && Number.isNaN(number) ? code : number, 'code');
}

Object.assign(instance, {
  title: 'inhouse',
  version: `v${facts.version}`,
  versions: { inhouse: facts.version, quickjs: '0.16.0', uv: '1.52.0' },
  arch: facts.arch,
  platform: facts.platform,
  release: { name: 'inhouse' },
  pid: facts.pid,
  ppid: facts.ppid,
  argv0: facts.execPath,
  execPath: facts.execPath,
  execArgv: [...facts.execArgs],
  argv: [facts.execPath, ...(typeof facts.source === 'string' && facts.worker === undefined ? [] : [facts.entry]), ...facts.args],
  features: {},
  config: { target_defaults: {}, variables: {} },
  _exiting: false,

  nextTick(callback, ...args) {
    if (typeof callback !== 'function') validate().func(callback, 'callback');
    if (instance._exiting) return;
    ticks.push(callback, args.length > 0 ? args : undefined);
  },
  exit(code) {
    if (code !== undefined) instance.exitCode = code;
    require('internal/exit').emitExit(instance);
    facts.end(Number(exitCode ?? 0));
  },
  reallyExit(code) { facts.end(Number(code ?? 0)); },
  kill,
  abort() { facts.endBySignal(6); },
  cwd() { return facts.cwd(); },
  chdir(directory) {
    validate().string(directory, 'directory');
    const errno = facts.chdir(directory);
    if (errno !== undefined && errno !== null) {
      const error = new Error(`ENOENT: no such file or directory, chdir ${instance.cwd()} -> '${directory}'`);
      Object.assign(error, { errno: -errno, code: 'ENOENT', syscall: 'chdir', path: instance.cwd(), dest: directory });
      throw error;
    }
  },
  umask(mask) { return facts.umask(typeof mask === 'string' ? Number.parseInt(mask, 8) : mask); },
  getuid: () => facts.ids()[0],
  geteuid: () => facts.ids()[1],
  getgid: () => facts.ids()[2],
  getegid: () => facts.ids()[3],
  uptime() { return host.clock.now() / 1000; },
  hrtime,
  cpuUsage(previous) {
    const [user, system] = facts.cpuUsage();
    if (previous === undefined) return { user, system };
    validate().object(previous, 'prevValue');
    return { user: user - previous.user, system: system - previous.system };
  },
  memoryUsage() {
    const [rss, heapTotal, heapUsed, external] = facts.memoryUsage();
    return { rss, heapTotal, heapUsed, external, arrayBuffers: external };
  },
  resourceUsage() {
    const [userCPUTime, systemCPUTime] = facts.cpuUsage();
    return { userCPUTime, systemCPUTime, maxRSS: facts.memoryUsage()[0] / 1024 };
  },
  emitWarning,
  setUncaughtExceptionCaptureCallback(callback) {
    if (callback === null) {
      captureCallback = null;
      return;
    }
    if (typeof callback !== 'function') throw new (codes().ERR_INVALID_ARG_TYPE)('fn', ['Function', 'null'], callback);
    if (captureCallback !== null) {
      const error = new Error('`process.setupUncaughtExceptionCapture()` was called while a capture callback was already active');
      throw Object.assign(error, { code: 'ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET' });
    }
    captureCallback = callback;
  },
  getActiveResourcesInfo: () => ['internal/requests', 'internal/timers'].flatMap((id) => host.loaded(id)?.active() ?? []),
  hasUncaughtExceptionCaptureCallback: () => captureCallback !== null,
  binding(name) { throw new Error(`No such module: ${name}`); },
  getBuiltinModule(id) {
    const name = `${id}`.startsWith('node:') ? `${id}`.slice(5) : `${id}`;
    return host.modules.isBuiltin(name) ? require(name) : undefined;
  },
});
instance.memoryUsage.rss = () => facts.memoryUsage()[0];

// A signal to the program itself does not leave it: its listeners are called from the poll phase, as libuv's signal watcher does.
function kill(pid, signal = 'SIGTERM') {
  validate().integer(pid, 'pid');
  const number = signal === 0 ? 0 : require('internal/signals').toNumber(signal);
  if (pid === facts.pid && endsProcess(number)) facts.endBySignal(number);
  const failure = facts.kill(pid, number);
  if (failure !== undefined && failure !== null) {
    const error = new Error(`kill ${failure.code}`);
    throw Object.assign(error, { errno: failure.errno, code: failure.code, syscall: 'kill' });
  }
  return true;
}

// Whether a signal ends a program that does not listen for it.
function endsProcess(number) {
  const { NAMES } = require('internal/signals');
  return number !== 0 && !watched.has(number) && !['SIGCHLD', 'SIGCONT', 'SIGURG', 'SIGWINCH'].includes(NAMES[number]);
}

// The signals that have listeners. What comes is delivered from the poll phase.
const watched = new Set();

function signal(number) {
  const name = require('internal/signals').NAMES[number];
  if (watched.has(number)) instance.emit(name, name, number);
}

const signalOf = (name) => (typeof name === 'string' && name.startsWith('SIG') ? require('internal/signals').SIGNALS[name] : undefined);

// The first listener for a signal makes the system deliver it here, the last one's removal gives it its effect back.
instance.on('newListener', (name) => {
  const number = signalOf(name);
  if (number === undefined || watched.has(number) || facts.worker !== undefined) return;
  if (!facts.watchSignal(number, true)) {
    throw Object.assign(new Error('uv_signal_start EINVAL'), { errno: -22, code: 'EINVAL', syscall: 'uv_signal_start' });
  }
  watched.add(number);
});
instance.on('removeListener', (name) => {
  const number = signalOf(name);
  if (number === undefined || instance.listenerCount(name) > 0 || !watched.delete(number)) return;
  facts.watchSignal(number, false);
});

function hrtime(previous) {
  const nanos = host.clock.nanos();
  let seconds = Math.floor(nanos / 1e9);
  let rest = nanos % 1e9;
  if (previous !== undefined) {
    validate().array(previous, 'time');
    if (previous.length !== 2) throw new (codes().ERR_OUT_OF_RANGE)('time', 2, previous.length);
    seconds -= previous[0];
    rest -= previous[1];
    if (rest < 0) {
      seconds--;
      rest += 1e9;
    }
  }
  return [seconds, rest];
}
hrtime.bigint = () => BigInt(host.clock.nanos());

Object.defineProperty(instance, 'exitCode', {
  configurable: true,
  enumerable: true,
  get: () => exitCode,
  set(code) {
    checkCode(code);
    exitCode = code === null ? undefined : code;
  },
});

// Values of the environment are strings, whatever is assigned.
host.lazy(instance, 'env', true, () => {
  const target = Object.fromEntries(facts.env());
  return new Proxy(target, {
    set(object, key, value) {
      // libuv reads it when the pool gets its first job.
      if (key === 'UV_THREADPOOL_SIZE' && facts.worker === undefined) facts.poolSize(`${value}`);
      return Reflect.set(object, key, typeof key === 'symbol' ? value : `${value}`);
    },
    defineProperty: (object, key, descriptor) =>
      Reflect.defineProperty(object, key, 'value' in descriptor ? { ...descriptor, value: `${descriptor.value}` } : descriptor),
  });
});

for (const [name, descriptor] of [['stdout', 1], ['stderr', 2]]) {
  host.lazy(instance, name, true, () => require('internal/stdio').output(descriptor));
}
host.lazy(instance, 'stdin', true, () => require('internal/stdio').input());

// ---- Warnings -------------------------------------------------------------------------------

function emitWarning(warning, type, code) {
  let detail;
  if (type !== null && typeof type === 'object' && !Array.isArray(type)) ({ type, code, detail } = type);
  if (typeof warning === 'string') {
    warning = new Error(warning);
    warning.name = `${type ?? 'Warning'}`;
    if (code !== undefined && typeof code !== 'function') warning.code = code;
    if (detail !== undefined) warning.detail = detail;
  } else if (!(warning instanceof Error)) {
    throw new (codes().ERR_INVALID_ARG_TYPE)('warning', ['Error', 'string'], warning);
  }
  instance.nextTick(() => {
    instance.emit('warning', warning);
    print(warning);
  });
}

function print(warning) {
  const label = warning.code ? `[${warning.code}] ${warning.name}` : warning.name;
  host.console.write(2, `(inhouse:${facts.pid}) ${label}: ${warning.message}\n${warning.detail ? `${warning.detail}\n` : ''}`);
}

// ---- What the engine's path of errors and ends asks -------------------------------------------

// Hands an uncaught error to the capture callback; whether there was one.
function capture(error) {
  if (captureCallback === null) return false;
  captureCallback(error);
  return true;
}

function beforeExit() {
  instance.emit('beforeExit', Number(exitCode ?? 0));
}

module.exports = { process: instance, capture, beforeExit, signal };
