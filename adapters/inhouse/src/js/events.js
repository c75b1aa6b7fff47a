'use strict';
// Node's `events` module. Authority: https://nodejs.org/api/events.html
//
// How listeners are kept (programs read these fields, so they are part of the contract):
//   _events       object without prototype: event name -> one function, or an array of functions
//   _eventsCount  number of names in it
//   _maxListeners limit for the leak warning, undefined: the default
// An array is replaced, or copied before it is walked, whenever an `emit` could be walking it:
// a listener added or removed during an emit takes effect with the next one.

const { codes } = require('internal/errors');
const validate = require('internal/validate');

const kCapture = Symbol('kCapture');
const kRejection = Symbol.for('nodejs.rejection');
const kErrorMonitor = Symbol('events.errorMonitor');
const kMaxEventTargetListeners = Symbol('events.maxEventTargetListeners');
const kMaxEventTargetListenersWarned = Symbol('events.maxEventTargetListenersWarned');

let defaultMaxListeners = 10;

function EventEmitter(options) {
  EventEmitter.init.call(this, options);
}

EventEmitter.prototype._events = undefined;
EventEmitter.prototype._eventsCount = 0;
EventEmitter.prototype._maxListeners = undefined;
Object.defineProperty(EventEmitter.prototype, kCapture, { value: false, writable: true, enumerable: false });

function checkListener(listener) {
  validate.func(listener, 'listener');
}

function define(target, methods) {
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  }
}

// ---- Limits and the leak warning --------------------------------------------------------------

function limitOf(emitter) {
  return emitter._maxListeners === undefined ? defaultMaxListeners : emitter._maxListeners;
}

function warnOfLeak(emitter, type, count) {
  const { inspect } = require('internal/format');
  const warning = new Error(
    `Possible EventEmitter memory leak detected. ${count} ${String(type)} listeners added to ${
      inspect(emitter, { depth: -1 })}. MaxListeners is ${emitter._maxListeners ?? defaultMaxListeners
    }. Use emitter.setMaxListeners() to increase limit`);
  warning.name = 'MaxListenersExceededWarning';
  warning.emitter = emitter;
  warning.type = type;
  warning.count = count;
  require('process').emitWarning(warning);
}

// ---- Adding and removing ------------------------------------------------------------------------

function add(emitter, type, listener, prepend) {
  checkListener(listener);
  let events = emitter._events;
  if (events === undefined) {
    events = emitter._events = Object.create(null);
    emitter._eventsCount = 0;
  } else if (events.newListener !== undefined) {
    // Told before the listener is there, so that nobody sees the announcement of itself.
    emitter.emit('newListener', type, listener.listener ?? listener);
    events = emitter._events;
  }
  const present = events[type];
  if (present === undefined) {
    events[type] = listener;
    emitter._eventsCount++;
    return emitter;
  }
  let list = present;
  if (typeof present === 'function') list = events[type] = prepend ? [listener, present] : [present, listener];
  else if (prepend) present.unshift(listener);
  else present.push(listener);

  const limit = limitOf(emitter);
  if (limit > 0 && list.length > limit && !list.warned) {
    list.warned = true;
    warnOfLeak(emitter, type, list.length);
  }
  return emitter;
}

// A once-wrapper is a function with the original under `listener`; `rawListeners` shows it, and
// `removeListener` finds it by either.
function wrapOnce(emitter, type, listener) {
  checkListener(listener);
  let fired = false;
  const wrapper = function(...args) {
    if (fired) return undefined;
    emitter.removeListener(type, wrapper);
    fired = true;
    return listener.apply(emitter, args);
  };
  Object.defineProperty(wrapper, 'name', { value: 'bound onceWrapper' });
  wrapper.listener = listener;
  return wrapper;
}

// The event name goes, or the whole table if it was the last one.
function forget(emitter, type) {
  emitter._eventsCount--;
  if (emitter._eventsCount === 0) emitter._events = Object.create(null);
  else delete emitter._events[type];
}

function remove(emitter, type, listener) {
  const events = emitter._events;
  const list = events?.[type];
  if (list === undefined) return;
  if (list === listener || list.listener === listener) {
    forget(emitter, type);
    if (events.removeListener) emitter.emit('removeListener', type, list.listener || listener);
    return;
  }
  if (typeof list === 'function') return;
  let at = list.length;
  while (--at >= 0) {
    if (list[at] === listener || list[at].listener === listener) break;
  }
  if (at < 0) return;
  if (at === 0) list.shift();
  else list.splice(at, 1);
  if (list.length === 1) events[type] = list[0];
  if (events.removeListener !== undefined) emitter.emit('removeListener', type, listener);
}

function removeAll(emitter, args) {
  const events = emitter._events;
  if (events === undefined) return;
  const [type] = args;
  if (events.removeListener === undefined) {
    if (args.length === 0) {
      emitter._events = Object.create(null);
      emitter._eventsCount = 0;
    } else if (events[type] !== undefined) forget(emitter, type);
    return;
  }
  // Somebody listens for removals: take them away one by one, that event's own listeners last.
  if (args.length === 0) {
    for (const key of Reflect.ownKeys(events)) {
      if (key !== 'removeListener') emitter.removeAllListeners(key);
    }
    emitter.removeAllListeners('removeListener');
    emitter._events = Object.create(null);
    emitter._eventsCount = 0;
    return;
  }
  const list = events[type];
  if (typeof list === 'function') emitter.removeListener(type, list);
  else if (list !== undefined) {
    for (let i = list.length - 1; i >= 0; i--) emitter.removeListener(type, list[i]);
  }
}

// ---- Emitting -----------------------------------------------------------------------------------

// Rejections of async listeners, when `captureRejections` is on.
function watchResult(emitter, result, type, args) {
  if (!emitter[kCapture]) return;
  try {
    const { then } = result;
    if (typeof then === 'function') {
      then.call(result, undefined, (error) => {
        // Out of the promise job, so that a throwing 'error' listener is an uncaught exception
        // and not one more rejection.
        require('process').nextTick(routeRejection, emitter, error, type, args);
      });
    }
  } catch (error) {
    emitter.emit('error', error);
  }
}

function routeRejection(emitter, error, type, args) {
  if (typeof emitter[kRejection] === 'function') {
    emitter[kRejection](error, type, ...args);
    return;
  }
  // An async 'error' listener that rejects must not come back here for ever.
  const before = emitter[kCapture];
  try {
    emitter[kCapture] = false;
    emitter.emit('error', error);
  } finally {
    emitter[kCapture] = before;
  }
}

function throwUnhandled(args) {
  const error = args.length > 0 ? args[0] : undefined;
  if (error instanceof Error) throw error;
  let text;
  try {
    text = require('internal/format').inspect(error);
  } catch {
    text = error;
  }
  const unhandled = new codes.ERR_UNHANDLED_ERROR(text);
  unhandled.context = error;
  throw unhandled;
}

function emit(type, ...args) {
  const events = this._events;
  if (type === 'error') {
    if (events !== undefined && events[kErrorMonitor] !== undefined) this.emit(kErrorMonitor, ...args);
    if (events === undefined || events.error === undefined) throwUnhandled(args);
  } else if (events === undefined) return false;

  const handler = events[type];
  if (handler === undefined) return false;
  if (typeof handler === 'function') {
    const result = handler.apply(this, args);
    if (result !== undefined && result !== null) watchResult(this, result, type, args);
    return true;
  }
  const snapshot = handler.slice();
  for (let i = 0; i < snapshot.length; i++) {
    const result = snapshot[i].apply(this, args);
    if (result !== undefined && result !== null) watchResult(this, result, type, args);
  }
  return true;
}

// ---- Asking -------------------------------------------------------------------------------------

function listenersOf(emitter, type, unwrap) {
  const list = emitter._events?.[type];
  if (list === undefined) return [];
  if (typeof list === 'function') return unwrap ? [list.listener || list] : [list];
  return unwrap ? list.map((one) => one.listener || one) : list.slice();
}

function listenerCount(type, listener) {
  const list = this._events?.[type];
  if (list === undefined) return 0;
  if (typeof list === 'function') {
    return listener == null || listener === list || listener === list.listener ? 1 : 0;
  }
  if (listener == null) return list.length;
  return list.filter((one) => one === listener || one.listener === listener).length;
}

define(EventEmitter.prototype, {
  setMaxListeners: function setMaxListeners(n) {
    validate.number(n, 'setMaxListeners', 0);
    this._maxListeners = n;
    return this;
  },
  getMaxListeners: function getMaxListeners() { return limitOf(this); },
  emit,
  addListener: function addListener(type, listener) { return add(this, type, listener, false); },
  prependListener: function prependListener(type, listener) { return add(this, type, listener, true); },
  once: function once(type, listener) { return this.on(type, wrapOnce(this, type, listener)); },
  prependOnceListener: function prependOnceListener(type, listener) {
    return this.prependListener(type, wrapOnce(this, type, listener));
  },
  removeListener: function removeListener(type, listener) {
    checkListener(listener);
    remove(this, type, listener);
    return this;
  },
  removeAllListeners: function removeAllListeners() {
    removeAll(this, arguments);
    return this;
  },
  listeners: function listeners(type) { return listenersOf(this, type, true); },
  rawListeners: function rawListeners(type) { return listenersOf(this, type, false); },
  listenerCount,
  eventNames: function eventNames() { return this._eventsCount > 0 ? Reflect.ownKeys(this._events) : []; },
});
EventEmitter.prototype.on = EventEmitter.prototype.addListener;
EventEmitter.prototype.off = EventEmitter.prototype.removeListener;

// ---- Static functions ---------------------------------------------------------------------------

function isEventTarget(value) {
  return typeof value?.addEventListener === 'function' && typeof value.dispatchEvent === 'function';
}

function badEmitter(name, value) {
  return new codes.ERR_INVALID_ARG_TYPE(name, ['EventEmitter', 'EventTarget'], value);
}

function getEventListeners(emitter, type) {
  if (typeof emitter.listeners === 'function') return emitter.listeners(type);
  if (isEventTarget(emitter)) return require('internal/web/event_target').listenersOf(emitter, type);
  throw badEmitter('emitter', emitter);
}

function getMaxListeners(emitter) {
  if (typeof emitter?.getMaxListeners === 'function') return limitOf(emitter);
  if (isEventTarget(emitter)) return require('internal/web/event_target').maxListenersOf(emitter);
  throw badEmitter('emitter', emitter);
}

function countListeners(emitter, type) {
  if (typeof emitter.listenerCount === 'function') return emitter.listenerCount(type);
  if (isEventTarget(emitter)) return require('internal/web/event_target').listenersOf(emitter, type).length;
  return listenerCount.call(emitter, type);
}
Object.defineProperty(countListeners, 'name', { value: 'listenerCount' });

module.exports = EventEmitter;
define(EventEmitter, {
  addAbortListener: function addAbortListener(signal, listener) {
    return require('internal/events/abort_listener').addAbortListener(signal, listener);
  },
  once: function once(emitter, type, options) {
    return require('internal/events/promise').nextEvent(emitter, type, options);
  },
  on: function on(emitter, type, options) {
    return require('internal/events/iterator').iterate(emitter, type, options);
  },
  getEventListeners,
  getMaxListeners,
  listenerCount: countListeners,
  EventEmitter,
  usingDomains: false,
  captureRejectionSymbol: kRejection,
});
Object.defineProperties(EventEmitter, {
  captureRejections: {
    get: () => EventEmitter.prototype[kCapture],
    set(value) {
      validate.boolean(value, 'EventEmitter.captureRejections');
      EventEmitter.prototype[kCapture] = value;
    },
    enumerable: true,
  },
  EventEmitterAsyncResource: {
    get: () => require('internal/events/async_resource').EventEmitterAsyncResource,
    set: undefined, enumerable: true, configurable: true,
  },
  errorMonitor: { value: kErrorMonitor, writable: true, enumerable: true, configurable: true },
  defaultMaxListeners: {
    get: () => defaultMaxListeners,
    set(value) {
      validate.number(value, 'defaultMaxListeners', 0);
      defaultMaxListeners = value;
    },
    enumerable: true,
  },
  kMaxEventTargetListeners: { value: kMaxEventTargetListeners },
  kMaxEventTargetListenersWarned: { value: kMaxEventTargetListenersWarned },
});
define(EventEmitter, {
  setMaxListeners(n = defaultMaxListeners, ...targets) {
    validate.number(n, 'setMaxListeners', 0);
    if (targets.length === 0) {
      defaultMaxListeners = n;
      return;
    }
    for (const target of targets) {
      if (typeof target.setMaxListeners === 'function') target.setMaxListeners(n);
      else if (isEventTarget(target)) require('internal/web/event_target').setMaxListeners(target, n);
      else throw badEmitter('eventTargets', target);
    }
  },
  init(options) {
    // A subclass may have put a table on its prototype; listeners must not be shared through it.
    if (this._events === undefined || this._events === Object.getPrototypeOf(this)._events) {
      this._events = Object.create(null);
      this._eventsCount = 0;
    }
    this._maxListeners = this._maxListeners || undefined;
    if (options?.captureRejections) {
      validate.boolean(options.captureRejections, 'options.captureRejections');
      this[kCapture] = true;
    } else this[kCapture] = EventEmitter.prototype[kCapture];
  },
});
