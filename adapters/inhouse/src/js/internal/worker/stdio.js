'use strict';
// Standard streams of worker threads: what a worker writes appears when the loop of its parent gets to it.
// Authority: https://nodejs.org/api/worker_threads.html#workerstdout

const { Buffer } = require('buffer');

// ---- The parent's side ----------------------------------------------------------------------

class Output {
  #wanted;
  #name;
  #stream;

  constructor(name, wanted) {
    this.#name = name;
    this.#wanted = wanted;
  }

  get stream() {
    if (this.#stream === undefined) {
      const { Readable } = require('stream');
      this.#stream = new Readable({ read() {} });
      // Unless the program asked for the stream, it flows to that of the parent.
      if (!this.#wanted) this.#stream.on('data', (chunk) => process[this.#name].write(chunk));
    }
    return this.#stream;
  }

  push(chunk) {
    if (!this.stream.destroyed) this.stream.push(Buffer.from(chunk));
  }

  end() {
    if (this.#stream !== undefined && !this.#stream.readableEnded) this.#stream.push(null);
  }
}

// The streams of a worker that listens on `control`.
function ofParent(control, options) {
  const outputs = [undefined, new Output('stdout', Boolean(options.stdout)), new Output('stderr', Boolean(options.stderr))];
  let stdin = null;
  if (options.stdin) {
    const { Writable } = require('stream');
    const send = (chunk) => host.messaging.send(control, ['stdin', chunk]);
    stdin = new Writable({
      write(chunk, encoding, callback) {
        send(new Uint8Array(chunk));
        callback();
      },
      final(callback) {
        send(null);
        callback();
      },
    });
  }
  return {
    stdin,
    get stdout() { return outputs[1].stream; },
    get stderr() { return outputs[2].stream; },
    push: (descriptor, chunk) => outputs[descriptor].push(chunk),
    end: () => outputs.forEach((output) => output?.end()),
  };
}

// ---- The worker's side ----------------------------------------------------------------------

function output(descriptor) {
  const { Writable } = require('stream');
  const { print } = require('internal/worker');
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, encoding, callback) {
      print(descriptor, typeof chunk === 'string' ? new Uint8Array(Buffer.from(chunk, encoding)) : new Uint8Array(chunk));
      callback();
    },
  });
  stream._isStdio = true;
  stream.destroySoon = stream.destroy;
  stream._destroy = (error, callback) => callback(error);
  return stream;
}

function input() {
  const { Readable } = require('stream');
  let reading = false;
  const hold = (wanted) => {
    if (reading === wanted) return;
    reading = wanted;
    if (wanted) host.loop.ref();
    else host.loop.unref();
  };
  let over = false;
  const stream = new Readable({
    read() { hold(!over); },
    destroy(error, callback) {
      hold(false);
      callback(error);
    },
  });
  const take = (chunk) => {
    if (chunk === null) {
      over = true;
      hold(false);
    }
    stream.push(chunk === null ? null : Buffer.from(chunk));
  };
  if (!require('internal/worker').listenForInput(take)) take(null);
  stream.on('pause', () => hold(false));
  return stream;
}

module.exports = { ofParent, output, input };
