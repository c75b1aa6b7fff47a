'use strict';
// Node's `fs`: callbacks and blocking forms, both derived from the table of operations. Authority: https://nodejs.org/api/fs.html

const { operations, runSync, runAsync } = require('internal/fs/operations');
const { constants } = require('internal/fs/arguments');
const { Stats, BigIntStats, Dirent } = require('internal/fs/stats');
const validate = require('internal/validate');

const fs = { constants, Stats, BigIntStats, Dirent };
Object.assign(fs, { F_OK: constants.F_OK, R_OK: constants.R_OK, W_OK: constants.W_OK, X_OK: constants.X_OK });

for (const [name, operation] of Object.entries(operations)) {
  define(name, (...args) => {
    const callback = args.length > 1 ? args.pop() : undefined;
    validate.func(callback, 'cb');
    runAsync(operation(...args), (error, ...results) => callback(error, ...results), callback);
  });
  define(`${name}Sync`, (...args) => runSync(operation(...args)));
}

function define(name, value) {
  Object.defineProperty(value, 'name', { value: name, configurable: true });
  fs[name] = value;
}

// ---- Forms that differ from the rule --------------------------------------------------------

// The callbacks of `read` and `write` also get the buffer.
for (const name of ['read', 'write']) {
  define(name, (...args) => {
    const callback = args.pop();
    validate.func(callback, 'cb');
    const operation = operations[name](...args);
    runAsync(operation, (error, count = 0) => callback(error, count, operation.buffer));
  });
  Object.defineProperty(fs[name], Symbol.for('nodejs.util.promisify.custom'), {
    value: (...args) => new Promise((resolve, reject) => {
      fs[name](...args, (error, count, buffer) => {
        if (error) reject(error);
        else resolve({ [name === 'read' ? 'bytesRead' : 'bytesWritten']: count, buffer });
      });
    }),
  });
}

// `close` may go without a callback.
define('close', (fd, callback = (error) => { if (error) throw error; }) => {
  validate.func(callback, 'cb');
  runAsync(operations.close(fd), (error) => callback(error));
});

define('exists', (path, callback) => {
  validate.func(callback, 'cb');
  let operation;
  try {
    operation = operations.access(path);
  } catch {
    callback(false);
    return;
  }
  runAsync(operation, (error) => callback(error === null));
});
Object.defineProperty(fs.exists, Symbol.for('nodejs.util.promisify.custom'), {
  value: (path) => new Promise((resolve) => { fs.exists(path, resolve); }),
});

define('existsSync', (path) => {
  try {
    runSync(operations.access(path));
    return true;
  } catch {
    return false;
  }
});

for (const name of ['stat', 'lstat', 'fstat']) {
  define(`${name}Sync`, (target, options) => {
    try {
      return runSync(operations[name](target, options));
    } catch (error) {
      if (options?.throwIfNoEntry === false && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
      throw error;
    }
  });
}

fs.realpath.native = (...args) => fs.realpath(...args);
fs.realpathSync.native = (...args) => fs.realpathSync(...args);

define('opendir', (path, ...rest) => {
  const callback = rest.pop();
  validate.func(callback, 'cb');
  require('internal/fs/dir').open(path, rest[0]).then((dir) => callback(null, dir), callback);
});

// ---- Streams and promises -------------------------------------------------------------------

define('createReadStream', (path, options) => new fs.ReadStream(path, options));
define('createWriteStream', (path, options) => new fs.WriteStream(path, options));
for (const name of ['ReadStream', 'WriteStream']) host.lazy(fs, name, true, () => require('internal/fs/streams')[name]);
host.lazy(fs, 'promises', true, () => require('fs/promises'));

module.exports = fs;
