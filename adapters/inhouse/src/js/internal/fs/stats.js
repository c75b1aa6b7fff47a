'use strict';
// `fs.Stats` and `fs.Dirent`. Authority: https://nodejs.org/api/fs.html#class-fsstats

const { constants } = require('internal/fs/arguments');

const NAMES = ['dev', 'mode', 'nlink', 'uid', 'gid', 'rdev', 'blksize', 'ino', 'size', 'blocks', 'atimeMs', 'mtimeMs', 'ctimeMs', 'birthtimeMs'];

class StatsBase {
  isDirectory() { return is(this, constants.S_IFDIR); }
  isFile() { return is(this, constants.S_IFREG); }
  isBlockDevice() { return is(this, constants.S_IFBLK); }
  isCharacterDevice() { return is(this, constants.S_IFCHR); }
  isSymbolicLink() { return is(this, constants.S_IFLNK); }
  isFIFO() { return is(this, constants.S_IFIFO); }
  isSocket() { return is(this, constants.S_IFSOCK); }
}

function is(stats, type) {
  return (Number(stats.mode) & constants.S_IFMT) === type;
}

class Stats extends StatsBase {
  constructor(...numbers) {
    super();
    NAMES.forEach((name, index) => { this[name] = numbers[index]; });
  }
}

class BigIntStats extends StatsBase {
  constructor(...numbers) {
    super();
    NAMES.forEach((name, index) => { this[name] = BigInt(Math.trunc(numbers[index])); });
    for (const name of ['atime', 'mtime', 'ctime', 'birthtime']) {
      this[`${name}Ns`] = BigInt(Math.round(numbers[NAMES.indexOf(`${name}Ms`)] * 1e6));
    }
  }
}

for (const name of ['atime', 'mtime', 'ctime', 'birthtime']) {
  Object.defineProperty(StatsBase.prototype, name, {
    configurable: true,
    enumerable: true,
    get() {
      const value = new Date(Number(this[`${name}Ms`]));
      Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true });
      return value;
    },
    set(value) { Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true }); },
  });
}

const kType = Symbol('type');

// Types are numbered as the host numbers them: unknown, file, directory, link, fifo, socket, character device, block device.
class Dirent {
  constructor(name, type, parentPath) {
    this.name = name;
    this.parentPath = parentPath;
    this[kType] = type;
  }

  isFile() { return this[kType] === 1; }
  isDirectory() { return this[kType] === 2; }
  isSymbolicLink() { return this[kType] === 3; }
  isFIFO() { return this[kType] === 4; }
  isSocket() { return this[kType] === 5; }
  isCharacterDevice() { return this[kType] === 6; }
  isBlockDevice() { return this[kType] === 7; }
}

function toStats(numbers, bigint) {
  return bigint ? new BigIntStats(...numbers) : new Stats(...numbers);
}

module.exports = { Stats, BigIntStats, Dirent, toStats };
