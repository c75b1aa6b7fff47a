'use strict';
// The interface Performance and its one object. Authority: https://w3c.github.io/hr-time/, https://w3c.github.io/user-timing/

const { coded, defineInterface, dictionary, domString, illegalConstructor, invalidThis, isObject, requireArguments } =
  require('internal/web/webidl');
const { EventTarget } = require('internal/web/event_target');
const { PerformanceEntry, PerformanceMark, PerformanceMeasure, newMeasure, slotsOf, timestamp } =
  require('internal/web/performance_entry');
const { PerformanceObserver, PerformanceObserverEntryList, allEntries, buffers, clearEntries, filterEntries, lastMark,
  queueEntry } = require('internal/web/performance_observer');

const { clock } = host;
const construct = Symbol('construct');

let isPerformance;

class Performance extends EventTarget {
  #brand;

  constructor() {
    if (arguments[0] !== construct) throw illegalConstructor();
    super();
  }

  static {
    isPerformance = (value) => isObject(value) && #brand in value;
  }

  now() {
    check(this);
    return clock.now();
  }

  get timeOrigin() {
    check(this);
    return clock.timeOrigin;
  }

  toJSON() {
    check(this);
    return { timeOrigin: clock.timeOrigin };
  }

  // ---- The timeline ----

  getEntries() {
    check(this);
    return filterEntries(allEntries());
  }

  getEntriesByType(type) {
    check(this);
    requireArguments(arguments.length, 'type');
    return filterEntries(buffers.get(domString(type)) ?? []);
  }

  getEntriesByName(name, type = undefined) {
    check(this);
    requireArguments(arguments.length, 'name');
    return filterEntries(allEntries(), domString(name), type === undefined ? undefined : domString(type));
  }

  // ---- User timing ----

  mark(markName, markOptions = undefined) {
    check(this);
    requireArguments(arguments.length, 'name');
    const mark = new PerformanceMark(markName, markOptions);
    queueEntry(mark);
    return mark;
  }

  clearMarks(markName = undefined) {
    check(this);
    clearEntries('mark', markName === undefined ? undefined : domString(markName));
  }

  measure(measureName, startOrMeasureOptions = undefined, endMark = undefined) {
    check(this);
    requireArguments(arguments.length, 'name');
    const name = domString(measureName);
    const options = convertOptions(startOrMeasureOptions);
    const end = endMark === undefined ? undefined : domString(endMark);
    checkOptions(options, end);
    const endTime = end !== undefined ? markTime(end) : endOf(options);
    const startTime = startOf(options, endTime);
    const measure = newMeasure(name, startTime, endTime - startTime, options.detail);
    queueEntry(measure);
    return measure;
  }

  clearMeasures(measureName = undefined) {
    check(this);
    clearEntries('measure', measureName === undefined ? undefined : domString(measureName));
  }
}

defineInterface(Performance);

function check(value) {
  if (!isPerformance(value)) throw invalidThis('Performance');
}

// ---- measure() --------------------------------------------------------------------------------

const wrong = (message) => coded(TypeError, 'ERR_INVALID_ARG_VALUE', message);

// (DOMString or PerformanceMeasureOptions); a string becomes a start.
function convertOptions(given) {
  if (given !== undefined && given !== null && !isObject(given)) return { start: domString(given), isOptions: false };
  const { detail, duration, end, start } = dictionary(given, 'options');
  return {
    detail,
    duration: duration === undefined ? undefined : convertTime(duration),
    end: end === undefined ? undefined : convertTime(end),
    start: start === undefined ? undefined : convertTime(start),
    isOptions: [detail, duration, end, start].some((member) => member !== undefined),
  };
}

// (DOMString or DOMHighResTimeStamp)
const convertTime = (value) => (typeof value === 'number' ? value : domString(value));

function checkOptions({ isOptions, start, duration, end }, endMark) {
  if (!isOptions) return;
  if (endMark !== undefined) throw wrong('endMark must not be specified');
  if (start === undefined && end === undefined) throw wrong('One of options.start or options.end is required');
  if (start !== undefined && duration !== undefined && end !== undefined) {
    throw wrong('Must not have options.start, options.end, and options.duration specified');
  }
}

// "convert a mark to a timestamp"
function markTime(mark) {
  if (typeof mark === 'number') return timestamp(mark, 'A timestamp');
  const entry = lastMark(mark);
  if (entry === undefined) {
    const { DOMException } = require('internal/web/dom_exception');
    throw new DOMException(`The "${mark}" performance mark has not been set`, 'SyntaxError');
  }
  return slotsOf(entry).startTime;
}

function endOf({ isOptions, end, start, duration }) {
  if (end !== undefined) return markTime(end);
  if (isOptions && start !== undefined && duration !== undefined) return markTime(start) + markTime(duration);
  return clock.now();
}

function startOf({ start, duration, end }, endTime) {
  if (start !== undefined) return markTime(start);
  if (duration !== undefined && end !== undefined) return endTime - markTime(duration);
  return 0;
}

// Node's additions.
for (const name of ['eventLoopUtilization', 'timerify']) {
  Object.defineProperty(Performance.prototype, name, {
    configurable: true, writable: true, value: (...args) => require('internal/perf/loop')[name](...args),
  });
}

const performance = new Performance(construct);

module.exports = {
  Performance, performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceObserver,
  PerformanceObserverEntryList,
};
