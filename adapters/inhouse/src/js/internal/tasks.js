'use strict';
// Tasks that builtin modules hand to the loop: functions here, numbers there.

const waiting = new Map();
let last = 0;

function add(callback) {
  last = (last + 1) >>> 0;
  waiting.set(last, { callback, frame: host.context.frame });
  return last;
}

function run(id) {
  const { callback, frame } = waiting.get(id);
  waiting.delete(id);
  host.context.frame = frame;
  try {
    callback();
  } finally {
    host.context.frame = undefined;
  }
}

// postTask: in a later poll phase. continueTask: called in such a task, right after it and its ticks and promise jobs.
// deferTask: in the next pending phase. closeTask: in the closing phase of this iteration.
function extend(loop) {
  loop.postTask = (callback) => loop.post(add(callback));
  loop.continueTask = (callback) => loop.continueWith(add(callback));
  loop.deferTask = (callback) => loop.defer(add(callback));
  loop.closeTask = (callback) => loop.close(add(callback));
  // Between two listeners of an event that a task fires; the async context of the task outlives what runs there.
  const { checkpoint } = loop;
  loop.checkpoint = () => {
    const { frame } = host.context;
    try {
      checkpoint();
    } finally {
      host.context.frame = frame;
    }
  };
  return loop;
}

module.exports = { add, extend, run };
