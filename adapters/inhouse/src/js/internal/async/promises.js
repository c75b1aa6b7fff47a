'use strict';
// What createHook sees of promises. Authority: https://nodejs.org/api/async_hooks.html#promise-execution-tracking
//
// The engine reports promises that are made and fulfilled, and `internal/async/context` the registrations of reactions, each with
// a marker that runs right before the reaction. Two things have to be concluded, at the next event, from what did not happen:
//
// * A registration that no derived promise follows is an `await`. Node has a promise of its own for each; here is one that stands for it.
// * A promise that was made and at once fulfilled, and that nobody holds afterwards, was wrapped around an awaited value that is
//   no promise. The engine counts references, so that this is certain as soon as the next event comes.
//
// A read of a promise's `constructor` by the program looks like an `await` too: its promise is one too many. And the `await` of
// a thenable looks like a promise that a thenable settles: what follows it runs under an id of its own, without `before` and `after`.

const ids = require('internal/async/ids');
const hooks = require('internal/async/hooks');

const { WeakRef, deref } = host.engine;

const known = new WeakMap();
// The promises of async functions that have begun, and others that wait; the last is taken for the one whose function awaits.
let bodies = [];
// A promise whose init waits for what comes next, and what is to be concluded at the next event.
let fresh;
let pending;
// The reaction that runs.
let active;
let registry;
// Whether the reaction that may come next is older than the observer.
let older = false;

function describe(promise, trigger) {
  const record = { id: ids.next(), trigger, resolved: false, pending: true };
  known.set(promise, record);
  return record;
}

function announce(record, promise) {
  hooks.emit('init', record.id, 'PROMISE', record.trigger, promise);
  if (!hooks.wants('destroy')) return;
  registry ??= new FinalizationRegistry((id) => hooks.destroy(id));
  registry.register(promise, record.id);
}

// One that was made before anybody looked has its id from now on.
const recordOf = (promise) => known.get(promise) ?? describe(promise, 0);

function init(promise, parent) {
  if (pending !== undefined && parent !== undefined && !pending.wrapper && pending.parent === recordOf(parent)) {
    const cell = pending;
    pending = undefined;
    cell.record = describe(promise, cell.parent.id);
    cell.promise = new WeakRef(promise);
    announce(cell.record, promise);
    return;
  }
  flush();
  const outer = bodies.findLast((record) => record.pending);
  const record = describe(promise, parent === undefined ? ids.executionAsyncId() : recordOf(parent).id);
  if (parent === undefined) {
    fresh = { record, promise: new WeakRef(promise), outer };
    // Within the body of an async function it may be a wrapper, which that function's promise causes.
    if (outer !== undefined) return;
    bodies.push(record);
  }
  announce(record, promise);
}

function announceFresh(wrapper) {
  const { record, promise, outer } = fresh;
  fresh = undefined;
  if (outer === undefined) return;
  if (wrapper) record.trigger = outer.id;
  else bodies.push(record);
  announce(record, deref.call(promise) ?? standIn());
}

// A promise that stands for one that the engine does without.
function standIn() {
  return require('internal/async/context').unobserved(() => new Promise(() => {}));
}

// Draws the conclusions that wait.
function flush() {
  if (pending === undefined) {
    if (fresh !== undefined) announceFresh(false);
    return;
  }
  const cell = pending;
  pending = undefined;
  if (cell.wrapper) {
    const awaited = deref.call(fresh.promise) === undefined;
    announceFresh(awaited);
    if (cell.parent.resolved) hooks.emit('promiseResolve', cell.parent.id);
    if (!awaited) return;
  }
  cell.resource = standIn();
  cell.record = describe(cell.resource, cell.parent.id);
  const at = bodies.findLastIndex((record) => record.pending);
  if (at !== -1) [cell.outer] = bodies.splice(at, 1);
  announce(cell.record, cell.resource);
}

function resolve(record) {
  record.pending = false;
  if (record.resolved) return;
  record.resolved = true;
  hooks.emit('promiseResolve', record.id);
}

// A promise is about to be fulfilled. Returns what a job right before its reactions is to `run`.
function fulfilled(promise, passing) {
  const before = known.get(promise);
  const record = before ?? describe(promise, 0);
  if (!passing && pending === undefined && fresh?.record === record) {
    record.pending = false;
    record.resolved = true;
    if (fresh.outer === undefined) bodies.splice(bodies.indexOf(record), 1);
    return pending = { parent: record, wrapper: true };
  }
  flush();
  resolve(record);
  return before === undefined ? { older: true } : undefined;
}

function rejected(promise) {
  flush();
  resolve(recordOf(promise));
}

// A reaction is registered. Returns what its marker is to `run`.
function registered(promise) {
  flush();
  return pending = { parent: recordOf(promise), wrapper: false };
}

// The reaction comes right behind this.
function run(cell) {
  flush();
  older = cell?.older === true;
  if (cell?.record === undefined) return;
  active = cell;
  bodies = cell.outer === undefined ? [] : [cell.outer];
  cell.resource ??= deref.call(cell.promise) ?? {};
  ids.enter(cell.record.id, cell.record.trigger, cell.resource);
  hooks.emit('before', cell.record.id);
}

// A job of promises is over. Returns whether it was, perhaps, a reaction that is older than the observer.
function left() {
  flush();
  bodies = [];
  if (active === undefined) {
    const wasOlder = older;
    older = false;
    return wasOlder;
  }
  const { record, resource } = active;
  // The engine is silent about rejections that are handled, and about the promises of `await`.
  const promise = active.promise && deref.call(active.promise);
  if (promise === undefined || host.util.promiseState(promise)[0] !== 0) resolve(record);
  active = undefined;
  if (!ids.isRunning(resource)) return false;
  hooks.emit('after', record.id);
  ids.leave();
  return false;
}

// A thenable is asked on a promise's behalf.
function askThenable(promise) {
  flush();
  const record = recordOf(promise);
  ids.enter(record.id, record.trigger, promise);
  hooks.emit('before', record.id);
}

function askedThenable(promise) {
  flush();
  hooks.emit('after', recordOf(promise).id);
  ids.leave();
}

module.exports = { init, fulfilled, rejected, registered, run, left, askThenable, askedThenable, flush };
