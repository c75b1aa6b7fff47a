'use strict';
// How a program ends: 'exit' is emitted once, its listeners may still set the code, and nothing runs afterwards.

// Node's code for a program whose top-level await never settles.
const UNSETTLED_AWAIT = 13;

// The natural end: nothing is left to do. Returns the exit code.
function exit() {
  const process = host.loaded('process');
  if (process?._exiting) return Number(process.exitCode ?? 0);
  const unsettled = host.loaded('internal/modules')?.mainIsUnsettled() ?? false;
  if (unsettled) host.console.write(2, 'Warning: Detected unsettled top-level await\n');
  if (process === undefined) return unsettled ? UNSETTLED_AWAIT : 0;
  if (unsettled && process.exitCode === undefined) process.exitCode = UNSETTLED_AWAIT;
  emitExit(process);
  return Number(process.exitCode ?? 0);
}

function emitExit(process) {
  if (process._exiting) return;
  process._exiting = true;
  process.emit('exit', Number(process.exitCode ?? 0));
}

// The end by an uncaught error.
function leave(process, code) {
  try {
    if (!process._exiting) {
      process.exitCode = code;
      emitExit(process);
    }
    code = Number(process.exitCode ?? code);
  } catch {
    // A listener that throws now has nobody left to tell.
  }
  host.process.end(code);
}

module.exports = { exit, emitExit, leave };
