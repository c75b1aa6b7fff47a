'use strict';
// EventTarget: listeners, dispatch, event handler attributes. Authority: https://dom.spec.whatwg.org/#interface-eventtarget
//
// Contract for the runtime's own targets, beside the public classes:
//   fire(target, event)           dispatches; listeners' errors are reported, never thrown
//   fireFromLoop(target, event)   the same with nothing below on the stack: where the loop's policy asks for a
//                                 microtask checkpoint after each callback, there is one after each listener
//   [kListenersChanged](type, n, added)  method of a subclass: told when the number of listeners of `type` becomes n,
//                                 with the listener if one was added
//   [kGetTheParent](event)        method of a subclass: the next target of the event's path, or null

const {
  defineInterface, domString, invalidArgType, invalidThis, isObject, requireArguments,
} = require('internal/web/webidl');
const {
  Event, CustomEvent, NONE, CAPTURING_PHASE, AT_TARGET, BUBBLING_PHASE, isEvent, stateOf, createTrusted, reportException,
} = require('internal/web/event');

const { apply } = Reflect;
const kListenersChanged = Symbol('kListenersChanged');
const kGetTheParent = Symbol('kGetTheParent');
// Listener option: runs although a listener before it has stopped the propagation (events.addAbortListener needs it).
const kResistStopPropagation = Symbol('kResistStopPropagation');
// Listener option: the listener is called with the event's payload, as an emitter's would be.
const kWithPayload = Symbol('kWithPayload');

// Lists of objects that became targets without being constructed as such: the global object of a page.
const adopted = new WeakMap();

let listsOf;
let limitOf;
let setMaxListeners;
let isEventTarget;

class EventTarget {
  // type -> its listeners in order of registration; made at the first listener.
  #lists = undefined;
  #limit = undefined;

  constructor() {
    if (new.target === undefined) throw new TypeError("Class constructor EventTarget cannot be invoked without 'new'");
  }

  static {
    listsOf = (target) => (#lists in target ? (target.#lists ??= new Map()) : adopted.get(target));
    isEventTarget = (value) => isObject(value) && (#lists in value || adopted.has(value));
    limitOf = (target) => (#limit in target ? target.#limit : undefined);
    setMaxListeners = (target, limit) => { target.#limit = limit; };
  }

  addEventListener(type, callback, options = undefined) {
    checkThis(this);
    requireArguments(arguments.length, 'type', 'listener');
    const name = domString(type);
    const listener = flattenMore(options, callback);
    if (listener !== undefined) addListener(this, name, listener);
  }

  removeEventListener(type, callback, options = undefined) {
    checkThis(this);
    requireArguments(arguments.length, 'type', 'listener');
    const name = domString(type);
    if (!isCallback(callback)) return;
    const capture = flatten(options);
    const list = listsOf(this).get(name);
    const found = list?.find((one) => one.callback === callback && one.capture === capture);
    if (found !== undefined) removeListener(this, name, found);
  }

  dispatchEvent(event) {
    checkThis(this);
    requireArguments(arguments.length, 'event');
    if (!isEvent(event)) throw invalidArgType('event', 'Event', event);
    const state = stateOf(event);
    if (state.dispatching || !state.initialized) {
      const { DOMException } = require('internal/web/dom_exception');
      throw new DOMException('The event is already being dispatched', 'InvalidStateError');
    }
    state.isTrusted = false;
    return dispatch(this, event, undefined);
  }
}

defineInterface(EventTarget);

function adopt(object) {
  adopted.set(object, new Map());
}

function checkThis(target) {
  if (!isEventTarget(target)) throw invalidThis('EventTarget');
}

// ---- Options ----------------------------------------------------------------------------------

// "EventListener? callback": null and undefined are no listener, other primitives are an error.
function isCallback(callback) {
  if (callback === null || callback === undefined) return false;
  if (!isObject(callback)) throw invalidArgType('listener', ['Function', 'EventListener'], callback);
  return true;
}

// "flatten"
function flatten(options) {
  return isObject(options) ? Boolean(options.capture) : Boolean(options);
}

// "flatten more", and the new listener. Undefined if there is nothing to add.
function flattenMore(options, callback) {
  const listener = {
    callback, capture: false, passive: false, once: false, signal: undefined, removed: false,
    resists: false, withPayload: false, disconnect: undefined,
  };
  if (isObject(options)) {
    listener.capture = Boolean(options.capture);
    listener.once = Boolean(options.once);
    listener.passive = Boolean(options.passive);
    listener.signal = options.signal;
    listener.resists = Boolean(options[kResistStopPropagation]);
    listener.withPayload = Boolean(options[kWithPayload]);
  } else {
    listener.capture = Boolean(options);
  }
  if (listener.signal !== undefined) {
    const { isAbortSignal } = require('internal/web/abort');
    if (!isAbortSignal(listener.signal)) throw invalidArgType('options.signal', 'AbortSignal', listener.signal);
  }
  return isCallback(callback) ? listener : undefined;
}

// ---- The list of listeners --------------------------------------------------------------------

// "add an event listener"
function addListener(target, type, listener) {
  const { signal } = listener;
  if (signal?.aborted) return;
  const lists = listsOf(target);
  const list = lists.get(type) ?? [];
  if (list.some((one) => one.callback === listener.callback && one.capture === listener.capture)) return;
  list.push(listener);
  lists.set(type, list);
  if (signal !== undefined) {
    const { addAlgorithm } = require('internal/web/abort');
    listener.disconnect = addAlgorithm(signal, () => removeListener(target, type, listener));
  }
  target[kListenersChanged]?.(type, list.length, listener);
  // Looked at only from the default limit on, so that programs with few listeners do not load `events`.
  if (list.length > (limitOf(target) ?? 10)) checkLimit(target, type, list.length);
}

// "remove an event listener"
function removeListener(target, type, listener) {
  if (listener.removed) return;
  listener.removed = true;
  listener.disconnect?.();
  const lists = listsOf(target);
  const rest = lists.get(type).filter((one) => one !== listener);
  if (rest.length === 0) lists.delete(type);
  else lists.set(type, rest);
  target[kListenersChanged]?.(type, rest.length);
}

// What events.getEventListeners shows.
function listenersOf(target, type) {
  return (listsOf(target).get(type) ?? []).map(({ callback }) => callback);
}

// ---- Dispatch ---------------------------------------------------------------------------------

// "dispatch", without shadow trees and activation behaviour. True unless the event was canceled.
function dispatch(target, event, afterListener) {
  const state = stateOf(event);
  state.dispatching = true;
  state.target = target;
  const path = [target];
  for (let parent = target[kGetTheParent]?.(event) ?? null; parent !== null;
    parent = parent[kGetTheParent]?.(event) ?? null) path.push(parent);
  state.path = path;
  for (let i = path.length - 1; i >= 0; i--) {
    state.phase = i === 0 ? AT_TARGET : CAPTURING_PHASE;
    invoke(path[i], event, state, true, afterListener);
  }
  for (let i = 0; i < path.length; i++) {
    if (i > 0 && !state.bubbles) break;
    state.phase = i === 0 ? AT_TARGET : BUBBLING_PHASE;
    invoke(path[i], event, state, false, afterListener);
  }
  state.phase = NONE;
  state.currentTarget = null;
  state.path = [];
  state.dispatching = false;
  state.stopPropagation = false;
  state.stopImmediate = false;
  return !state.canceled;
}

// "invoke" and "inner invoke". The list is replaced, never changed in place by a removal, and additions go behind
// `length`: so neither disturbs this walk, and `removed` keeps a listener silent that was removed before its turn.
function invoke(target, event, state, capturing, afterListener) {
  const list = listsOf(target).get(state.type);
  if (list === undefined) return;
  const stopped = state.stopPropagation;
  state.currentTarget = target;
  const { length } = list;
  for (let i = 0; i < length; i++) {
    const listener = list[i];
    if (listener.removed || listener.capture !== capturing) continue;
    if ((stopped || state.stopImmediate) && !listener.resists) continue;
    if (listener.once) removeListener(target, state.type, listener);
    state.inPassive = listener.passive;
    call(listener, event);
    state.inPassive = false;
    afterListener?.();
  }
}

// "call a user object's operation" handleEvent, reporting exceptions. Node also reports the rejection of a promise that
// the listener returns.
function call({ callback, withPayload }, event) {
  const { currentTarget } = event;
  try {
    let result;
    if (withPayload) {
      result = apply(callback, currentTarget, payloadOf(event));
    } else if (typeof callback === 'function') {
      result = apply(callback, currentTarget, [event]);
    } else {
      const { handleEvent } = callback;
      if (typeof handleEvent !== 'function') throw new TypeError('handleEvent is not a function');
      result = apply(handleEvent, callback, [event]);
    }
    if (isObject(result)) {
      const { then } = result;
      if (typeof then === 'function') apply(then, result, [undefined, reportException]);
    }
  } catch (error) {
    reportException(error);
  }
}

// What an emitter-like listener is called with: the arguments of `emit`, else the message.
const payloadOf = (event) => stateOf(event).payload ?? ['data' in event ? event.data : event];

function fire(target, event) {
  return dispatch(target, event, undefined);
}

function fireFromLoop(target, event) {
  return dispatch(target, event, host.loop.checkpoint);
}

// ---- Too many listeners -----------------------------------------------------------------------

// Node's warning of a leak: once for a type of a target. No own limit means events.defaultMaxListeners, 0 means none.
const warned = new WeakMap();

function checkLimit(target, type, count) {
  const limit = limitOf(target) ?? require('events').defaultMaxListeners;
  const types = warned.get(target) ?? new Set();
  if (limit === 0 || count <= limit || types.has(type)) return;
  warned.set(target, types.add(type));
  const name = Object.prototype.toString.call(target);
  const warning = new Error(`Possible EventTarget memory leak detected. ${count} ${type} listeners added to ${name}. ` +
    `MaxListeners is ${limit}. Use events.setMaxListeners() to increase limit`);
  Object.assign(warning, { name: 'MaxListenersExceededWarning', target, type, count });
  require('process').emitWarning(warning);
}

const maxListenersOf = (target) => limitOf(target) ?? require('events').defaultMaxListeners;

// ---- Event handler attributes -----------------------------------------------------------------

// "event handlers" of HTML: an attribute `on<type>` whose listener keeps the place of its first assignment, until the
// attribute is set to null.
// `check` throws for a foreign `this`; `activated` is told when a handler is set where none was.
function defineEventHandler(Class, type, { check = checkThis, activated = undefined } = {}) {
  const handlers = new WeakMap();
  const accessors = {
    get handler() {
      check(this);
      return handlers.get(this)?.value ?? null;
    },
    set handler(given) {
      check(this);
      const value = isObject(given) ? given : null; // [LegacyTreatNonObjectAsNull]
      const current = handlers.get(this);
      if (value === null) {
        if (current === undefined) return;
        handlers.delete(this);
        removeListener(this, type, current.listener);
      } else if (current !== undefined) {
        current.value = value;
      } else {
        const handler = { value, listener: undefined };
        // "the event handler processing algorithm"
        const listener = flattenMore(undefined, function handle(event) {
          if (typeof handler.value !== 'function') return undefined;
          const result = apply(handler.value, this, [event]);
          if (result === false) event.preventDefault();
          return result;
        });
        handler.listener = listener;
        handlers.set(this, handler);
        addListener(this, type, listener);
        activated?.(this);
      }
    },
  };
  const { get, set } = Object.getOwnPropertyDescriptor(accessors, 'handler');
  Object.defineProperty(get, 'name', { value: `get on${type}` });
  Object.defineProperty(set, 'name', { value: `set on${type}` });
  Object.defineProperty(Class.prototype, `on${type}`, { get, set, enumerable: true, configurable: true });
}

module.exports = {
  Event, CustomEvent, EventTarget, isEventTarget, adopt, createTrusted, fire, fireFromLoop, defineEventHandler, addListener,
  removeListener, flattenMore, listsOf, listenersOf, setMaxListeners, maxListenersOf,
  kListenersChanged, kGetTheParent, kResistStopPropagation, kWithPayload,
};
