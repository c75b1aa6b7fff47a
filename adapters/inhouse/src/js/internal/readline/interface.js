'use strict';
// readline's Interface: the lines of an input, however its chunks fall.
// Authority: https://nodejs.org/api/readline.html
//
// Input is taken as text without a terminal's line editing: what is not a line break is part of a line.

const EventEmitter = require('events');
const { AbortError, codes } = require('internal/errors');
const validate = require('internal/validate');
const { StringDecoder } = require('string_decoder');

// The shortest time in which CR and LF from two chunks are one line break, in milliseconds.
const CRLF_DELAY = 100;
const HISTORY = 30;
const kLineEnd = /\r?\n|\r(?!\n)|\u2028|\u2029/g;

function readOptions(input, output, completer, terminal) {
  if (input === undefined || input === null) throw new codes.ERR_INVALID_ARG_TYPE('input', 'Stream', input);
  if (typeof input.on === 'function' && input.input === undefined) return { input, output, completer, terminal };
  const { signal } = input;
  if (signal !== undefined && signal !== null) validate.abortSignal(signal, 'options.signal');
  return input;
}

class Interface extends EventEmitter {
  #decoder = new StringDecoder('utf8');
  // The beginning of a line whose end has not come; when the last chunk ended with CR.
  #partial = null;
  #sawReturnAt = 0;
  #crlfDelay;
  #question = null;
  #promptBefore = '';
  #prompt;
  #stop = [];

  constructor(input, output, completer, terminal) {
    super();
    const options = readOptions(input, output, completer, terminal);
    this.input = options.input;
    this.output = options.output;
    const { prompt = '> ', historySize = HISTORY, crlfDelay } = options;
    if (options.completer !== undefined && options.completer !== null && typeof options.completer !== 'function') {
      throw new codes.ERR_INVALID_ARG_VALUE('completer', options.completer);
    }
    if (typeof historySize !== 'number' || Number.isNaN(historySize) || historySize < 0) {
      throw new codes.ERR_INVALID_ARG_VALUE('historySize', historySize);
    }
    this.#prompt = prompt;
    this.#crlfDelay = crlfDelay ? Math.max(CRLF_DELAY, crlfDelay) : CRLF_DELAY;
    this.completer = options.completer;
    this.terminal = Boolean(options.terminal ?? options.output?.isTTY);
    this.historySize = historySize;
    this.history = options.history ?? [];
    this.line = '';
    this.cursor = 0;
    this.closed = false;
    this.paused = false;
    this.#listen('data', (chunk) => this.#take(chunk));
    this.#listen('end', () => this.#ended());
    this.#listen('error', (error) => this.emit('error', error));
    const { signal } = options;
    if (signal) this.#followSignal(signal);
    this.input.resume();
  }

  #listen(event, listener) {
    this.input.on(event, listener);
    this.#stop.push(() => this.input.removeListener(event, listener));
  }

  #followSignal(signal) {
    if (signal.aborted) {
      process.nextTick(() => this.close());
      return;
    }
    const listening = require('internal/events/abort_listener').addAbortListener(signal, () => this.close());
    this.#stop.push(() => listening[Symbol.dispose]());
  }

  // ---- Input ----

  // All lines of a chunk are emitted in one go; pausing meanwhile holds back only what comes later.
  #take(chunk) {
    if (chunk === undefined) return;
    let text = this.#decoder.write(chunk);
    if (this.#sawReturnAt !== 0 && Date.now() - this.#sawReturnAt <= this.#crlfDelay) {
      if (text.startsWith('\n')) text = text.slice(1);
      this.#sawReturnAt = 0;
    }
    const ends = [...text.matchAll(kLineEnd)];
    if (ends.length === 0) {
      if (text !== '') this.#partial = (this.#partial ?? '') + text;
      return;
    }
    this.#sawReturnAt = text.endsWith('\r') ? Date.now() : 0;
    const lines = [];
    let at = 0;
    for (const { 0: end, index } of ends) {
      lines.push(text.slice(at, index));
      at = index + end.length;
    }
    lines[0] = (this.#partial ?? '') + lines[0];
    this.#partial = at < text.length ? text.slice(at) : null;
    for (const line of lines) this.#emitLine(line);
  }

  #emitLine(line) {
    const callback = this.#question;
    if (callback === null) {
      this.emit('line', line);
      return;
    }
    this.#question = null;
    this.setPrompt(this.#promptBefore);
    callback(line);
  }

  #ended() {
    if (this.#partial !== null && this.#partial !== '') {
      const line = this.#partial;
      this.#partial = null;
      this.#emitLine(line);
    }
    this.close();
  }

  // ---- What programs call ----

  getPrompt() { return this.#prompt; }

  setPrompt(prompt) { this.#prompt = prompt; }

  prompt() {
    if (this.paused) this.resume();
    if (this.output !== null && this.output !== undefined) this.output.write(`${this.#prompt}`);
  }

  question(query, options, callback) {
    if (this.closed) throw new codes.ERR_USE_AFTER_CLOSE('readline');
    const done = typeof options === 'function' ? options : callback;
    const given = typeof options === 'object' && options !== null ? options : {};
    const { signal } = given;
    if (signal) {
      validate.abortSignal(signal, 'options.signal');
      if (signal.aborted) return;
      const listening = require('internal/events/abort_listener').addAbortListener(signal, () => this._cancelQuestion());
      this._ask(query, typeof done === 'function' ? (answer) => {
        listening[Symbol.dispose]();
        return done(answer);
      } : done);
      return;
    }
    if (typeof done === 'function') this._ask(query, done);
  }

  _ask(query, callback) {
    if (this.closed) throw new codes.ERR_USE_AFTER_CLOSE('readline');
    if (this.#question !== null) {
      this.prompt();
      return;
    }
    this.#promptBefore = this.#prompt;
    this.setPrompt(query);
    this.#question = callback;
    this.prompt();
  }

  _cancelQuestion() {
    if (this.#question === null) return;
    this.#question = null;
    this.setPrompt(this.#promptBefore);
  }

  pause() {
    if (this.closed) throw new codes.ERR_USE_AFTER_CLOSE('readline');
    if (this.paused) return this;
    this.input.pause();
    this.paused = true;
    this.emit('pause');
    return this;
  }

  resume() {
    if (this.closed) throw new codes.ERR_USE_AFTER_CLOSE('readline');
    if (!this.paused) return this;
    this.input.resume();
    this.paused = false;
    this.emit('resume');
    return this;
  }

  write(data) {
    if (this.closed) throw new codes.ERR_USE_AFTER_CLOSE('readline');
    if (this.paused) this.resume();
    this.#take(data);
  }

  close() {
    if (this.closed) return;
    this.pause();
    for (const stop of this.#stop.splice(0)) stop();
    this.closed = true;
    this.emit('close');
  }

  [Symbol.dispose ?? Symbol('Symbol.dispose')]() { this.close(); }

  [Symbol.asyncIterator]() {
    const { iterate } = require('internal/events/iterator');
    return iterate(this, 'line', { close: ['close'], highWaterMark: 1024 }, ([line]) => line, () => this.close());
  }
}

// util.promisify(rl.question)
Object.defineProperty(Interface.prototype.question, Symbol.for('nodejs.util.promisify.custom'), {
  value(query, options) {
    const { signal } = options ?? {};
    if (signal?.aborted) return Promise.reject(new AbortError(undefined, { cause: signal.reason }));
    return new Promise((resolve, reject) => {
      if (signal) {
        const abort = () => reject(new AbortError(undefined, { cause: signal.reason }));
        signal.addEventListener('abort', abort, { once: true });
        this.question(query, options, (answer) => {
          signal.removeEventListener('abort', abort);
          resolve(answer);
        });
        return;
      }
      this.question(query, resolve);
    });
  },
});

module.exports = { Interface };
