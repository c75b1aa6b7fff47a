'use strict';
// The path of uncaught errors: monitor, listeners, or the end of the program. Authority: Node, `process` event 'uncaughtException'.

// Exit code of a program that an uncaught error ends, and of one whose listener for such errors throws itself.
const UNCAUGHT = 1;
const FAILED_HANDLER = 7;

function uncaught(error, fromPromise) {
  if (host.loop.policy('uncaught_errors') === 'report') {
    require('internal/page/errors').report(error);
    return;
  }
  const process = require('process');
  const origin = fromPromise ? 'unhandledRejection' : 'uncaughtException';
  let handled;
  try {
    process.emit('uncaughtExceptionMonitor', error, origin);
    handled = require('internal/process').capture(error) || process.emit('uncaughtException', error, origin);
  } catch (failure) {
    // Without an 'exit' event: a listener has just shown that it cannot be relied on.
    print(failure);
    host.process.end(FAILED_HANDLER);
  }
  if (handled) {
    // A callback that failed left ticks undone; an immediate that does nothing sees to it that they are.
    require('timers').setImmediate(() => {});
    host.context.observer?.unwind();
    return;
  }
  if (host.process.worker === undefined) print(error);
  else require('internal/worker').fail(error);
  require('internal/exit').leave(process, UNCAUGHT);
}

// What Node writes: the error with its stack and properties, or `Uncaught` and the value.
function print(error) {
  const { inspect } = require('internal/format');
  let text;
  try {
    text = error instanceof Error ? inspect(error) : `Uncaught ${inspect(error)}`;
  } catch {
    text = 'Uncaught error that cannot be shown';
  }
  host.console.write(2, `${text}\n`);
}

module.exports = { uncaught };
