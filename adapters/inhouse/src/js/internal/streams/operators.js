'use strict';
// The iterator helpers of Readable. Authority: https://nodejs.org/api/stream.html#readablemapfn-options
//
// Each function is called with the stream as `this`. Those that give a stream are generators here;
// readable.js wraps them with Readable.from. Arguments of these are checked at the call, those of
// the ones that give a promise reject it.

const { AbortError, codes } = require('internal/errors');
const validate = require('internal/validate');

const kSkip = Symbol('skip');       // the mapped value is not passed on
const kEnd = Symbol('end');         // no more values

function checkOptions(options) {
  if (options != null) validate.object(options, 'options');
  if (options?.signal != null) validate.abortSignal(options.signal, 'options.signal');
}

function throwIfAborted(options) {
  if (options?.signal?.aborted) throw new AbortError(undefined, { cause: options.signal.reason });
}

// ---- map: the others are built on it -------------------------------------------------------------

// Up to `concurrency` calls of `fn` at a time, up to `highWaterMark` results waiting to be taken;
// results come in the order of their inputs.
function map(fn, options) {
  validate.func(fn, 'fn');
  checkOptions(options);
  const concurrency = options?.concurrency == null ? 1 : Math.floor(options.concurrency);
  let limit = options?.highWaterMark == null ? concurrency - 1 : Math.floor(options.highWaterMark);
  validate.integer(concurrency, 'options.concurrency', 1);
  validate.integer(limit, 'options.highWaterMark', 0);
  limit += concurrency;
  return mapInOrder(this, fn, options, concurrency, limit);
}

async function* mapInOrder(stream, fn, options, concurrency, limit) {
  const signal = AbortSignal.any(options?.signal ? [options.signal] : []);
  const fnOptions = { signal };
  const queue = [];             // promises of results, in order
  let wakeConsumer = null;
  let wakeProducer = null;
  let over = false;
  let running = 0;

  const letProducerGoOn = () => {
    if (wakeProducer && !over && running < concurrency && queue.length < limit) {
      wakeProducer();
      wakeProducer = null;
    }
  };
  const letConsumerGoOn = () => {
    if (!wakeConsumer) return;
    wakeConsumer();
    wakeConsumer = null;
  };
  const onSettled = () => {
    running--;
    letProducerGoOn();
  };
  const onFailed = () => {
    over = true;
    onSettled();
  };

  async function produce() {
    try {
      for await (const item of stream) {
        if (over) return;
        if (signal.aborted) throw new AbortError();
        let result;
        try {
          result = fn(item, fnOptions);
          if (result === kSkip) continue;
          result = Promise.resolve(result);
        } catch (error) {
          result = Promise.reject(error);
        }
        running++;
        result.then(onSettled, onFailed);
        queue.push(result);
        letConsumerGoOn();
        if (!over && (queue.length >= limit || running >= concurrency)) {
          await new Promise((resolve) => { wakeProducer = resolve; });
        }
      }
      queue.push(kEnd);
    } catch (error) {
      const result = Promise.reject(error);
      result.then(onSettled, onFailed);
      queue.push(result);
    } finally {
      over = true;
      letConsumerGoOn();
    }
  }

  produce();
  try {
    for (;;) {
      while (queue.length > 0) {
        const value = await queue[0];
        if (value === kEnd) return;
        if (signal.aborted) throw new AbortError();
        if (value !== kSkip) yield value;
        queue.shift();
        letProducerGoOn();
      }
      await new Promise((resolve) => { wakeConsumer = resolve; });
    }
  } finally {
    over = true;
    if (wakeProducer) {
      wakeProducer();
      wakeProducer = null;
    }
  }
}

// ---- Those that give a stream -------------------------------------------------------------------

function filter(fn, options) {
  validate.func(fn, 'fn');
  async function keep(value, fnOptions) {
    return await fn(value, fnOptions) ? value : kSkip;
  }
  return map.call(this, keep, options);
}

function flatMap(fn, options) {
  return flatten(map.call(this, fn, options));
}

async function* flatten(values) {
  for await (const value of values) yield* value;
}

function count(value) {
  const number = Number(value);
  if (Number.isNaN(number)) return 0;
  if (number < 0) throw new codes.ERR_OUT_OF_RANGE('number', '>= 0', number);
  return number;
}

function drop(number, options) {
  checkOptions(options);
  return dropFirst(this, count(number), options);
}

async function* dropFirst(stream, number, options) {
  let left = number;
  throwIfAborted(options);
  for await (const value of stream) {
    throwIfAborted(options);
    if (left-- <= 0) yield value;
  }
}

function take(number, options) {
  checkOptions(options);
  return takeFirst(this, count(number), options);
}

async function* takeFirst(stream, number, options) {
  let left = number;
  throwIfAborted(options);
  for await (const value of stream) {
    throwIfAborted(options);
    if (left-- > 0) yield value;
    // Before the next one is asked for: the source may have no more, or may wait for ever.
    if (left <= 0) return;
  }
}

// ---- Those that give a promise ------------------------------------------------------------------

async function forEach(fn, options) {
  validate.func(fn, 'fn');
  async function visit(value, fnOptions) {
    await fn(value, fnOptions);
    return kSkip;
  }
  const visits = map.call(this, visit, options);
  for await (const ignored of visits);
}

async function reduce(reducer, initialValue, options) {
  validate.func(reducer, 'reducer');
  checkOptions(options);
  let hasValue = arguments.length > 1;
  let accumulated = initialValue;
  if (options?.signal?.aborted) {
    const error = new AbortError(undefined, { cause: options.signal.reason });
    this.once('error', () => {});     // told by the rejection already
    await require('internal/streams/finished').finishedPromise(this.destroy(error));
    throw error;
  }
  const controller = new AbortController();
  const { signal } = controller;
  if (options?.signal) {
    options.signal.addEventListener('abort', () => controller.abort(options.signal.reason), { once: true });
  }
  let isEmpty = true;
  try {
    for await (const value of this) {
      isEmpty = false;
      if (options?.signal?.aborted) throw new AbortError();
      if (hasValue) accumulated = await reducer(accumulated, value, { signal });
      else {
        accumulated = value;
        hasValue = true;
      }
    }
    if (isEmpty && !hasValue) {
      const error = new codes.ERR_MISSING_ARGS('reduce');
      error.message = 'Reduce of an empty stream requires an initial value';
      throw error;
    }
  } finally {
    controller.abort();
  }
  return accumulated;
}

async function toArray(options) {
  checkOptions(options);
  const result = [];
  for await (const value of this) {
    throwIfAborted(options);
    result.push(value);
  }
  return result;
}

async function some(fn, options) {
  for await (const ignored of filter.call(this, fn, options)) return true;
  return false;
}

async function every(fn, options) {
  validate.func(fn, 'fn');
  return !(await some.call(this, async (...args) => !(await fn(...args)), options));
}

async function find(fn, options) {
  for await (const value of filter.call(this, fn, options)) return value;
  return undefined;
}

module.exports = { map, filter, flatMap, drop, take, forEach, reduce, toArray, some, every, find };
