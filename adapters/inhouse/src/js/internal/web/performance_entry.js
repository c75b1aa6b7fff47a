'use strict';
// PerformanceEntry, PerformanceMark, PerformanceMeasure.
// Authority: https://w3c.github.io/performance-timeline/#the-performanceentry-interface, https://w3c.github.io/user-timing/

const { coded, defineInterface, dictionary, domString, illegalConstructor, invalidThis, requireArguments, restrictedDouble } =
  require('internal/web/webidl');

const construct = Symbol('construct');

let slotsOf;

class PerformanceEntry {
  #slots;

  constructor() {
    if (arguments[0] !== construct) throw illegalConstructor();
    this.#slots = arguments[1];
  }

  static {
    slotsOf = (entry) => {
      if (!(#slots in entry)) throw invalidThis('PerformanceEntry');
      return entry.#slots;
    };
  }

  get name() { return slotsOf(this).name; }

  get entryType() { return slotsOf(this).entryType; }

  get startTime() { return slotsOf(this).startTime; }

  get duration() { return slotsOf(this).duration; }

  toJSON() {
    const { name, entryType, startTime, duration, detail } = slotsOf(this);
    const json = { name, entryType, startTime, duration };
    if (detail !== undefined) json.detail = detail;
    return json;
  }
}

defineInterface(PerformanceEntry);

// A copy for the entry; null if there is none.
function cloneDetail(detail) {
  if (detail === undefined || detail === null) return null;
  const { deserialize, serialize } = require('internal/web/structured_clone');
  return deserialize(serialize(detail));
}

function timestamp(value, what) {
  const time = restrictedDouble(value, what);
  if (time < 0) throw coded(TypeError, 'ERR_PERFORMANCE_INVALID_TIMESTAMP', `${time} is not a valid timestamp`);
  return time;
}

class PerformanceMark extends PerformanceEntry {
  constructor(markName, markOptions = undefined) {
    requireArguments(arguments.length, 'name');
    const name = domString(markName);
    const { detail, startTime } = dictionary(markOptions, 'options');
    super(construct, {
      name,
      entryType: 'mark',
      startTime: startTime === undefined ? host.clock.now() : timestamp(startTime, 'options.startTime'),
      duration: 0,
      detail: cloneDetail(detail),
    });
  }

  get detail() { return slotsOf(this).detail; }
}

defineInterface(PerformanceMark);

class PerformanceMeasure extends PerformanceEntry {
  get detail() { return slotsOf(this).detail; }
}

defineInterface(PerformanceMeasure);

function newMeasure(name, startTime, duration, detail) {
  return new PerformanceMeasure(construct, { name, entryType: 'measure', startTime, duration, detail: cloneDetail(detail) });
}

module.exports = { PerformanceEntry, PerformanceMark, PerformanceMeasure, newMeasure, slotsOf, timestamp };
