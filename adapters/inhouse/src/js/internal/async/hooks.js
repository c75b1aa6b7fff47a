'use strict';
// createHook: callbacks around the lives of resources. Authority: https://nodejs.org/api/async_hooks.html#async_hookscreatehookcallbacks
// Which resources report is said in `internal/async/observer`.

const { codes } = require('internal/errors');
const validate = require('internal/validate');

const EVENTS = ['init', 'before', 'after', 'destroy', 'promiseResolve'];
const enabled = new Set();

class AsyncHook {
  #callbacks;

  constructor(callbacks) { this.#callbacks = callbacks; }

  enable() {
    const { install, flush } = require('internal/async/observer');
    install();
    flush();
    enabled.add(this);
    return this;
  }

  disable() {
    if (enabled.has(this)) require('internal/async/observer').flush();
    enabled.delete(this);
    return this;
  }

  _has(event) { return this.#callbacks[event] !== undefined; }

  _call(event, args) { this.#callbacks[event]?.(...args); }
}

function createHook(callbacks) {
  validate.object(callbacks, 'callbacks');
  const own = {};
  for (const name of EVENTS) {
    const callback = callbacks[name];
    if (callback !== undefined && typeof callback !== 'function') throw new codes.ERR_ASYNC_CALLBACK(`hook.${name}`);
    own[name] = callback;
  }
  return new AsyncHook(own);
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

const isObserved = () => enabled.size > 0;
const wants = (event) => [...enabled].some((hook) => hook._has(event));

// ---- The ends of resources ------------------------------------------------------------------

// Node calls destroy hooks apart from the program's own work: in the next check phase, or before 'beforeExit'.
let destroyed = [];

function destroy(id) {
  if (!wants('destroy')) return;
  destroyed.push(id);
  if (destroyed.length > 1) return;
  const { Immediate } = require('internal/timers');
  require('internal/async/observer').unseen(() => new Immediate(flushDestroyed).unref());
}

// What comes to its end in a destroy hook has its turn too.
function flushDestroyed() {
  for (let i = 0; i < destroyed.length; i++) emit('destroy', destroyed[i]);
  destroyed = [];
}

module.exports = { createHook, emit, isObserved, wants, destroy, flushDestroyed };
