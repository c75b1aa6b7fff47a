'use strict';
// ECMA-262, Atomics.wait and Atomics.notify, on the host's clock and loops: so a wait follows virtual time, and ends with the program.

const { Timeout, clear } = require('internal/timers');

function validate(typedArray, index) {
  const type = host.util.classOf(typedArray);
  if (type !== 'Int32Array' && type !== 'BigInt64Array') throw new TypeError('Atomics: an Int32Array or a BigInt64Array is needed');
  // Atomics.load checks that the index is one of the array's.
  Atomics.load(typedArray, index);
  const position = Math.trunc(Number(index)) || 0;
  return { wide: type === 'BigInt64Array', offset: position * typedArray.BYTES_PER_ELEMENT };
}

const isShared = (typedArray) => host.util.classOf(typedArray.buffer) === 'SharedArrayBuffer';

function wait(typedArray, index, value, timeout) {
  const { wide, offset } = validate(typedArray, index);
  if (!isShared(typedArray)) throw new TypeError('Atomics.wait: a view of a SharedArrayBuffer is needed');
  // The agent of a window cannot block: HTML, "obtain a similar-origin window agent", [[CanBlock]] is false.
  if (host.process.page) throw new TypeError('Atomics.wait: this agent cannot block');
  const expected = wide ? BigInt64Array.of(BigInt.asIntN(64, BigInt(value))) : Int32Array.of(Number(value));
  const limit = Number(timeout);
  return host.messaging.wait(typedArray, offset, expected, Number.isNaN(limit) ? Infinity : Math.max(limit, 0));
}

// ---- waitAsync ------------------------------------------------------------------------------

// Waits that are under way, by number; the endpoints are this loop's, made with the first of them.
const waits = new Map();
let lastWait = 0;
let ends;

function endpoint() {
  if (ends === undefined) {
    ends = host.messaging.pair();
    require('internal/remote_port').listen(ends[1], { raw: true, receive: (number) => settle(number, 'ok'), disconnect() {} });
  }
  return ends[0];
}

function settle(number, value) {
  const wait = waits.get(number);
  if (wait === undefined) return;
  waits.delete(number);
  if (wait.timer !== undefined) clear(wait.timer);
  // Resolved by a task of its own, whoever notifies.
  host.loop.postTask(() => wait.resolve(value));
}

// ECMA-262, Atomics.waitAsync. A wait alone keeps no program of Node's alive; a page goes on anyway.
function waitAsync(typedArray, index, value, timeout) {
  const { wide, offset } = validate(typedArray, index);
  if (!isShared(typedArray)) throw new TypeError('Atomics.waitAsync: a view of a SharedArrayBuffer is needed');
  const expected = wide ? BigInt64Array.of(BigInt.asIntN(64, BigInt(value))) : Int32Array.of(Number(value));
  const limit = Number(timeout);
  const millis = Number.isNaN(limit) ? Infinity : Math.max(limit, 0);
  const number = ++lastWait;
  if (!host.messaging.waitAsync(typedArray, offset, expected, endpoint(), number)) return { async: false, value: 'not-equal' };
  if (millis === 0) {
    host.messaging.forgetWait(ends[0], number);
    return { async: false, value: 'timed-out' };
  }
  const { promise, resolve } = Promise.withResolvers();
  const wait = { resolve, typedArray, timer: undefined };
  waits.set(number, wait);
  if (millis !== Infinity) {
    wait.timer = new Timeout(() => {
      if (host.messaging.forgetWait(ends[0], number)) settle(number, 'timed-out');
    }, Math.ceil(millis), undefined, false);
    if (!host.process.page) wait.timer.unref();
  }
  return { async: true, value: promise };
}

function notify(typedArray, index, count) {
  const { offset } = validate(typedArray, index);
  const limit = count === undefined ? Infinity : Math.max(Math.trunc(Number(count)) || 0, 0);
  return isShared(typedArray) ? host.messaging.notify(typedArray, offset, Math.min(limit, 2 ** 31)) : 0;
}

module.exports = { wait, waitAsync, notify };
