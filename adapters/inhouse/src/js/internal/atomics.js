'use strict';
// ECMA-262, Atomics.wait and Atomics.notify, on the host's clock and loops: so a wait follows virtual time, and ends with the program.

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
  const expected = wide ? BigInt64Array.of(BigInt.asIntN(64, BigInt(value))) : Int32Array.of(Number(value));
  const limit = Number(timeout);
  return host.messaging.wait(typedArray, offset, expected, Number.isNaN(limit) ? Infinity : Math.max(limit, 0));
}

function notify(typedArray, index, count) {
  const { offset } = validate(typedArray, index);
  const limit = count === undefined ? Infinity : Math.max(Math.trunc(Number(count)) || 0, 0);
  return isShared(typedArray) ? host.messaging.notify(typedArray, offset, Math.min(limit, 2 ** 31)) : 0;
}

module.exports = { wait, notify };
