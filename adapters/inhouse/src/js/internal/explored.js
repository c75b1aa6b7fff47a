'use strict';
// What a world that is explored is told of pool jobs: which of them the program cannot tell apart.

// Callback -> its number.
const numbers = new WeakMap();
// What jobs are asked to do and call back -> the number of their class.
const classes = new Map();
let last = 0;

// Jobs of one operation with equal plain arguments and one callback, outside any async context, may be exchanged for one another.
function markAlike(job, ask, callback) {
  if (host.context.frame !== undefined) return;
  if (!ask.every((part) => part === undefined || typeof part === 'string' || typeof part === 'number' || typeof part === 'boolean')) return;
  if (!numbers.has(callback)) numbers.set(callback, ++last);
  const key = JSON.stringify([numbers.get(callback), ...ask.map((part) => part ?? null)]);
  if (!classes.has(key)) classes.set(key, ++last);
  host.fs.alike(job, classes.get(key));
}

module.exports = { markAlike };
