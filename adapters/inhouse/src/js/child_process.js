'use strict';
// Node's `child_process`. Authority: https://nodejs.org/api/child_process.html

const { AbortError, codes, define } = require('internal/errors');
const validate = require('internal/validate');
const { ChildProcess, watch } = require('internal/child/process');
const { toNumber } = require('internal/signals');

define('ERR_CHILD_PROCESS_STDIO_MAXBUFFER', RangeError, (stream) => `${stream} maxBuffer length exceeded`);
define('ERR_CHILD_PROCESS_IPC_REQUIRED', Error, (where) => `Forked processes must have an IPC channel, missing value 'ipc' in ${where}`);

const MAX_BUFFER = 1024 * 1024;

// ---- Arguments ------------------------------------------------------------------------------

// (file, options) or (file, args, options), as the options of ChildProcess.spawn.
function normalize(file, args, options) {
  validate.string(file, 'file');
  if (file.length === 0) throw new codes.ERR_INVALID_ARG_VALUE('file', file, 'cannot be empty');
  if (Array.isArray(args)) args = [...args];
  else if (args === undefined || args === null) args = [];
  else if (typeof args !== 'object') throw new codes.ERR_INVALID_ARG_TYPE('args', 'object', args);
  else {
    options = args;
    args = [];
  }
  options ??= {};
  validate.object(options, 'options');
  const given = { ...options };
  for (const text of [file, ...args]) {
    if (`${text}`.includes('\0')) throw new codes.ERR_INVALID_ARG_VALUE('args', text, 'must be a string without null bytes');
  }
  if (given.cwd !== undefined && given.cwd !== null) given.cwd = pathOf(given.cwd);
  for (const name of ['uid', 'gid']) {
    if (given[name] !== undefined && given[name] !== null) validate.integer(given[name], `options.${name}`, -(2 ** 31), 2 ** 31 - 1);
  }
  for (const name of ['detached', 'windowsHide']) {
    if (given[name] !== undefined && given[name] !== null) validate.boolean(given[name], `options.${name}`);
  }
  if (given.argv0 !== undefined && given.argv0 !== null) validate.string(given.argv0, 'options.argv0');
  if (given.shell) {
    if (typeof given.shell !== 'string') validate.boolean(given.shell, 'options.shell');
    args = ['-c', [file, ...args].join(' ')];
    file = typeof given.shell === 'string' ? given.shell : '/bin/sh';
  }
  const env = given.env ?? process.env;
  const envPairs = [];
  for (const key in env) if (env[key] !== undefined) envPairs.push([key, `${env[key]}`]);
  return { ...given, file, args: [given.argv0 || file, ...args.map(String)], envPairs };
}

function pathOf(cwd) {
  if (typeof cwd === 'string') return cwd;
  if (cwd instanceof URL) return require('url').fileURLToPath(cwd);
  if (ArrayBuffer.isView(cwd)) return Buffer.from(cwd.buffer, cwd.byteOffset, cwd.byteLength).toString();
  throw new codes.ERR_INVALID_ARG_TYPE('options.cwd', ['string', 'Buffer', 'URL'], cwd);
}

function checkTimeout(timeout) {
  if (timeout !== undefined && timeout !== null) validate.integer(timeout, 'timeout', 0);
}

function checkMaxBuffer(maxBuffer) {
  if (maxBuffer !== undefined && maxBuffer !== null && !(typeof maxBuffer === 'number' && maxBuffer >= 0)) {
    throw new codes.ERR_OUT_OF_RANGE('options.maxBuffer', 'a positive number', maxBuffer);
  }
}

const killSignalOf = (signal) => (signal === undefined || signal === null ? undefined : toNumber(signal));

// ---- Asynchronous ---------------------------------------------------------------------------

function spawn(file, args, options) {
  const normalized = normalize(file, args, options);
  checkTimeout(normalized.timeout);
  validate.abortSignal(normalized.signal, 'options.signal');
  const killSignal = killSignalOf(normalized.killSignal);
  const child = new ChildProcess();
  child.spawn(normalized);
  watch(child, { signal: normalized.signal, timeout: normalized.timeout, killSignal });
  return child;
}

function fork(modulePath, args, options) {
  const path = modulePath instanceof URL ? require('url').fileURLToPath(modulePath) : modulePath;
  validate.string(path, 'modulePath');
  if (args !== undefined && args !== null && !Array.isArray(args)) {
    options = args;
    args = [];
  }
  if (options !== undefined && options !== null) validate.object(options, 'options');
  const given = { ...options, shell: false };
  const execArgv = given.execArgv ?? process.execArgv;
  let { stdio } = given;
  if (typeof stdio === 'string') stdio = [stdio, stdio, stdio, 'ipc'];
  else if (!Array.isArray(stdio)) stdio = [...Array(3).fill(given.silent ? 'pipe' : 'inherit'), 'ipc'];
  else if (!stdio.includes('ipc')) throw new codes.ERR_CHILD_PROCESS_IPC_REQUIRED('options.stdio');
  return spawn(given.execPath || process.execPath, [...execArgv, path, ...args ?? []], { ...given, stdio });
}

// (command, options, callback), by a shell.
function shellArguments(command, options, callback) {
  validate.string(command, 'command');
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  const given = { ...options };
  given.shell = typeof given.shell === 'string' ? given.shell : true;
  return { given, callback };
}

function exec(command, options, callback) {
  const { given, callback: done } = shellArguments(command, options, callback);
  return execFile(command, given, done);
}

function execFile(file, args, options, callback) {
  if (typeof args === 'function') {
    callback = args;
    args = options = undefined;
  } else if (args !== null && typeof args === 'object' && !Array.isArray(args)) {
    callback = options;
    options = args;
    args = undefined;
  }
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  if (callback !== undefined && callback !== null) validate.func(callback, 'callback');
  const given = { encoding: 'utf8', timeout: 0, maxBuffer: MAX_BUFFER, killSignal: 'SIGTERM', cwd: null, env: null, shell: false, ...options };
  checkTimeout(given.timeout);
  checkMaxBuffer(given.maxBuffer);
  const killSignal = killSignalOf(given.killSignal);
  const child = spawn(file, args ?? [], { ...given, timeout: 0, signal: undefined, stdio: 'pipe' });
  collect(child, given, killSignal, callback, [file, ...args ?? []].join(' '));
  return child;
}

// Gathers what `child` prints, and calls back when it is closed.
function collect(child, options, killSignal, callback, command) {
  const { Buffer } = require('buffer');
  const decoded = options.encoding && options.encoding !== 'buffer' && Buffer.isEncoding(options.encoding);
  const parts = { stdout: [], stderr: [] };
  let timer;
  let killed = false;
  let failure = null;
  let over = false;

  const result = (name) => (decoded ? parts[name].join('') : Buffer.concat(parts[name]));
  const finish = (code, signal) => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    listening?.[Symbol.dispose]();
    if (!callback) return;
    const stdout = result('stdout');
    const stderr = result('stderr');
    if (failure === null && code === 0 && signal === null) {
      callback(null, stdout, stderr);
      return;
    }
    if (failure === null) {
      failure = new Error(`Command failed: ${command}\n${stderr}`);
      failure.code = code < 0 ? host.net.describe(code)[0] : code;
      failure.killed = child.killed || killed;
      failure.signal = signal;
    }
    failure.cmd = command;
    callback(failure, stdout, stderr);
  };
  const kill = () => {
    child.stdout?.destroy();
    child.stderr?.destroy();
    killed = true;
    try {
      child.kill(killSignal);
    } catch (error) {
      failure ??= error;
      finish();
    }
  };
  for (const name of ['stdout', 'stderr']) {
    const stream = child[name];
    if (!stream) continue;
    if (decoded) stream.setEncoding(options.encoding);
    let length = 0;
    stream.on('data', (chunk) => {
      const encoding = stream.readableEncoding;
      const size = encoding ? Buffer.byteLength(chunk, encoding) : chunk.length;
      length += size;
      if (length <= options.maxBuffer) {
        parts[name].push(chunk);
        return;
      }
      parts[name].push(chunk.slice(0, options.maxBuffer - (length - size)));
      failure = new codes.ERR_CHILD_PROCESS_STDIO_MAXBUFFER(name);
      kill();
    });
  }
  if (options.timeout > 0) {
    timer = setTimeout(() => {
      kill();
      timer = undefined;
    }, options.timeout);
  }
  let listening;
  if (options.signal) {
    const aborted = () => {
      failure ??= new AbortError(undefined, { cause: options.signal.reason });
      kill();
    };
    if (options.signal.aborted) process.nextTick(aborted);
    else listening = require('internal/events/abort_listener').addAbortListener(options.signal, aborted);
  }
  child.addListener('close', finish);
  child.addListener('error', (error) => {
    failure = error;
    child.stdout?.destroy();
    child.stderr?.destroy();
    finish();
  });
}

// util.promisify(exec): a promise of both outputs, with the child as a property.
for (const call of [exec, execFile]) {
  Object.defineProperty(call, Symbol.for('nodejs.util.promisify.custom'), {
    enumerable: false,
    value: (...args) => {
      const { promise, resolve, reject } = Promise.withResolvers();
      promise.child = call(...args, (error, stdout, stderr) => {
        if (error === null) resolve({ stdout, stderr });
        else reject(Object.assign(error, { stdout, stderr }));
      });
      return promise;
    },
  });
}

module.exports = { ChildProcess, exec, execFile, fork, spawn };
const parts = { normalize, shellArguments, checkTimeout, checkMaxBuffer, killSignalOf, MAX_BUFFER };
for (const name of ['spawnSync', 'execFileSync', 'execSync']) {
  host.lazy(module.exports, name, true, () => require('internal/child/sync').make(parts)[name]);
}
