'use strict';
// HTML, "queueMicrotask(callback)"; an error in the callback is reported, and the other microtasks go on.

const { context } = host;

function queueMicrotask(callback) {
  if (typeof callback !== 'function') require('internal/validate').func(callback, 'callback');
  const { frame } = context;
  // Where promise jobs have contexts, the job before may have set one for a reaction that never came.
  if (frame === undefined && !context.tracking) {
    host.modules.enqueue(callback);
    return;
  }
  const microtask = { callback };
  if (context.observer !== undefined) context.observer.created(microtask, 'Microtask');
  host.modules.enqueue(() => {
    const before = context.frame;
    context.frame = frame;
    if (context.observer !== undefined) context.observer.enter(microtask);
    try {
      callback();
    } finally {
      context.frame = before;
      if (context.observer !== undefined) leave(microtask);
    }
  });
}

function leave(microtask) {
  context.observer.leave(microtask);
  context.observer.destroyed(microtask);
}

module.exports = { queueMicrotask };
