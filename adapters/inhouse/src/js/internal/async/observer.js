'use strict';
// What createHook and the async ids see: the lives of timers, immediates, ticks, microtasks, pool jobs and promises.
// Authority: https://nodejs.org/api/async_hooks.html
//
// Nothing is here until a program enables a hook or asks for an id. Then `host.context.observer` is set: those who keep a
// callback report it as `created` and run it between `enter` and `leave`. What was made before has an id from its first run on.

const ids = require('internal/async/ids');
const hooks = require('internal/async/hooks');
const { follow } = require('internal/async/context');
const promises = require('internal/async/promises');

const { context } = host;
// { id, trigger } by resource.
const known = new WeakMap();
// Resources of the runtime's own, which nobody sees.
const hidden = new WeakSet();
let underWay = false;

function created(resource, type) {
  promises.flush();
  const trigger = ids.executionAsyncId();
  const id = ids.next();
  known.set(resource, { id, trigger });
  hooks.emit('init', id, type, trigger, resource);
}

function enter(resource) {
  if (hidden.has(resource)) return;
  let record = known.get(resource);
  if (record === undefined) known.set(resource, record = { id: ids.next(), trigger: 0 });
  ids.enter(record.id, record.trigger, resource);
  hooks.emit('before', record.id);
}

function leave(resource) {
  promises.flush();
  if (ids.isRunning(resource)) {
    hooks.emit('after', ids.executionAsyncId());
    ids.leave();
  } else {
    leaveStray(false);
  }
}

// The end of a callback that nobody announced. Hooks hear of it if it was under way when the observer came, or registered before.
function leaveStray(older) {
  const id = ids.endStray();
  if (id !== undefined && (older || underWay)) hooks.emit('after', id);
  underWay = false;
}

// An uncaught error has been handled: all that it went through are over.
function unwind() {
  promises.flush();
  while (ids.isInside()) {
    hooks.emit('after', ids.executionAsyncId());
    ids.leave();
  }
}

// Its callback will not run any more.
function destroyed(resource) {
  const record = known.get(resource);
  if (record !== undefined) hooks.destroy(record.id);
}

function install() {
  if (context.observer !== undefined) return;
  context.observer = { created, enter, leave, unwind, destroyed, flush: promises.flush, rejected: promises.rejected };
  require('internal/ticks').watch(context.observer);
  // Who runs now has its id from here on.
  ids.executionAsyncId();
  underWay = true;
  follow({ ...promises, left: () => leaveStray(promises.left()) });
}

// Calls `make`, which makes a resource of the runtime's own.
function unseen(make) {
  const { observer } = context;
  context.observer = undefined;
  try {
    hidden.add(make());
  } finally {
    context.observer = observer;
  }
}

module.exports = { install, unseen, flush: promises.flush };
