'use strict';
// The entry of the JavaScript half. It runs before anything of the program, so it does almost nothing: it makes `require` for builtin modules,
// puts getters for the globals in place, and returns the functions that the engine calls. Everything else loads on first use.

// ---- Builtin modules ------------------------------------------------------------------------

const loaded = Object.create(null);

function requireBuiltin(id) {
  const known = loaded[id];
  if (known !== undefined) return known.exports;
  const run = host.modules.builtin(id);
  if (run === undefined) throw new Error(`there is no builtin module ${id}`);
  const builtin = { id, exports: {} };
  loaded[id] = builtin;
  let complete = false;
  try {
    run.call(builtin.exports, builtin.exports, requireBuiltin, builtin, host);
    complete = true;
  } finally {
    // Half a module is worse than an error: whoever asks next sees the same one.
    if (!complete) delete loaded[id];
  }
  return builtin.exports;
}

// ---- The host object ------------------------------------------------------------------------

// A property that is made when it is first read, and an ordinary one from then on.
function lazy(target, name, enumerable, make) {
  Object.defineProperty(target, name, {
    configurable: true,
    enumerable,
    get() {
      const value = make();
      Object.defineProperty(target, name, { configurable: true, enumerable, writable: true, value });
      return value;
    },
    set(value) {
      Object.defineProperty(target, name, { configurable: true, enumerable, writable: true, value });
    },
  });
}

for (const name of host.groups) lazy(host, name, true, () => host.group(name));

lazy(host, 'loop', true, () => requireBuiltin('internal/tasks').extend(host.group('loop')));
if (host.process.routed) lazy(host, 'console', true, () => requireBuiltin('internal/stdio').route());
host.queueMicrotask = (callback) => host.modules.enqueue(callback);
host.reportUncaught = (error, fromPromise = false) => requireBuiltin('internal/uncaught').uncaught(error, fromPromise);
host.loaded = (id) => loaded[id]?.exports;
host.lazy = lazy;
// What AsyncLocalStorage sees: the value travels from where a callback was handed over to where it runs.
// `main` is set while the program's main body runs, `tracking` once promise jobs have contexts, and `observer` while somebody looks at
// async resources.
host.context = { frame: undefined, main: false, tracking: false, observer: undefined };

// ---- Globals --------------------------------------------------------------------------------

const global = globalThis;

for (const [name, length] of [['wait', 4], ['waitAsync', 4], ['notify', 3]]) {
  const method = { [name]: (...args) => requireBuiltin('internal/atomics')[name](...args) }[name];
  Object.defineProperty(method, 'length', { value: length, configurable: true });
  Object.defineProperty(Atomics, name, { value: method, writable: true, configurable: true });
}


function provide(id, names, enumerable = false) {
  for (const name of names) lazy(global, name, enumerable, () => requireBuiltin(id)[name]);
}

// The engine's own, which programs can replace or which a global of the same name wraps.
host.engine = { WeakRef, deref: WeakRef.prototype.deref, iterator: Symbol.iterator, asyncIterator: Symbol.asyncIterator };
provide('internal/weak_ref', ['WeakRef']);
Object.defineProperty(Array, 'fromAsync', {
  configurable: true,
  writable: true,
  value: {
    fromAsync(asyncItems, mapper = undefined, thisArg = undefined) {
      return requireBuiltin('internal/repairs').fromAsync(this, asyncItems, mapper, thisArg);
    },
  }.fromAsync,
});

lazy(global, 'console', false, () => requireBuiltin('internal/console'));
if (host.process.page) {
  requireBuiltin('internal/page/window').install();
} else {
  Object.defineProperty(global, 'global', { configurable: true, enumerable: false, writable: true, value: global });
  lazy(global, 'process', false, () => requireBuiltin('process'));
  lazy(global, 'Buffer', false, () => requireBuiltin('buffer').Buffer);
  provide('timers', ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'], true);
}
provide('internal/microtask', ['queueMicrotask'], true);

const { functions, classes } = requireBuiltin('internal/globals');
for (const [id, names] of Object.entries(functions)) provide(id, names, true);
for (const [id, names] of Object.entries(classes)) provide(id, names);

if (host.process.simulated) requireBuiltin('internal/virtual_time');

// ---- What the engine calls ------------------------------------------------------------------

let ticks;
let timers;
let tasks;
let requests;
let streams;
let rejections;

const imports = () => requireBuiltin('internal/modules/esm');

return {
  runMain(goal) {
    if (host.process.worker !== undefined) requireBuiltin('internal/worker').enter();
    else if (host.process.channel !== undefined) requireBuiltin('internal/child/channel').join();
    host.context.main = true;
    try {
      requireBuiltin('internal/modules').runMain(goal);
    } finally {
      host.context.main = false;
      host.context.frame = undefined;
    }
  },
  runTimer: (id) => (timers ??= requireBuiltin('internal/timers')).runTimer(id),
  runImmediate: (id) => (timers ??= requireBuiltin('internal/timers')).runImmediate(id),
  runFrame: (id, time) => requireBuiltin('internal/page/window').runFrame(id, time),
  complete: (job, error, value) => (requests ??= requireBuiltin('internal/requests')).complete(job, error, value),
  receive: (endpoint) => requireBuiltin('internal/remote_port').receive(endpoint),
  stream: (socket, kind, value) => (streams ??= requireBuiltin('internal/net/handle')).dispatch(socket, kind, value),
  runTask: (id) => (tasks ??= requireBuiltin('internal/tasks')).run(id),
  exited: (pid, code, signal) => requireBuiltin('internal/child/process').exited(pid, code, signal),
  signal: (number) => requireBuiltin('internal/process').signal(number),
  runTick: () => (ticks ??= host.loaded('internal/ticks')) !== undefined && ticks.run(),
  trackRejection(promise, reason, handled) {
    if (!handled) host.context.observer?.rejected(promise);
    (rejections ??= requireBuiltin('internal/rejections')).track(promise, reason, handled);
  },
  settleRejections: () => rejections !== undefined && rejections.settle(),
  checkGenerators: () => requireBuiltin('internal/repairs').check(),
  observePromise: (kind, promise, parent) => requireBuiltin('internal/async/context').observe(kind, promise, parent),
  clearFrame: () => requireBuiltin('internal/async/context').leave(),
  clearKept: () => requireBuiltin('internal/weak_ref').clearKept(),
  uncaught: (error, fromPromise) => requireBuiltin('internal/uncaught').uncaught(error, fromPromise),
  beforeExit() {
    host.loaded('internal/async/hooks')?.flushDestroyed();
    host.loaded('internal/process')?.beforeExit();
  },
  exit: () => requireBuiltin('internal/exit').exit(),
  resolveImport: (specifier, base) => imports().resolveImport(specifier, base),
  describeImport: (id, type) => imports().describeImport(id, type),
  evaluateImport: (id) => imports().evaluateImport(id),
};
