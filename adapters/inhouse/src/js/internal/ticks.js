'use strict';
// The tick queue. The loop runs one tick at a time; see `EventLoop::drain`.

const { context } = host;
// Who looks at async resources, here and not in `context`: ticks are many, and this is the shorter way.
let observer;
let queue = [];
let head = 0;

function push(callback, args) {
  if (head === queue.length) host.util.ticking(true);
  const tick = { callback, args, frame: context.frame };
  queue.push(tick);
  if (observer !== undefined) observer.created(tick, 'TickObject');
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
  if (observer !== undefined) observer.enter(tick);
  try {
    const { callback, args } = tick;
    if (args === undefined) callback();
    else callback(...args);
    // Not in `finally`: an error that is uncaught is handled in the tick's name.
    if (observer !== undefined) observer.leave(tick);
  } finally {
    context.frame = undefined;
    if (observer !== undefined) observer.destroyed(tick);
  }
  return true;
}

function watch(by) { observer = by; }

module.exports = { push, run, watch };
