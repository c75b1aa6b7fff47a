'use strict';
// Each file operation once: what it checks, what it asks the host, and what it makes of the answer. `fs` and `fs/promises` derive
// their three forms from this table.
//
// An entry takes the program's arguments (without callback) and returns `{ ask, answer }`: the host's operation with its arguments, and
// a function for the result; or `{ steps }`, a generator of such questions, for what Node does in several pool jobs.

const args = require('internal/fs/arguments');
const { Dirent, toStats } = require('internal/fs/stats');
const { codes } = require('internal/errors');
const validate = require('internal/validate');

const { toPath, toFd, toFlags, toMode, toOptions } = args;

const question = (answer, ...ask) => ({ ask, answer });
const nothing = () => undefined;
const same = (value) => value;

function checkAborted(signal) {
  if (signal?.aborted) throw new (require('internal/errors').AbortError)(undefined, { cause: signal.reason });
}

const operations = {
  open: (path, flags, mode) => question(same, 'open', toPath(path), toFlags(flags), toMode(mode, 0o666)),
  close: (fd) => question(nothing, 'close', toFd(fd)),
  read,
  write,
  readFile,
  writeFile: (file, data, options) => writeWhole(file, data, options, 'w'),
  appendFile: (file, data, options) => writeWhole(file, data, options, 'a'),
  stat: (path, options) => question((numbers) => toStats(numbers, options?.bigint), 'stat', toPath(path)),
  lstat: (path, options) => question((numbers) => toStats(numbers, options?.bigint), 'lstat', toPath(path)),
  fstat: (fd, options) => question((numbers) => toStats(numbers, options?.bigint), 'fstat', toFd(fd)),
  access: (path, mode) => question(nothing, 'access', toPath(path), toMode(mode, 0)),
  readdir,
  mkdir(path, options) {
    const { mode, recursive = false } = options !== null && typeof options === 'object' ? options : { mode: options };
    validate.boolean(recursive, 'options.recursive');
    return question(same, 'makeDir', toPath(path), toMode(mode, 0o777), recursive);
  },
  mkdtemp(prefix, options) {
    const { encoding } = toOptions(options);
    const path = toPath(prefix, 'prefix');
    const bytes = typeof path === 'string' ? `${path}XXXXXX` : path;
    return question((name) => args.decodeName(name, encoding), 'makeTempDir', typeof bytes === 'string' ? bytes.slice(0, -6) : bytes);
  },
  rmdir: (path) => question(nothing, 'removeDir', toPath(path)),
  rm(path, options) {
    const { recursive = false, force = false } = options ?? {};
    validate.boolean(recursive, 'options.recursive');
    validate.boolean(force, 'options.force');
    return question(nothing, 'remove', toPath(path), recursive, force);
  },
  unlink: (path) => question(nothing, 'unlink', toPath(path)),
  rename: (from, to) => question(nothing, 'rename', toPath(from, 'oldPath'), toPath(to, 'newPath')),
  copyFile: (from, to) => question(nothing, 'copyFile', toPath(from, 'src'), toPath(to, 'dest')),
  link: (from, to) => question(nothing, 'link', toPath(from, 'existingPath'), toPath(to, 'newPath')),
  symlink: (target, path) => question(nothing, 'symlink', toPath(target, 'target'), toPath(path)),
  readlink: (path, options) => named(toOptions(options), 'readLink', toPath(path)),
  realpath: (path, options) => named(toOptions(options), 'realPath', toPath(path)),
  chmod: (path, mode) => question(nothing, 'chmod', toPath(path), toMode(mode)),
  truncate: (path, length = 0) => question(nothing, 'truncate', toPath(path), Math.max(0, length)),
  ftruncate: (fd, length = 0) => question(nothing, 'ftruncate', toFd(fd), Math.max(0, length)),
  fsync: (fd) => question(nothing, 'fsync', toFd(fd)),
  fdatasync: (fd) => question(nothing, 'fsync', toFd(fd)),
  utimes: (path, atime, mtime) => question(nothing, 'utimes', toPath(path), seconds(atime), seconds(mtime)),
};

function named({ encoding }, ...ask) {
  return question((name) => args.decodeName(name, encoding), ...ask);
}

function seconds(time) {
  const value = time instanceof Date ? time.getTime() / 1000 : Number(time);
  if (!Number.isFinite(value)) throw new codes.ERR_INVALID_ARG_TYPE('time', ['Date', 'Time in seconds'], time);
  return value;
}

// ---- Reading --------------------------------------------------------------------------------

// read(fd, buffer, offset, length, position), read(fd, buffer, options) or read(fd, options); answers the number of bytes.
function read(fd, buffer, offset, length, position) {
  let target = buffer;
  let from = offset;
  if (target === undefined || (target !== null && !ArrayBuffer.isView(target))) {
    ({ buffer: target = require('buffer').Buffer.alloc(16384), offset: from, length, position } = target ?? {});
  } else if (from !== null && typeof from === 'object') {
    ({ offset: from, length, position } = from);
  }
  if (!ArrayBuffer.isView(target)) throw new codes.ERR_INVALID_ARG_TYPE('buffer', ['Buffer', 'TypedArray', 'DataView'], target);
  toFd(fd);
  from ??= 0;
  validate.integer(from, 'offset', 0);
  length ??= target.byteLength - from;
  validate.integer(length, 'length', 0);
  if (from + length > target.byteLength) throw new codes.ERR_OUT_OF_RANGE('length', `<= ${target.byteLength - from}`, length);
  const answer = (bytes) => {
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(bytes, from);
    return bytes.length;
  };
  return { ...question(answer, 'read', fd, length, place(position)), buffer: target };
}

function place(position) {
  return typeof position === 'number' || typeof position === 'bigint' ? Number(position) : -1;
}

// The whole of a file: one pool job for a path, or as many as the policy says.
function readFile(file, options) {
  const { encoding, flag, signal } = toOptions(options, { flag: 'r' });
  checkAborted(signal);
  const answer = (bytes) => args.decode(bytes, encoding);
  if (typeof file === 'number') return question(answer, 'readAll', toFd(file));
  const path = toPath(file);
  const flags = toFlags(flag);
  if (host.loop.policy('read_file_hops') === '1') return question(answer, 'readFile', path, flags);
  return {
    // Hops that run nothing of the program: even if they fail, `close` comes first.
    hops: ['fstat', 'readAll'],
    * steps() {
      const fd = yield ['open', path, flags, 0o666];
      try {
        yield ['fstat', fd];
        return answer(yield ['readAll', fd]);
      } finally {
        yield ['close', fd];
      }
    },
  };
}

function readdir(path, options) {
  const { encoding, withFileTypes, recursive } = toOptions(options);
  const folder = toPath(path);
  const shown = (entries, at, prefix) => entries.map(([name, type]) => (withFileTypes
    ? new Dirent(args.decodeName(name, encoding), type, at)
    : args.decodeName(prefix + name, encoding)));
  if (!recursive) return question((entries) => shown(entries, folder, ''), 'readDir', folder);
  return {
    * steps() {
      const found = [];
      const folders = [''];
      for (const prefix of folders) {
        const at = prefix === '' ? folder : `${folder}/${prefix.slice(0, -1)}`;
        const entries = yield ['readDir', at];
        found.push(...shown(entries, at, prefix));
        for (const [name, type] of entries) if (type === 2) folders.push(`${prefix}${name}/`);
      }
      return found;
    },
  };
}

// ---- Writing --------------------------------------------------------------------------------

// write(fd, buffer, offset, length, position), write(fd, buffer, options) or write(fd, string, position, encoding).
function write(fd, data, offset, length, position) {
  toFd(fd);
  if (!ArrayBuffer.isView(data)) {
    validate.string(data, 'buffer');
    return { ...question(same, 'write', fd, args.toBytes(data, length), place(offset)), buffer: data };
  }
  let from = offset;
  if (from !== null && typeof from === 'object') ({ offset: from, length, position } = from);
  from ??= 0;
  validate.integer(from, 'offset', 0, data.byteLength);
  length ??= data.byteLength - from;
  validate.integer(length, 'length', 0, data.byteLength - from);
  const bytes = new Uint8Array(data.buffer, data.byteOffset + from, length);
  return { ...question(same, 'write', fd, bytes, place(position)), buffer: data };
}

function writeWhole(file, data, options, fallback) {
  const { encoding, flag, mode, signal } = toOptions(options, { encoding: 'utf8', flag: fallback });
  checkAborted(signal);
  const bytes = args.toBytes(data, encoding);
  if (typeof file !== 'number') return question(nothing, 'writeFile', toPath(file), toFlags(flag), toMode(mode, 0o666), bytes);
  return {
    * steps() {
      let rest = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      while (rest.length > 0) rest = rest.subarray(yield ['write', toFd(file), rest, -1]);
    },
  };
}

// ---- The forms ------------------------------------------------------------------------------

// Blocks, and returns the answer or throws.
function runSync(operation) {
  const now = (ask) => {
    const [error, value] = host.fs.now(...ask);
    if (error !== undefined) throw args.toError(error);
    return value;
  };
  if (operation.ask !== undefined) return operation.answer(now(operation.ask));
  const steps = operation.steps();
  let step = steps.next();
  while (!step.done) {
    let value;
    try {
      value = now(step.value);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(value);
  }
  return step.value;
}

// Runs on the pool, and calls `done(error, answer)` from the poll phase.
// `callback` is the program's own function, if `done` does nothing but call it.
function runAsync(operation, done, callback = undefined) {
  const { add } = require('internal/requests');
  if (operation.ask !== undefined) {
    const job = host.fs.submit(...operation.ask);
    if (host.process.explored && callback !== undefined) require('internal/explored').markAlike(job, operation.ask, callback);
    add(job, (error, value) => {
      if (error !== undefined) done(args.toError(error));
      else done(null, operation.answer(value));
    });
    return;
  }
  const steps = operation.steps();
  const go = (resume) => {
    let step;
    try {
      step = resume();
    } catch (error) {
      done(error);
      return;
    }
    if (step.done) {
      done(null, step.value);
      return;
    }
    const job = host.fs.submit(...step.value);
    if (host.process.explored && operation.hops?.includes(step.value[0])) host.fs.hide(job);
    add(job, (error, value) =>
      go(() => (error === undefined ? steps.next(value) : steps.throw(args.toError(error)))));
  };
  // The first question is asked at once, so that the pool takes jobs in the order of the calls; without one the answer still comes later.
  const first = steps.next();
  if (first.done) require('process').nextTick(done, null, first.value);
  else go(() => first);
}

function runPromise(operation) {
  return new Promise((resolve, reject) => {
    runAsync(operation, (error, value) => {
      if (error) reject(error);
      else resolve(value);
    });
  });
}

module.exports = { operations, runSync, runAsync, runPromise };
