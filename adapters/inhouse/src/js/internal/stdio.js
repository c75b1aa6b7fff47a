'use strict';
// `process.stdin`, `stdout` and `stderr`. Output is written at once, as Node does for files.

function output(descriptor) {
  const { Writable } = require('stream');
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, encoding, callback) {
      const bytes = typeof chunk === 'string' && encoding !== 'utf8' && encoding !== 'utf-8'
        ? require('buffer').Buffer.from(chunk, encoding) : chunk;
      host.console.write(descriptor, bytes);
      callback();
    },
  });
  stream.fd = descriptor;
  stream._type = 'fs';
  stream._isStdio = true;
  // The descriptors stay open whatever the program does to the streams.
  stream.destroySoon = stream.destroy;
  stream._destroy = (error, callback) => callback(error);
  return stream;
}

function input() {
  const stream = new (require('fs').ReadStream)(null, { fd: 0, autoClose: false });
  stream.fd = 0;
  return stream;
}

module.exports = { output, input };
