'use strict';
// Values as text, and `%` patterns: util.inspect and util.format.
// Authority: https://nodejs.org/api/util.html#utilinspectobject-options and #utilformatformat-args

const validate = require('internal/validate');

const defaults = Object.seal({
  showHidden: false,
  depth: 2,
  colors: false,
  customInspect: true,
  showProxy: false,
  maxArrayLength: 100,
  maxStringLength: 10000,
  breakLength: 80,
  compact: 3,
  sorted: false,
  getters: false,
  numericSeparator: false,
});

function inspect(value, options, ...old) {
  const context = {
    ...defaults,
    stylize: (text) => text,
    userOptions: undefined,
    indentation: 0,
    currentDepth: 0,
    seen: [],             // the objects around the one being shown
    circular: undefined,  // of these, the ones that came up again, numbered
  };
  if (typeof options === 'boolean') {
    // inspect(value, showHidden, depth, colors)
    context.showHidden = options;
    if (old[0] !== undefined) [context.depth] = old;
    if (old[1] !== undefined) [, context.colors] = old;
  } else if (options) {
    for (const key of Object.keys(options)) {
      if (Object.hasOwn(defaults, key) || key === 'stylize') context[key] = options[key];
      else context.userOptions = options;
    }
  }
  if (context.colors) context.stylize = colored;
  if (context.maxArrayLength === null) context.maxArrayLength = Infinity;
  if (context.maxStringLength === null) context.maxStringLength = Infinity;
  return require('internal/inspect/values').show(context, value, 0);
}

inspect.custom = Symbol.for('nodejs.util.inspect.custom');
Object.defineProperty(inspect, 'defaultOptions', {
  get: () => defaults,
  set(options) {
    validate.object(options, 'options');
    Object.assign(defaults, options);
  },
});

const pair = (name, [open, close]) => [name, { __proto__: null, value: [open, close], writable: true, enumerable: true, configurable: true }];
inspect.colors = Object.create(null, Object.fromEntries(Object.entries({
  reset: [0, 0], bold: [1, 22], dim: [2, 22], italic: [3, 23], underline: [4, 24], blink: [5, 25], inverse: [7, 27],
  hidden: [8, 28], strikethrough: [9, 29], doubleunderline: [21, 24], black: [30, 39], red: [31, 39], green: [32, 39],
  yellow: [33, 39], blue: [34, 39], magenta: [35, 39], cyan: [36, 39], white: [37, 39], gray: [90, 39],
}).map(([name, codes]) => pair(name, codes))));
inspect.styles = Object.assign(Object.create(null), {
  special: 'cyan', number: 'yellow', bigint: 'yellow', boolean: 'yellow', undefined: 'grey', null: 'bold',
  string: 'green', symbol: 'green', date: 'magenta', regexp: 'red', module: 'underline',
});
inspect.colors.grey = inspect.colors.gray;

function colored(text, style) {
  const codes = inspect.colors[inspect.styles[style]];
  return codes === undefined ? text : `\u001b[${codes[0]}m${text}\u001b[${codes[1]}m`;
}

// ---- Patterns -----------------------------------------------------------------------------------

const BUILT_IN = new RegExp('^(Object|Array|Map|Set|WeakMap|WeakSet|Promise|RegExp|Date|Number|String|Boolean|BigInt|' +
  'Symbol|\\w*Error|\\w*Array|\\w*ArrayBuffer|DataView)$');

// Whether String(object) would say no more than "[object …]": no toString of the program's own.
function hasBuiltInToString(value) {
  if (host.util.isProxy(value)) return true;
  if (typeof value.toString !== 'function') return true;
  let holder = value;
  while (holder !== null && !Object.hasOwn(holder, 'toString') && !Object.hasOwn(holder, Symbol.toPrimitive)) {
    holder = Object.getPrototypeOf(holder);
  }
  if (holder === null || holder === value) return false;
  const constructor = Object.getOwnPropertyDescriptor(holder, 'constructor')?.value;
  return typeof constructor === 'function' && BUILT_IN.test(constructor.name) && globalThis[constructor.name] === constructor;
}

function asString(arg, options) {
  if (typeof arg === 'number') return Object.is(arg, -0) ? '-0' : String(arg);
  if (typeof arg === 'bigint') return `${arg}n`;
  if (typeof arg !== 'object' || arg === null || !hasBuiltInToString(arg)) return String(arg);
  return inspect(arg, { ...options, depth: 0, colors: false, compact: 3 });
}

function asNumber(arg, parse) {
  if (typeof arg === 'bigint') return `${arg}n`;
  if (typeof arg === 'symbol') return 'NaN';
  const number = parse(arg);
  return Object.is(number, -0) ? '-0' : String(number);
}

function asJson(arg) {
  try {
    return JSON.stringify(arg);
  } catch (error) {
    if (/circular/i.test(error.message)) return '[Circular]';
    throw error;
  }
}

function replacement(pattern, arg, options) {
  switch (pattern) {
    case '%s': return asString(arg, options);
    case '%d': return asNumber(arg, Number);
    case '%i': return asNumber(arg, parseInt);
    case '%f': return typeof arg === 'symbol' ? 'NaN' : asNumber(typeof arg === 'bigint' ? Number(arg) : arg, parseFloat);
    case '%j': return asJson(arg);
    case '%O': return inspect(arg, options);
    case '%o': return inspect(arg, { ...options, showHidden: true, showProxy: true, depth: 4 });
    default: return '';     // %c: CSS, which a terminal does not know
  }
}

function formatWithOptions(options, ...args) {
  validate.object(options, 'inspectOptions');
  return formatArguments(options, args);
}

function format(...args) {
  return formatArguments(undefined, args);
}

function formatArguments(options, args) {
  const [first] = args;
  let text = '';
  let at = 0;
  if (typeof first === 'string') {
    if (args.length === 1) return first;
    at = 1;
    text = first.replace(/%[sdifjoOc%]/g, (pattern) => {
      if (pattern === '%%') return '%';
      return at < args.length ? replacement(pattern, args[at++], options) : pattern;
    });
  }
  for (let i = at; i < args.length; i++) {
    if (i > 0) text += ' ';
    text += typeof args[i] === 'string' ? args[i] : inspect(args[i], options);
  }
  return text;
}

module.exports = { inspect, format, formatWithOptions };
