'use strict';
// The end of a pipe as a stream: what Node's `net.Socket` is to the pipes of processes.
// Authority: https://nodejs.org/api/child_process.html#subprocessstdout, libuv's `uv_pipe_t`
//
// 'close' comes from the closing phase, when the handle is gone, not with the destruction of the stream.

const Duplex = require('internal/streams/duplex');
const { Buffer } = require('buffer');

const describe = (number) => host.net.describe(number);

function failure(number, syscall) {
  const [code] = describe(number);
  return Object.assign(new Error(`${syscall} ${code}`), { errno: number, code, syscall });
}

class PipeStream extends Duplex {
  constructor(handle, { readable = true, writable = true, manualStart = false, ...options } = {}) {
    super({ ...options, allowHalfOpen: false, emitClose: false, autoDestroy: true, decodeStrings: true, readable, writable });
    this._handle = handle;
    this.#listen(handle);
    if (readable && !manualStart) this.read(0);
  }

  #listen(handle) {
    handle.ondata = (bytes) => {
      if (!this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) handle.readStop();
    };
    handle.onend = () => {
      this.push(null);
      this.read(0);
    };
    handle.onerror = (number) => this.destroy(failure(number, 'read'));
  }

  get pending() { return false; }
  get connecting() { return false; }
  get bytesRead() { return this._handle?.bytesRead ?? 0; }
  get bytesWritten() { return (this._handle?.bytesWritten ?? 0) + this.writableLength; }

  _read() {
    const handle = this._handle;
    if (handle !== null && !handle.reading) handle.readStart();
  }

  _write(chunk, encoding, callback) { this.#send(chunk, callback); }

  _writev(chunks, callback) { this.#send(chunks.map(({ chunk }) => chunk), callback); }

  #send(data, callback) {
    if (this._handle === null) {
      callback(failure(-9, 'write'));
      return;
    }
    const answer = this._handle.write(data, (error) => callback(error < 0 ? failure(error, 'write') : undefined));
    if (answer === 0) callback();
    else if (answer < 0) callback(failure(answer, 'write'));
  }

  _final(callback) {
    if (this._handle === null) {
      callback();
      return;
    }
    const answer = this._handle.shut((error) => callback(error < 0 && this._handle !== null ? failure(error, 'shutdown') : undefined));
    if (answer !== 0) callback();
  }

  _destroy(error, callback) {
    const handle = this._handle;
    this._handle = null;
    handle?.close(() => this.emit('close', error !== null && error !== undefined));
    callback(error);
  }

  destroySoon() {
    if (this.writable) this.end();
    if (this.writableFinished || !this.writable) this.destroy();
    else this.once('finish', this.destroy);
  }

  ref() {
    this._handle?.ref();
    return this;
  }

  unref() {
    this._handle?.unref();
    return this;
  }
}

module.exports = { PipeStream, failure };
