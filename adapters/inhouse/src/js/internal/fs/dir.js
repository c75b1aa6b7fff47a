'use strict';
// `fs.Dir`: a directory read entry by entry. Authority: https://nodejs.org/api/fs.html#class-fsdir

const { operations, runPromise } = require('internal/fs/operations');
const { codes, define } = require('internal/errors');

if (codes.ERR_DIR_CLOSED === undefined) define('ERR_DIR_CLOSED', Error, 'Directory handle was closed');

class Dir {
  #entries;
  #closed = false;

  constructor(path, entries) {
    this.path = path;
    this.#entries = entries;
  }

  #check() {
    if (this.#closed) throw new codes.ERR_DIR_CLOSED();
  }

  readSync() {
    this.#check();
    return this.#entries.shift() ?? null;
  }

  read(callback) {
    if (callback === undefined) {
      return new Promise((resolve, reject) => { this.read((error, entry) => (error ? reject(error) : resolve(entry))); });
    }
    this.#check();
    require('process').nextTick(() => callback(null, this.#entries.shift() ?? null));
    return undefined;
  }

  closeSync() {
    this.#check();
    this.#closed = true;
  }

  close(callback) {
    if (callback === undefined) {
      return new Promise((resolve, reject) => { this.close((error) => (error ? reject(error) : resolve())); });
    }
    this.#check();
    this.#closed = true;
    require('process').nextTick(callback, null);
    return undefined;
  }

  async* [Symbol.asyncIterator]() {
    try {
      for (let entry = await this.read(); entry !== null; entry = await this.read()) yield entry;
    } finally {
      if (!this.#closed) await this.close();
    }
  }
}

async function open(path, options) {
  return new Dir(path, await runPromise(operations.readdir(path, { ...options, withFileTypes: true })));
}

module.exports = { Dir, open };
