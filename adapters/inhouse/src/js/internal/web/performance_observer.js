'use strict';
// The performance timeline: its buffers, and PerformanceObserver. Authority: https://w3c.github.io/performance-timeline/

const { callback: convertCallback, coded, defineInterface, dictionary, domString, illegalConstructor, invalidThis,
  requireArguments, sequence } = require('internal/web/webidl');
const { slotsOf } = require('internal/web/performance_entry');

const SUPPORTED = Object.freeze(['mark', 'measure']);
const construct = Symbol('construct');

// ---- Buffers ----------------------------------------------------------------------------------

// "performance entry buffer map": type -> its entries in order of addition.
const buffers = new Map(SUPPORTED.map((type) => [type, []]));

// "filter buffer by name and type", in order of start time; entries that start together keep their order.
function filterEntries(entries, name = undefined, type = undefined) {
  return entries
    .filter((entry) => {
      const slots = slotsOf(entry);
      return (name === undefined || slots.name === name) && (type === undefined || slots.entryType === type);
    })
    .sort((a, b) => slotsOf(a).startTime - slotsOf(b).startTime);
}

const allEntries = () => [...buffers.values()].flat();

function clearEntries(type, name = undefined) {
  buffers.set(type, name === undefined ? [] : buffers.get(type).filter((entry) => slotsOf(entry).name !== name));
}

// The most recent mark of a name, or undefined.
const lastMark = (name) => buffers.get('mark').findLast((entry) => slotsOf(entry).name === name);

// "queue a PerformanceEntry", and "add to the performance entry buffer"
function queueEntry(entry) {
  const { entryType } = slotsOf(entry);
  for (const observer of registered) {
    if (observer.types.has(entryType)) {
      observer.buffer.push(entry);
      queueTask();
    }
  }
  buffers.get(entryType).push(entry);
}

// ---- The observer task ------------------------------------------------------------------------

// Records of registered observers, in order of registration.
const registered = new Set();
let taskQueued = false;

// "queue the PerformanceObserver task"; in Node it runs as an immediate.
function queueTask() {
  if (taskQueued) return;
  taskQueued = true;
  require('timers').setImmediate(() => {
    taskQueued = false;
    for (const observer of [...registered]) {
      const entries = observer.buffer;
      if (entries.length === 0) continue;
      observer.buffer = [];
      const list = new PerformanceObserverEntryList(construct, entries);
      try {
        Reflect.apply(observer.callback, observer.facade, [list, observer.facade, { droppedEntriesCount: 0 }]);
      } catch (error) {
        require('internal/web/event').reportException(error);
      }
    }
  });
}

// ---- PerformanceObserverEntryList -------------------------------------------------------------

class PerformanceObserverEntryList {
  #entries;

  constructor() {
    if (arguments[0] !== construct) throw illegalConstructor();
    this.#entries = arguments[1];
  }

  static #of(list) {
    if (!(#entries in list)) throw invalidThis('PerformanceObserverEntryList');
    return list.#entries;
  }

  getEntries() { return filterEntries(PerformanceObserverEntryList.#of(this)); }

  getEntriesByType(type) {
    const entries = PerformanceObserverEntryList.#of(this);
    requireArguments(arguments.length, 'type');
    return filterEntries(entries, undefined, domString(type));
  }

  getEntriesByName(name, type = undefined) {
    const entries = PerformanceObserverEntryList.#of(this);
    requireArguments(arguments.length, 'name');
    return filterEntries(entries, domString(name), type === undefined ? undefined : domString(type));
  }
}

defineInterface(PerformanceObserverEntryList);

// ---- PerformanceObserver ----------------------------------------------------------------------

class PerformanceObserver {
  #observer;

  constructor(callback) {
    convertCallback(callback, 'callback');
    // `kind`: how observe() was called, which must not change ("observer type").
    this.#observer = { facade: this, callback, buffer: [], types: new Set(), kind: undefined };
  }

  static get supportedEntryTypes() { return SUPPORTED; }

  static #of(facade) {
    if (!(#observer in facade)) throw invalidThis('PerformanceObserver');
    return facade.#observer;
  }

  observe(options = undefined) {
    const observer = PerformanceObserver.#of(this);
    const { buffered, entryTypes, type } = dictionary(options, 'options');
    if (entryTypes === undefined && type === undefined) {
      throw coded(TypeError, 'ERR_MISSING_ARGS', 'The "options.entryTypes" and "options.type" arguments must be specified');
    }
    if (entryTypes !== undefined && (type !== undefined || buffered !== undefined)) {
      throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', 'options.entryTypes can not set with options.type and options.buffered together');
    }
    const kind = entryTypes !== undefined ? 'multiple' : 'single';
    if (observer.kind !== undefined && observer.kind !== kind) {
      const { DOMException } = require('internal/web/dom_exception');
      throw new DOMException('PerformanceObserver can not change to another kind of observation', 'InvalidModificationError');
    }
    if (kind === 'multiple') {
      const types = sequence(entryTypes, 'options.entryTypes', (value) => domString(value))
        .filter((one) => SUPPORTED.includes(one));
      observer.kind = kind;
      if (types.length === 0) return;
      observer.types = new Set(types);
    } else {
      const name = domString(type);
      observer.kind = kind;
      if (!SUPPORTED.includes(name)) return;
      observer.types.add(name);
      if (buffered) {
        observer.buffer.push(...buffers.get(name));
        queueTask();
      }
    }
    registered.add(observer);
  }

  disconnect() {
    const observer = PerformanceObserver.#of(this);
    registered.delete(observer);
    observer.buffer = [];
    observer.types.clear();
    observer.kind = undefined;
  }

  takeRecords() {
    const observer = PerformanceObserver.#of(this);
    const entries = observer.buffer;
    observer.buffer = [];
    return entries;
  }
}

defineInterface(PerformanceObserver, { statics: ['supportedEntryTypes'] });

module.exports = {
  PerformanceObserver, PerformanceObserverEntryList, allEntries, buffers, clearEntries, filterEntries, lastMark, queueEntry,
};
