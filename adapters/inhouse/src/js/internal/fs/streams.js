'use strict';
// `fs.ReadStream` and `fs.WriteStream`: streams whose reads and writes are pool jobs. Authority: https://nodejs.org/api/fs.html#class-fsreadstream

const { Readable, Writable } = require('stream');
const { operations, runAsync } = require('internal/fs/operations');
const { toPath, toFlags, toBytes, toBuffer } = require('internal/fs/arguments');
const { codes } = require('internal/errors');
const validate = require('internal/validate');

function readOptions(options, defaults) {
  if (options === undefined || options === null) return { ...defaults };
  if (typeof options === 'string') return { ...defaults, encoding: options };
  validate.object(options, 'options');
  return { ...defaults, ...options };
}

// What both streams share: where the descriptor comes from, and how it goes.
function prepare(stream, path, options) {
  const { fd, flags, mode, start, autoClose = true } = options;
  stream.path = path === null || path === undefined ? path : toPath(path);
  stream.flags = flags;
  stream.mode = mode;
  stream.autoClose = autoClose;
  stream.fd = null;
  stream.handle = undefined;
  if (fd !== undefined && fd !== null) {
    stream.handle = typeof fd === 'number' ? undefined : fd;
    stream.fd = typeof fd === 'number' ? fd : fd.fd;
  } else {
    toFlags(flags);
  }
  if (start !== undefined) validate.integer(start, 'start', 0);
  stream.start = start;
  stream.pos = start;
}

// Opens before the first read or write; 'open' and 'ready' follow.
function construct(callback) {
  if (this.fd !== null) {
    callback();
    return;
  }
  runAsync(operations.open(this.path, this.flags, this.mode), (error, fd) => {
    if (error) {
      callback(error);
      return;
    }
    this.fd = fd;
    callback();
    this.emit('open', fd);
    this.emit('ready');
  });
}

function closeDescriptor(stream, error, callback) {
  const { fd } = stream;
  stream.fd = null;
  if (fd === null) {
    callback(error);
    return;
  }
  if (stream.handle !== undefined) {
    stream.handle.close().then(() => callback(error), callback);
    return;
  }
  runAsync(operations.close(fd), (failure) => callback(error ?? failure));
}

// A job in flight must not see its descriptor closed and reused: closing waits for it.
function destroy(error, callback) {
  if (this.busy) this.afterJob = () => closeDescriptor(this, error, callback);
  else closeDescriptor(this, error, callback);
}

function job(stream, operation, done) {
  stream.busy = true;
  runAsync(operation, (error, count) => {
    stream.busy = false;
    const { afterJob } = stream;
    if (afterJob !== undefined) {
      stream.afterJob = undefined;
      afterJob();
      return;
    }
    done(error, count);
  });
}

function hidden(stream) {
  Object.defineProperties(stream, {
    busy: { value: false, writable: true },
    afterJob: { value: undefined, writable: true },
  });
}

class ReadStream extends Readable {
  constructor(path, given) {
    const options = readOptions(given, { flags: 'r', mode: 0o666, highWaterMark: 64 * 1024 });
    const { end = Infinity } = options;
    super({ ...options, autoDestroy: options.autoClose ?? options.autoDestroy ?? true, read: undefined, construct: undefined, destroy: undefined });
    hidden(this);
    prepare(this, path, options);
    if (end !== Infinity) validate.integer(end, 'end', 0);
    if (this.start !== undefined && this.start > end) throw new codes.ERR_OUT_OF_RANGE('start', `<= "end" (here: ${end})`, this.start);
    this.end = end;
    this.bytesRead = 0;
    if (options.encoding) this.setEncoding(options.encoding);
  }

  get pending() { return this.fd === null; }

  _read(size) {
    const left = this.pos === undefined ? this.end - this.bytesRead + 1 : this.end - this.pos + 1;
    const length = Math.min(left, size);
    if (length <= 0) {
      this.push(null);
      return;
    }
    const buffer = new Uint8Array(length);
    job(this, operations.read(this.fd, buffer, 0, length, this.pos), (error, count) => {
      if (error) {
        this.destroy(error);
        return;
      }
      if (this.pos !== undefined) this.pos += count;
      this.bytesRead += count;
      this.push(count === 0 ? null : toBuffer(buffer.subarray(0, count)));
    });
  }

  close(callback) {
    if (typeof callback === 'function') this.once('close', () => callback());
    this.destroy();
  }
}

class WriteStream extends Writable {
  constructor(path, given) {
    const options = readOptions(given, { flags: 'w', mode: 0o666 });
    super({ ...options, autoDestroy: options.autoClose ?? true, decodeStrings: false, write: undefined, construct: undefined, destroy: undefined });
    hidden(this);
    prepare(this, path, options);
    this.bytesWritten = 0;
    if (options.encoding) this.setDefaultEncoding(options.encoding);
  }

  get pending() { return this.fd === null; }

  _write(chunk, encoding, callback) {
    this._writeAll(toBytes(chunk, encoding), callback);
  }

  _writev(chunks, callback) {
    const bytes = chunks.map(({ chunk, encoding }) => toBytes(chunk, encoding));
    this._writeAll(require('buffer').Buffer.concat(bytes), callback);
  }

  _writeAll(bytes, callback) {
    job(this, operations.write(this.fd, bytes, 0, bytes.byteLength, this.pos), (error, count) => {
      if (error) {
        callback(error);
        return;
      }
      this.bytesWritten += count;
      if (this.pos !== undefined) this.pos += count;
      if (count < bytes.byteLength) this._writeAll(bytes.subarray(count), callback);
      else callback();
    });
  }

  close(callback) {
    if (typeof callback === 'function') {
      if (this.closed) {
        require('process').nextTick(callback);
        return;
      }
      this.on('close', () => callback());
    }
    // Without autoClose nothing else would end the descriptor.
    if (!this.autoClose) this.on('finish', () => this.destroy());
    this.end();
  }

  destroySoon(...args) { return this.end(...args); }
}

for (const Stream of [ReadStream, WriteStream]) {
  Stream.prototype._construct = construct;
  Stream.prototype._destroy = destroy;
}

module.exports = { ReadStream, WriteStream };
