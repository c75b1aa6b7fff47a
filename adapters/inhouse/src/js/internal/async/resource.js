'use strict';
// AsyncResource. Authority: https://nodejs.org/api/async_context.html#class-asyncresource

const { codes } = require('internal/errors');
const validate = require('internal/validate');
const ids = require('internal/async/ids');
const hooks = require('internal/async/hooks');

const { context } = host;

class AsyncResource {
  #id;
  #trigger;
  #frame = context.frame;
  #destroyed = false;

  constructor(type, options = {}) {
    validate.string(type, 'type');
    const given = typeof options === 'number' ? { triggerAsyncId: options } : options ?? {};
    const trigger = given.triggerAsyncId ?? ids.executionAsyncId();
    if (!Number.isSafeInteger(trigger) || trigger < -1) throw new codes.ERR_INVALID_ASYNC_ID('triggerAsyncId', trigger);
    if (hooks.isObserved() && type.length === 0) throw new codes.ERR_ASYNC_TYPE(type);
    context.observer?.flush();
    this.#id = ids.next();
    this.#trigger = trigger;
    hooks.emit('init', this.#id, type, trigger, this);
  }

  static bind(callback, type, thisArg) {
    const resource = new AsyncResource(type || callback.name || 'bound-anonymous-fn');
    return resource.bind(callback, thisArg);
  }

  runInAsyncScope(callback, thisArg, ...args) {
    ids.enter(this.#id, this.#trigger, this);
    hooks.emit('before', this.#id);
    const before = context.frame;
    context.frame = this.#frame;
    // A program may nest these deeply, so there is no call in between.
    try {
      return Reflect.apply(callback, thisArg, args);
    } finally {
      context.frame = before;
      hooks.emit('after', this.#id);
      ids.leave();
    }
  }

  emitDestroy() {
    if (this.#destroyed) throw new codes.ERR_INVALID_STATE('the resource has been destroyed already');
    this.#destroyed = true;
    hooks.destroy(this.#id);
    return this;
  }

  asyncId() { return this.#id; }

  triggerAsyncId() { return this.#trigger; }

  bind(callback, thisArg) {
    validate.func(callback, 'fn');
    const resource = this;
    const bound = thisArg === undefined
      ? function(...args) { return resource.runInAsyncScope(callback, this, ...args); }
      : (...args) => resource.runInAsyncScope(callback, thisArg, ...args);
    Object.defineProperty(bound, 'length', { configurable: true, enumerable: false, value: callback.length, writable: false });
    return bound;
  }
}

module.exports = { AsyncResource };
