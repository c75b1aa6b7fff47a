'use strict';
// `process.stdin`, `stdout` and `stderr`. Authority: https://nodejs.org/api/process.html#a-note-on-process-io
// Files are written at once; pipes take what fits at once, and the rest when the loop gets to it.

const NAMES = [undefined, 'stdout', 'stderr'];

function keepOpen(stream, descriptor, type) {
  stream.fd = descriptor;
  stream._type = type;
  stream._isStdio = true;
  // The descriptors stay open whatever the program does to the streams.
  stream.destroySoon = stream.destroy;
  stream._destroy = (error, callback) => callback(error);
  return stream;
}

// What the program writes to `descriptor` by other ways than its stream.
let plainWrite = (descriptor, bytes) => host.console.write(descriptor, bytes);

function output(descriptor) {
  if (host.process.worker !== undefined) return require('internal/worker/stdio').output(descriptor);
  if (host.child.kind(descriptor) === 'pipe') {
    const stream = new (require('internal/pipe_stream').PipeStream)(openStream(descriptor), { readable: false });
    return keepOpen(stream, descriptor, 'pipe');
  }
  const { Writable } = require('stream');
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, encoding, callback) {
      const bytes = typeof chunk === 'string' && encoding !== 'utf8' && encoding !== 'utf-8'
        ? require('buffer').Buffer.from(chunk, encoding) : chunk;
      plainWrite(descriptor, bytes);
      callback();
    },
  });
  return keepOpen(stream, descriptor, 'fs');
}

function openStream(descriptor) {
  const { StreamHandle } = require('internal/net/handle');
  return new StreamHandle(host.child.attach(descriptor));
}

function input() {
  if (host.process.worker !== undefined) return require('internal/worker/stdio').input();
  const kind = host.child.kind(0);
  if (kind === 'pipe') {
    const stream = new (require('internal/pipe_stream').PipeStream)(openStream(0), { writable: false, manualStart: true });
    stream.fd = 0;
    stream._type = 'pipe';
    stream.on('pause', () => stream._handle?.readStop());
    return stream;
  }
  if (kind === 'null') {
    const stream = new (require('stream').Readable)({ read() { this.push(null); } });
    stream.fd = 0;
    return stream;
  }
  const stream = new (require('fs').ReadStream)(null, { fd: host.child.number(0), autoClose: false });
  stream.fd = 0;
  return stream;
}

// The console of a program whose output goes elsewhere than to files: through its streams, so that everything keeps its order.
function route() {
  plainWrite = host.child.write;
  return {
    write(descriptor, bytes) {
      if (host.process.worker === undefined && host.child.kind(descriptor) !== 'pipe') plainWrite(descriptor, bytes);
      else require('process')[NAMES[descriptor]].write(bytes);
    },
  };
}

module.exports = { output, input, route };
