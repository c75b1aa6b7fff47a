'use strict';
// Node's `timers` module. Authority: https://nodejs.org/api/timers.html

const { Timeout, Immediate, clear, clearImmediate } = require('internal/timers');

// The module that words this error is not worth loading for a program that does not make it.
function reject(callback) {
  require('internal/validate').func(callback, 'callback');
}

function setTimeout(callback, delay, ...args) {
  if (typeof callback !== 'function') reject(callback);
  return new Timeout(callback, delay, args.length > 0 ? args : undefined, false);
}

function setInterval(callback, delay, ...args) {
  if (typeof callback !== 'function') reject(callback);
  return new Timeout(callback, delay, args.length > 0 ? args : undefined, true);
}

function setImmediate(callback, ...args) {
  if (typeof callback !== 'function') reject(callback);
  return new Immediate(callback, args.length > 0 ? args : undefined);
}

function clearTimeout(timer) {
  clear(timer);
}

function clearInterval(timer) {
  clear(timer);
}

// util.promisify gives the forms of timers/promises.
const custom = Symbol.for('nodejs.util.promisify.custom');
for (const timer of [setTimeout, setImmediate]) {
  Object.defineProperty(timer, custom, { enumerable: true, get: () => require('timers/promises')[timer.name] });
}

module.exports = { setTimeout, clearTimeout, setImmediate, clearImmediate, setInterval, clearInterval };
host.lazy(module.exports, 'promises', true, () => require('timers/promises'));
