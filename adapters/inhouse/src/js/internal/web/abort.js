'use strict';
// AbortController and AbortSignal. Authority: https://dom.spec.whatwg.org/#aborting-ongoing-activities
//
// Contract for the runtime: `addAlgorithm(signal, steps)` is the standard's "add": the steps run once, before the
// `abort` event, and the returned function removes them. `signalAbort(signal, reason)` is "signal abort",
// `newSignal()` makes a signal of the runtime's own.

const {
  defineInterface, enforceRange, illegalConstructor, invalidArgType, invalidThis, requireArguments, sequence,
} = require('internal/web/webidl');
const {
  Event, EventTarget, createTrusted, defineEventHandler, fire, fireFromLoop, kListenersChanged, listsOf, setMaxListeners,
} = require('internal/web/event_target');

const construct = Symbol('construct');
const abortError = () => newDOMException('This operation was aborted', 'AbortError');
const timeoutError = () => newDOMException('The operation was aborted due to timeout', 'TimeoutError');

function newDOMException(message, name) {
  const { DOMException } = require('internal/web/dom_exception');
  return new DOMException(message, name);
}

let slotsOf;
let isAbortSignal;

class AbortSignal extends EventTarget {
  #slots = {
    aborted: false,
    reason: undefined,
    algorithms: new Set(), // "abort algorithms", in order of addition
    sources: undefined,    // "source signals": weak references; undefined unless the signal is dependent
    dependents: [],        // "dependent signals": Dependent entries, in order of creation
    pruneAt: 16,           // how many entries call for a look at which of them are dead
    held: [],              // the entries by which this signal's sources hold it
  };

  constructor() {
    if (arguments[0] !== construct) throw illegalConstructor();
    super();
    setMaxListeners(this, 0); // signals of long-lived tasks collect listeners by design
  }

  static {
    slotsOf = (signal) => signal.#slots;
    isAbortSignal = (value) => typeof value === 'object' && value !== null && #slots in value;
  }

  static abort(reason = undefined) {
    const signal = new AbortSignal(construct);
    setAborted(slotsOf(signal), reason);
    return signal;
  }

  // The timer does not hold the process: a program waits for its work, not for the time-out of it.
  static timeout(milliseconds) {
    requireArguments(arguments.length, 'milliseconds');
    const delay = enforceRange(milliseconds, Number.MAX_SAFE_INTEGER, 'The timeout');
    const signal = new AbortSignal(construct);
    setTimeoutInternal(() => signalAbort(signal, timeoutError(), fireFromLoop), delay);
    return signal;
  }

  static any(signals) {
    requireArguments(arguments.length, 'signals');
    return dependentOn(sequence(signals, 'signals', (one, name) => {
      if (!isAbortSignal(one)) throw invalidArgType(name, 'AbortSignal', one);
      return one;
    }));
  }

  get aborted() { return unwrap(this).aborted; }

  get reason() { return unwrap(this).reason; }

  throwIfAborted() {
    const { aborted, reason } = unwrap(this);
    if (aborted) throw reason;
  }

  // "garbage collection": while somebody listens, a dependent signal lives as long as one of its sources.
  [kListenersChanged](type) {
    if (type === 'abort') updateReachability(this);
  }
}

Object.defineProperty(AbortSignal.prototype, kListenersChanged, { enumerable: false });
defineInterface(AbortSignal, { statics: ['abort', 'timeout', 'any'] });
defineEventHandler(AbortSignal, 'abort', { check: unwrap });

function unwrap(signal) {
  if (!isAbortSignal(signal)) throw invalidThis('AbortSignal');
  return slotsOf(signal);
}

// Timers of the runtime's own, which a program cannot replace. The longest delay a timer knows is 2^31 - 1.
function setTimeoutInternal(callback, delay) {
  const { setTimeout } = require('timers');
  const max = 2 ** 31 - 1;
  const timer = delay > max
    ? setTimeout(() => setTimeoutInternal(callback, delay - max), max)
    : setTimeout(callback, delay);
  timer.unref?.();
}

// ---- Algorithms -------------------------------------------------------------------------------

// "add" an abort algorithm; the result is "remove".
function addAlgorithm(signal, steps) {
  const { aborted, algorithms } = slotsOf(signal);
  if (aborted) return () => {};
  const entry = { steps };
  algorithms.add(entry);
  updateReachability(signal);
  return () => {
    if (algorithms.delete(entry)) updateReachability(signal);
  };
}

function setAborted(slots, reason) {
  slots.aborted = true;
  slots.reason = reason === undefined ? abortError() : reason;
}

// "signal abort": all are marked before the first is told.
function signalAbort(signal, reason, dispatch = fire) {
  const slots = slotsOf(signal);
  if (slots.aborted) return;
  setAborted(slots, reason);
  const dependents = slots.dependents.map((one) => one.get());
  slots.dependents = [];
  const marked = dependents.filter((one) => one !== undefined && !slotsOf(one).aborted);
  for (const dependent of marked) setAborted(slotsOf(dependent), slots.reason);
  runAbortSteps(signal, slots, dispatch);
  for (const dependent of marked) runAbortSteps(dependent, slotsOf(dependent), dispatch);
}

// "run the abort steps"
function runAbortSteps(signal, slots, dispatch) {
  const { algorithms } = slots;
  for (const { steps } of algorithms) steps();
  algorithms.clear();
  if (listsOf(signal).has('abort')) dispatch(signal, createTrusted(Event, 'abort'));
}

// ---- Dependent signals ------------------------------------------------------------------------

// A source's hold on a dependent signal: weak, and strong while somebody waits for the dependent.
class Dependent {
  constructor(signal) {
    this.weak = new WeakRef(signal);
    this.strong = undefined;
  }

  get() { return this.strong ?? this.weak.deref(); }
}

// "create a dependent abort signal"
function dependentOn(signals) {
  const result = new AbortSignal(construct);
  const slots = slotsOf(result);
  const aborted = signals.find((one) => slotsOf(one).aborted);
  if (aborted !== undefined) {
    setAborted(slots, slotsOf(aborted).reason);
    return result;
  }
  // A dependent source is replaced by its own sources: there is one level only.
  const roots = new Set();
  for (const signal of signals) {
    const { sources } = slotsOf(signal);
    if (sources === undefined) roots.add(signal);
    else for (const source of sources) if (source.deref() !== undefined) roots.add(source.deref());
  }
  slots.sources = [...roots].map((root) => new WeakRef(root));
  for (const root of roots) {
    const entry = new Dependent(result);
    slots.held.push(entry);
    addDependent(slotsOf(root), entry);
  }
  return result;
}

function addDependent(source, entry) {
  if (source.dependents.length >= source.pruneAt) {
    source.dependents = source.dependents.filter((one) => one.get() !== undefined);
    source.pruneAt = Math.max(16, 2 * source.dependents.length);
  }
  source.dependents.push(entry);
}

function updateReachability(signal) {
  const { held, algorithms, aborted } = slotsOf(signal);
  if (held.length === 0 || aborted) return;
  const awaited = algorithms.size > 0 || listsOf(signal).has('abort');
  for (const entry of held) entry.strong = awaited ? signal : undefined;
}

// ---- AbortController --------------------------------------------------------------------------

class AbortController {
  #signal = new AbortSignal(construct);

  get signal() {
    if (!(#signal in this)) throw invalidThis('AbortController');
    return this.#signal;
  }

  abort(reason = undefined) {
    if (!(#signal in this)) throw invalidThis('AbortController');
    signalAbort(this.#signal, reason);
  }
}

defineInterface(AbortController);

const newSignal = () => new AbortSignal(construct);

module.exports = { AbortController, AbortSignal, isAbortSignal, newSignal, addAlgorithm, signalAbort, dependentOn };
