'use strict';
// The tick queue. The loop runs one tick at a time; see `EventLoop::drain`.

const { context } = host;
let queue = [];
let head = 0;

function push(callback, args) {
  if (head === queue.length) host.util.ticking(true);
  const tick = { callback, args, frame: context.frame };
  queue.push(tick);
  if (context.observer !== undefined) context.observer.created(tick, 'TickObject');
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
  context.frame = tick.frame;
  if (context.observer !== undefined) context.observer.enter(tick);
  try {
    const { callback, args } = tick;
    if (args === undefined) callback();
    else callback(...args);
    // Not in `finally`: an error that is uncaught is handled in the tick's name.
    if (context.observer !== undefined) context.observer.leave(tick);
  } finally {
    context.frame = undefined;
    if (context.observer !== undefined) context.observer.destroyed(tick);
  }
  return true;
}

module.exports = { push, run };
