'use strict';
// The signals by name and number. Linux's numbers.

const SIGNALS = {
  SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGTRAP: 5, SIGABRT: 6, SIGBUS: 7, SIGFPE: 8, SIGKILL: 9, SIGUSR1: 10, SIGSEGV: 11,
  SIGUSR2: 12, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15, SIGCHLD: 17, SIGCONT: 18, SIGSTOP: 19, SIGTSTP: 20, SIGTTIN: 21, SIGTTOU: 22,
  SIGURG: 23, SIGXCPU: 24, SIGXFSZ: 25, SIGVTALRM: 26, SIGPROF: 27, SIGWINCH: 28, SIGIO: 29, SIGSYS: 31,
};

const NAMES = Object.fromEntries(Object.entries(SIGNALS).map(([name, number]) => [number, name]));

// The number of a signal given by name, in any case, or by number.
function toNumber(signal) {
  if (typeof signal === 'number' && NAMES[signal] !== undefined) return signal;
  const number = typeof signal === 'string' ? SIGNALS[signal.toUpperCase()] : undefined;
  if (number === undefined) throw unknownSignal(signal);
  return number;
}

function unknownSignal(signal) {
  const { codes, define } = require('internal/errors');
  if (codes.ERR_UNKNOWN_SIGNAL === undefined) define('ERR_UNKNOWN_SIGNAL', TypeError, (name) => `Unknown signal: ${name}`);
  return new codes.ERR_UNKNOWN_SIGNAL(signal);
}

module.exports = { SIGNALS, NAMES, toNumber, unknownSignal };
