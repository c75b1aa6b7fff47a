'use strict';
// The console: `log`, `info`, `debug` and relatives to descriptor 1, `error`, `warn` and `trace` to descriptor 2, each call written at once.
// Authority: https://console.spec.whatwg.org/ and https://nodejs.org/api/console.html

const counts = new Map();
const clocks = new Map();
let indent = '';

function text(args) {
  // The common case needs no inspector: strings without patterns.
  if (typeof args[0] === 'string' && (args.length === 1 || !args[0].includes('%'))) {
    if (args.every((arg) => typeof arg === 'string')) return args.join(' ');
  }
  return args.length === 0 ? '' : require('internal/format').format(...args);
}

function write(descriptor, line) {
  if (indent !== '') line = indent + line.replaceAll('\n', `\n${indent}`);
  host.console.write(descriptor, `${line}\n`);
}

function elapsed(label, extra) {
  const start = clocks.get(label);
  if (start === undefined) {
    require('process').emitWarning(`No such label '${label}' for console.time()`);
    return;
  }
  const millis = host.clock.now() - start;
  write(1, text([`${label}: ${millis >= 1000 ? `${(millis / 1000).toFixed(3)}s` : `${millis.toFixed(3)}ms`}`, ...extra]));
}

const console = {
  log(...args) { write(1, text(args)); },
  info(...args) { write(1, text(args)); },
  debug(...args) { write(1, text(args)); },
  warn(...args) { write(2, text(args)); },
  error(...args) { write(2, text(args)); },
  dir(value, options) { write(1, require('internal/format').inspect(value, { customInspect: false, ...options })); },
  dirxml(...args) { write(1, text(args)); },
  trace(...args) {
    const error = new Error(text(args));
    error.name = 'Trace';
    write(2, `Trace${error.message === '' ? '' : `: ${error.message}`}\n${error.stack.replace(/^.*\n?/, '')}`.trimEnd());
  },
  assert(condition, ...args) {
    if (condition) return;
    if (typeof args[0] === 'string') args[0] = `Assertion failed: ${args[0]}`;
    else args.unshift('Assertion failed');
    write(2, text(args));
  },
  count(label = 'default') {
    label = `${label}`;
    const count = (counts.get(label) ?? 0) + 1;
    counts.set(label, count);
    write(1, `${label}: ${count}`);
  },
  countReset(label = 'default') { counts.delete(`${label}`); },
  group(...args) {
    if (args.length > 0) write(1, text(args));
    indent += '  ';
  },
  groupCollapsed(...args) { console.group(...args); },
  groupEnd() { indent = indent.slice(0, -2); },
  table(data) { write(1, require('internal/format').inspect(data)); },
  time(label = 'default') { clocks.set(`${label}`, host.clock.now()); },
  timeLog(label = 'default', ...extra) { elapsed(`${label}`, extra); },
  timeEnd(label = 'default') {
    elapsed(`${label}`, []);
    clocks.delete(`${label}`);
  },
  clear() {},
};

Object.defineProperty(console, Symbol.toStringTag, { value: 'console', configurable: true });

module.exports = console;
