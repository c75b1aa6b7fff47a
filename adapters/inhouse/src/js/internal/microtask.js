'use strict';
// HTML, "queueMicrotask(callback)"; an error in the callback is reported, and the other microtasks go on.

function queueMicrotask(callback) {
  if (typeof callback !== 'function') require('internal/validate').func(callback, 'callback');
  const { frame } = host.context;
  if (frame === undefined) {
    host.modules.enqueue(callback);
    return;
  }
  host.modules.enqueue(() => {
    const before = host.context.frame;
    host.context.frame = frame;
    try {
      callback();
    } finally {
      host.context.frame = before;
    }
  });
}

module.exports = { queueMicrotask };
