'use strict';
// The async context: which frame of stores is current, and how it follows promise jobs.
// Authority: https://nodejs.org/api/async_context.html ("Asynchronous context tracking")
//
// A frame is an immutable map from storages to stores; `host.context.frame` is the current one, undefined where nothing is
// stored. Timers, ticks, pool jobs and microtasks carry their frame themselves. The reactions of promises belong to the
// engine, which knows no context. So from the first use of a storage on, each registration of a reaction (`then`, `await`)
// first registers a marker on the same promise. Both become jobs at the same moment, one right behind the other: the marker
// sets the frame of the registration, the reaction runs in it, and the engine clears it behind the reaction.
//
// A registration reads the promise's `constructor` (ECMA-262: PromiseResolve, SpeciesConstructor); that is where the marker goes in.
// What is awaited and is no promise is wrapped in one that the engine makes for the purpose; it is marked when it is fulfilled.

const { context } = host;
// The frames in which promises were made, kept until they settle.
const made = new WeakMap();
let tracking = false;
let suppressed = 0;
// Promises that this module makes itself, and whether it makes one now.
const own = new WeakSet();
let making = false;
// What createHook sees of promises; undefined while nobody looks.
let watch;
// The promise whose marker is for the reaction that is registered now.
let marked;

// What a marker does: the job behind it runs in `frame`.
function restore(frame) {
  context.frame = frame;
  host.util.keepFrame();
}

function mark(promise) {
  const { frame } = context;
  marked = promise;
  const cell = watch?.registered(promise);
  unobserved(() => host.util.beforeReaction(promise, () => {
    restore(frame);
    watch?.run(cell);
  }));
}

// Calls `make`, whose promises nobody is to see.
function unobserved(make) {
  const before = making;
  making = true;
  try {
    return make();
  } finally {
    making = before;
  }
}

// What the engine reports: 0 a promise is made, perhaps derived from a parent, 1 it is about to be fulfilled, 2 a thenable is about
// to be asked on its behalf, 3 it was.
function observe(kind, promise, parent) {
  if (kind === 0) {
    if (making) {
      own.add(promise);
      return;
    }
    // A promise of a subclass has a `constructor` of its own; the derived promise is made right before the registration.
    if (parent !== undefined && marked !== parent) mark(parent);
    marked = undefined;
    if (context.frame !== undefined) made.set(promise, context.frame);
    watch?.init(promise, parent);
    return;
  }
  if (own.has(promise)) return;
  marked = undefined;
  if (kind === 3) {
    watch?.askedThenable(promise);
    return;
  }
  const frame = made.get(promise);
  if (kind === 2) {
    context.frame = frame;
    watch?.askThenable(promise);
    return;
  }
  const cell = watch?.fulfilled(promise, suppressed > 0);
  host.modules.enqueue(() => {
    restore(frame);
    watch?.run(cell);
  });
}

// What the engine calls behind each promise job but markers.
function leave() {
  context.frame = undefined;
  watch?.left();
}

// Lets `watcher` see promises from now on.
function follow(watcher) {
  track();
  watch = watcher;
}

function track() {
  if (tracking) return;
  tracking = true;
  context.tracking = true;
  const { prototype, resolve } = Promise;
  Object.defineProperty(prototype, 'constructor', {
    configurable: true,
    enumerable: false,
    get() {
      if (suppressed === 0 && host.util.promiseState(this) !== undefined) mark(this);
      return Promise;
    },
    // An assignment to a promise or a subclass makes a property of its own, as if this one were a plain one.
    set(value) {
      Object.defineProperty(this, 'constructor', { value, writable: true, enumerable: true, configurable: true });
    },
  });
  // Promise.resolve reads `constructor` too, and registers nothing.
  const method = {
    resolve(value) {
      suppressed++;
      try {
        return resolve.call(this, value);
      } finally {
        suppressed--;
      }
    },
  };
  Object.defineProperty(Promise, 'resolve', { value: method.resolve, writable: true, configurable: true });
  host.util.trackPromises();
}

// Calls `callback` with a frame, and puts back the one before.
function runWith(frame, callback, thisArg, args) {
  const before = context.frame;
  context.frame = frame;
  try {
    return Reflect.apply(callback, thisArg, args);
  } finally {
    context.frame = before;
  }
}

module.exports = { track, follow, observe, leave, unobserved, runWith };
