'use strict';
// Rejections without a handler. Authority: Node, `process` events 'unhandledRejection' and 'rejectionHandled'; ECMA-262,
// HostPromiseRejectionTracker. A rejection is judged when ticks and promise jobs are drained: a handler that came before that is in time.

// Rejected since the last judgement: promise -> its reason.
let fresh = new Map();
// Judged and reported.
const reported = new WeakMap();
// Reported, and handled afterwards.
let late = [];
// Judged, and still to be told to a page.
const awaited = new Set();
let lastId = 0;

function track(promise, reason, handled) {
  if (!handled) {
    fresh.set(promise, reason);
    return;
  }
  if (fresh.delete(promise) || awaited.delete(promise)) return;
  const id = reported.get(promise);
  if (id !== undefined) {
    reported.delete(promise);
    late.push({ promise, id });
  }
}

// Whether anything of the program ran, so that ticks and promise jobs have to be drained again.
function settle() {
  if (fresh.size === 0 && late.length === 0) return false;
  if (host.loop.policy('unhandled_rejections') === 'event') {
    tellPage();
    return true;
  }
  const process = require('process');
  const handledLate = late;
  late = [];
  for (const { promise, id } of handledLate) {
    if (!process.emit('rejectionHandled', promise)) {
      const warning = new Error(`Promise rejection was handled asynchronously (rejection id: ${id})`);
      warning.name = 'PromiseRejectionHandledWarning';
      process.emitWarning(warning);
    }
  }
  const unhandled = fresh;
  fresh = new Map();
  for (const [promise, reason] of unhandled) {
    reported.set(promise, ++lastId);
    if (process.emit('unhandledRejection', reason, promise)) continue;
    if (host.loop.policy('unhandled_rejections') === 'warn') {
      warn(process, reason);
      continue;
    }
    require('internal/uncaught').uncaught(asError(reason), true);
  }
  return true;
}

// HTML's way: events in tasks of their own.
function tellPage() {
  const { notifyRejected, notifyHandled } = require('internal/page/errors');
  for (const { promise } of late) notifyHandled(promise, host.util.promiseState(promise)[1]);
  late = [];
  const unhandled = fresh;
  fresh = new Map();
  if (unhandled.size === 0) return;
  // Until its task runs, a promise counts as fresh: a handler that comes before that is in time.
  for (const promise of unhandled.keys()) awaited.add(promise);
  notifyRejected([...unhandled].map(([promise, reason]) => ({
    promise,
    reason,
    isHandled: () => !awaited.has(promise),
    reported() {
      awaited.delete(promise);
      reported.set(promise, ++lastId);
    },
  })));
}

function asError(reason) {
  if (reason instanceof Error) return reason;
  const shown = typeof reason === 'symbol' ? String(reason) : require('internal/format').inspect(reason);
  const error = new Error(
    'This error originated either by throwing inside of an async function without a catch block, ' +
    `or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason "${
      typeof reason === 'string' ? reason : shown}".`);
  error.name = 'UnhandledPromiseRejection';
  error.code = 'ERR_UNHANDLED_REJECTION';
  return error;
}

function warn(process, reason) {
  process.emitWarning(asError(reason).message, 'UnhandledPromiseRejectionWarning');
}

module.exports = { track, settle };
