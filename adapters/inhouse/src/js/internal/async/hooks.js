'use strict';
// createHook: callbacks around the lives of resources. Authority: https://nodejs.org/api/async_hooks.html#async_hookscreatehookcallbacks
// The resources that report here are those that programs make (`AsyncResource`).

const { codes } = require('internal/errors');
const validate = require('internal/validate');

const EVENTS = ['init', 'before', 'after', 'destroy', 'promiseResolve'];
const enabled = new Set();

class AsyncHook {
  #callbacks;

  constructor(callbacks) { this.#callbacks = callbacks; }

  enable() {
    enabled.add(this);
    return this;
  }

  disable() {
    enabled.delete(this);
    return this;
  }

  _call(event, args) { this.#callbacks[event]?.(...args); }
}

function createHook(callbacks) {
  validate.object(callbacks, 'callbacks');
  for (const name of EVENTS) {
    if (callbacks[name] !== undefined && typeof callbacks[name] !== 'function') throw new codes.ERR_ASYNC_CALLBACK(`hook.${name}`);
  }
  return new AsyncHook({ ...callbacks });
}

// Errors of hooks are not the program's to handle: they end it.
function emit(event, ...args) {
  if (enabled.size === 0) return;
  try {
    for (const hook of [...enabled]) hook._call(event, args);
  } catch (error) {
    host.console.write(2, `${error?.stack ?? error}\n`);
    host.process.end(1);
  }
}

module.exports = { createHook, emit, isObserved: () => enabled.size > 0 };
