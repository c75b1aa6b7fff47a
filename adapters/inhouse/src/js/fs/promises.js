'use strict';
// Node's `fs/promises`. Authority: https://nodejs.org/api/fs.html#promises-api

const EventEmitter = require('events');
const { operations, runPromise } = require('internal/fs/operations');
const { constants } = require('internal/fs/arguments');

const promises = { constants };

for (const name of Object.keys(operations)) {
  if (['read', 'write', 'close', 'fstat', 'ftruncate', 'fsync', 'fdatasync'].includes(name)) continue;
  promises[name] = {
    async [name](...args) {
      return runPromise(operations[name](...args.map((arg) => (arg instanceof FileHandle ? arg.fd : arg))));
    },
  }[name];
}

class FileHandle extends EventEmitter {
  #fd;

  constructor(fd) {
    super();
    this.#fd = fd;
  }

  get fd() { return this.#fd; }
  getAsyncId() { return 0; }

  async read(...args) {
    const operation = operations.read(this.#fd, ...args);
    return { bytesRead: await runPromise(operation), buffer: operation.buffer };
  }

  async write(...args) {
    const operation = operations.write(this.#fd, ...args);
    return { bytesWritten: await runPromise(operation), buffer: operation.buffer };
  }

  async readFile(options) { return runPromise(operations.readFile(this.#fd, options)); }
  async writeFile(data, options) { return runPromise(operations.writeFile(this.#fd, data, options)); }
  async appendFile(data, options) { return runPromise(operations.appendFile(this.#fd, data, options)); }
  async stat(options) { return runPromise(operations.fstat(this.#fd, options)); }
  async truncate(length) { return runPromise(operations.ftruncate(this.#fd, length)); }
  async sync() { return runPromise(operations.fsync(this.#fd)); }
  async datasync() { return runPromise(operations.fdatasync(this.#fd)); }

  async close() {
    if (this.#fd === -1) return;
    const fd = this.#fd;
    this.#fd = -1;
    await runPromise(operations.close(fd));
    this.emit('close');
  }

  createReadStream(options) {
    return new (require('fs').ReadStream)(null, { ...options, fd: this });
  }

  createWriteStream(options) {
    return new (require('fs').WriteStream)(null, { ...options, fd: this });
  }
}

if (Symbol.asyncDispose !== undefined) FileHandle.prototype[Symbol.asyncDispose] = FileHandle.prototype.close;

promises.open = async function open(path, flags, mode) {
  return new FileHandle(await runPromise(operations.open(path, flags, mode)));
};
promises.opendir = async function opendir(path, options) {
  return require('internal/fs/dir').open(path, options);
};

module.exports = promises;
