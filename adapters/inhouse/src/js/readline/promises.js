'use strict';
// Node's `readline/promises`. Authority: https://nodejs.org/api/readline.html#promises-api

const { AbortError } = require('internal/errors');
const validate = require('internal/validate');
const Callbacks = require('internal/readline/interface').Interface;

class Interface extends Callbacks {
  question(query, options = {}) {
    const { promise, resolve, reject } = Promise.withResolvers();
    const { signal } = options;
    if (signal) {
      validate.abortSignal(signal, 'options.signal');
      if (signal.aborted) return Promise.reject(new AbortError(undefined, { cause: signal.reason }));
    }
    let listening;
    if (signal) {
      listening = require('internal/events/abort_listener').addAbortListener(signal, () => {
        this._cancelQuestion();
        reject(new AbortError(undefined, { cause: signal.reason }));
      });
    }
    try {
      this._ask(query, (answer) => {
        listening?.[Symbol.dispose]();
        resolve(answer);
      });
    } catch (error) {
      reject(error);
    }
    return promise;
  }
}

// Movements that are gathered and written together.
class Readline {
  #stream;
  #autoCommit;
  #todo = '';

  constructor(stream, { autoCommit = false } = {}) {
    this.#stream = stream;
    this.#autoCommit = autoCommit;
  }

  #add(name, ...args) {
    const text = [];
    require('internal/readline/terminal')[name]({ write: (sequence) => text.push(sequence) }, ...args);
    if (this.#autoCommit) process.nextTick(() => this.#stream.write(text.join('')));
    else this.#todo += text.join('');
    return this;
  }

  cursorTo(x, y) { return this.#add('cursorTo', x, y); }
  moveCursor(dx, dy) { return this.#add('moveCursor', dx, dy); }
  clearLine(direction) { return this.#add('clearLine', direction); }
  clearScreenDown() { return this.#add('clearScreenDown'); }

  commit() {
    return new Promise((resolve) => {
      const text = this.#todo;
      this.#todo = '';
      this.#stream.write(text, resolve);
    });
  }

  rollback() {
    this.#todo = '';
    return this;
  }
}

module.exports = {
  Interface, Readline,
  createInterface: (input, output, completer, terminal) => new Interface(input, output, completer, terminal),
};
