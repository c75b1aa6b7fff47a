'use strict';
// The tick queue. The loop runs one tick at a time; see `EventLoop::drain`.

let queue = [];
let head = 0;

function push(callback, args) {
  if (head === queue.length) host.util.ticking(true);
  queue.push({ callback, args, frame: host.context.frame });
}

// Runs the first tick; whether there was one. What it throws goes to the caller, with the tick already gone.
function run() {
  if (head === queue.length) {
    queue = [];
    head = 0;
    host.util.ticking(false);
    return false;
  }
  const tick = queue[head];
  queue[head++] = undefined;
  if (head === 1024) {
    queue = queue.slice(head);
    head = 0;
  }
  host.context.frame = tick.frame;
  try {
    const { callback, args } = tick;
    if (args === undefined) callback();
    else callback(...args);
  } finally {
    host.context.frame = undefined;
  }
  return true;
}

module.exports = { push, run };
