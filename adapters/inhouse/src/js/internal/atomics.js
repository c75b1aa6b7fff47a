'use strict';
// ECMA-262, Atomics.wait, on the clock of the simulated world.

function wait(typedArray, index, value, timeout) {
  const wide = typedArray instanceof BigInt64Array;
  if (!wide && !(typedArray instanceof Int32Array)) throw new TypeError('Atomics.wait needs an Int32Array or a BigInt64Array');
  if (!(typedArray.buffer instanceof SharedArrayBuffer)) throw new TypeError('Atomics.wait needs a view of a SharedArrayBuffer');
  const expected = wide ? BigInt.asIntN(64, BigInt(value)) : Number(value) | 0;
  const limit = Number(timeout === undefined ? Infinity : timeout);
  const millis = Number.isNaN(limit) ? Infinity : Math.max(limit, 0);
  // Atomics.load checks the index.
  if (Atomics.load(typedArray, index) !== expected) return 'not-equal';
  return host.clock.block(millis) ? 'ok' : 'timed-out';
}

module.exports = { wait };
