'use strict';
// AsyncLocalStorage. Authority: https://nodejs.org/api/async_context.html#class-asynclocalstorage

const { codes } = require('internal/errors');
const validate = require('internal/validate');
const { runWith, track } = require('internal/async/context');

const { context } = host;

class AsyncLocalStorage {
  #defaultValue;
  #name;

  constructor(options = {}) {
    validate.object(options, 'options');
    if (options.name !== undefined) validate.string(options.name, 'options.name');
    this.#defaultValue = options.defaultValue;
    this.#name = options.name ?? '';
  }

  static bind(callback) {
    validate.func(callback, 'fn');
    const { frame } = context;
    return function(...args) { return runWith(frame, callback, this, args); };
  }

  static snapshot() {
    const { frame } = context;
    return (callback, ...args) => {
      if (typeof callback !== 'function') throw new codes.ERR_INVALID_ARG_TYPE('fn', 'Function', callback);
      return runWith(frame, callback, undefined, args);
    };
  }

  get name() { return this.#name; }

  // The current frame with `store` for this storage.
  #frameWith(store) {
    track();
    return new Map(context.frame).set(this, store);
  }

  enterWith(store) { context.frame = this.#frameWith(store); }

  run(store, callback, ...args) {
    // Node looks at the store alone: the same one again needs no frame of its own.
    if (context.frame?.has(this) && Object.is(this.getStore(), store)) return Reflect.apply(callback, null, args);
    // What other storages get meanwhile stays with them: only this one has its store of before again.
    const before = context.frame;
    const prior = this.getStore();
    const frame = this.#frameWith(store);
    context.frame = frame;
    try {
      return Reflect.apply(callback, null, args);
    } finally {
      context.frame = context.frame === frame ? before : this.#frameWith(prior);
    }
  }

  exit(callback, ...args) { return this.run(undefined, callback, ...args); }

  getStore() {
    const { frame } = context;
    return frame !== undefined && frame.has(this) ? frame.get(this) : this.#defaultValue;
  }

  disable() {
    if (context.frame === undefined) return;
    const frame = new Map(context.frame);
    frame.delete(this);
    context.frame = frame;
  }

  withScope(store) {
    const before = context.frame;
    this.enterWith(store);
    return { __proto__: null, [Symbol.dispose]() { context.frame = before; } };
  }
}

module.exports = { AsyncLocalStorage };
