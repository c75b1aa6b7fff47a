'use strict';
// Histograms of whole numbers, and the one of the loop's delays.
// Authority: https://nodejs.org/api/perf_hooks.html#class-histogram, #perf_hooksmonitoreventloopdelayoptions

const validate = require('internal/validate');

class Histogram {
  // value -> how often; values are kept as they are recorded.
  #counts = new Map();
  #count = 0;
  #sum = 0;
  #exceeds = 0;
  #highest;

  constructor(highest) { this.#highest = highest; }

  _record(value) {
    if (value > this.#highest) {
      this.#exceeds++;
      return;
    }
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
    this.#count++;
    this.#sum += value;
  }

  *_entries() { yield* this.#counts; }

  get count() { return this.#count; }
  get countBigInt() { return BigInt(this.#count); }
  get exceeds() { return this.#exceeds; }
  get exceedsBigInt() { return BigInt(this.#exceeds); }
  get min() { return this.#count === 0 ? 9223372036854776000 : Math.min(...this.#counts.keys()); }
  get minBigInt() { return BigInt(this.min); }
  get max() { return this.#count === 0 ? 0 : Math.max(...this.#counts.keys()); }
  get maxBigInt() { return BigInt(this.max); }
  get mean() { return this.#count === 0 ? NaN : this.#sum / this.#count; }

  get stddev() {
    if (this.#count === 0) return NaN;
    const { mean } = this;
    let squares = 0;
    for (const [value, times] of this.#counts) squares += times * (value - mean) ** 2;
    return Math.sqrt(squares / this.#count);
  }

  percentile(percentile) {
    validate.number(percentile, 'percentile');
    if (!(percentile > 0 && percentile <= 100)) {
      const { codes } = require('internal/errors');
      throw new codes.ERR_OUT_OF_RANGE('percentile', '> 0 && <= 100', percentile);
    }
    let left = Math.max(1, Math.ceil(percentile / 100 * this.#count));
    for (const [value, times] of [...this.#counts].sort(([one], [other]) => one - other)) {
      left -= times;
      if (left <= 0) return value;
    }
    return 0;
  }

  percentileBigInt(percentile) { return BigInt(this.percentile(percentile)); }

  get percentiles() {
    const result = new Map();
    for (let share = 100; result.size < 10 && this.#count > 0; share /= 2) result.set(100 - share, this.percentile(Math.max(100 - share, Number.MIN_VALUE)));
    return result.set(100, this.max);
  }

  reset() {
    this.#counts.clear();
    this.#count = this.#sum = this.#exceeds = 0;
  }
}

class RecordableHistogram extends Histogram {
  #last;

  record(value) {
    if (typeof value === 'bigint') value = Number(value);
    validate.integer(value, 'val', 1);
    this._record(value);
  }

  recordDelta() {
    const now = host.clock.nanos();
    if (this.#last !== undefined) this._record(Math.max(1, now - this.#last));
    this.#last = now;
  }

  add(other) {
    for (const [value, times] of other._entries()) for (let at = 0; at < times; at++) this._record(value);
  }
}

// Records, in nanoseconds, how far apart the beats of a timer are. The timer keeps no program alive.
class IntervalHistogram extends Histogram {
  #timer;
  #resolution;
  #last;

  constructor(resolution) {
    super(3.6e12);
    this.#resolution = resolution;
  }

  enable() {
    if (this.#timer !== undefined) return false;
    this.#last = host.clock.nanos();
    this.#timer = require('timers').setInterval(() => {
      const now = host.clock.nanos();
      if (now > this.#last) this._record(now - this.#last);
      this.#last = now;
    }, this.#resolution).unref();
    return true;
  }

  disable() {
    if (this.#timer === undefined) return false;
    clearInterval(this.#timer);
    this.#timer = undefined;
    return true;
  }

  [Symbol.dispose ?? Symbol('Symbol.dispose')]() { this.disable(); }
}

function monitorEventLoopDelay(options = {}) {
  validate.object(options, 'options');
  const { resolution = 10 } = options;
  validate.integer(resolution, 'options.resolution', 1);
  return new IntervalHistogram(resolution);
}

function createHistogram(options = {}) {
  validate.object(options, 'options');
  const { lowest = 1, highest = Number.MAX_SAFE_INTEGER, figures = 3 } = options;
  validate.integer(Number(lowest), 'options.lowest', 1);
  validate.integer(Number(highest), 'options.highest', 2 * Number(lowest));
  validate.integer(figures, 'options.figures', 1, 5);
  return new RecordableHistogram(Number(highest));
}

module.exports = { createHistogram, monitorEventLoopDelay };
