'use strict';
// Node's `util` module. Authority: https://nodejs.org/api/util.html

const { codes } = require('internal/errors');
const validate = require('internal/validate');
const { inspect, format, formatWithOptions } = require('internal/inspect');

const kPromisify = Symbol.for('nodejs.util.promisify.custom');
const kPromisifyArguments = Symbol.for('nodejs.util.promisify.customArgs');

// ---- Callbacks and promises ---------------------------------------------------------------------

function promisify(original) {
  validate.func(original, 'original');
  const custom = original[kPromisify];
  if (custom) {
    validate.func(custom, 'util.promisify.custom');
    return Object.defineProperty(custom, kPromisify, { value: custom, enumerable: false, writable: false, configurable: true });
  }
  // Names of the values after the error, where a callback gets several (fs.read).
  const names = original[kPromisifyArguments];
  function fn(...args) {
    return new Promise((resolve, reject) => {
      Reflect.apply(original, this, [...args, (error, ...values) => {
        if (error) reject(error);
        else if (names !== undefined && values.length > 1) {
          resolve(Object.fromEntries(names.map((name, i) => [name, values[i]])));
        } else resolve(values[0]);
      }]);
    });
  }
  Object.setPrototypeOf(fn, Object.getPrototypeOf(original));
  Object.defineProperty(fn, kPromisify, { value: fn, enumerable: false, writable: false, configurable: true });
  const descriptors = Object.getOwnPropertyDescriptors(original);
  for (const key of Reflect.ownKeys(descriptors)) {
    // A function's own properties that the engine fixes stay as they are.
    const present = Object.getOwnPropertyDescriptor(fn, key);
    if (present === undefined || present.configurable) Object.defineProperty(fn, key, descriptors[key]);
  }
  return fn;
}
promisify.custom = kPromisify;

function callbackify(original) {
  validate.func(original, 'original');
  function callbackified(...args) {
    const callback = args.pop();
    validate.func(callback, 'last argument');
    const bound = callback.bind(this);
    // By a tick: what the callback throws is an uncaught exception, not a rejection.
    Reflect.apply(original, this, args).then(
      (value) => process.nextTick(bound, null, value),
      (reason) => process.nextTick(rejectCallback, reason, bound));
  }
  const descriptors = Object.getOwnPropertyDescriptors(original);
  if (typeof descriptors.length.value === 'number') descriptors.length.value++;
  if (typeof descriptors.name.value === 'string') descriptors.name.value += 'Callbackified';
  for (const key of Reflect.ownKeys(descriptors)) {
    const present = Object.getOwnPropertyDescriptor(callbackified, key);
    if (present === undefined || present.configurable) Object.defineProperty(callbackified, key, descriptors[key]);
  }
  return callbackified;
}

function rejectCallback(reason, callback) {
  if (reason) {
    callback(reason);
    return;
  }
  const error = new codes.ERR_FALSY_VALUE_REJECTION();
  error.reason = reason;
  callback(error);
}

// Resolves when the signal aborts.
async function aborted(signal, resource) {
  if (signal === undefined) throw new codes.ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
  validate.abortSignal(signal, 'signal');
  if ((typeof resource !== 'object' && typeof resource !== 'function') || resource === null) {
    throw new codes.ERR_INVALID_ARG_TYPE('resource', 'Object', resource);
  }
  if (signal.aborted) return undefined;
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

// ---- Classes and functions ----------------------------------------------------------------------

function inherits(constructor, superConstructor) {
  if (constructor === undefined || constructor === null) throw new codes.ERR_INVALID_ARG_TYPE('ctor', 'Function', constructor);
  if (superConstructor === undefined || superConstructor === null) {
    throw new codes.ERR_INVALID_ARG_TYPE('superCtor', 'Function', superConstructor);
  }
  if (superConstructor.prototype === undefined) {
    throw new codes.ERR_INVALID_ARG_TYPE('superCtor.prototype', 'Object', superConstructor.prototype);
  }
  Object.defineProperty(constructor, 'super_', { value: superConstructor, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, superConstructor.prototype);
}

const warnedCodes = new Set();

function deprecate(fn, message, code, { modifyPrototype = true } = {}) {
  if (process.noDeprecation === true) return fn;
  if (code !== undefined) validate.string(code, 'code');
  let warned = false;
  function deprecated(...args) {
    if (!warned && process.noDeprecation !== true) {
      warned = true;
      if (code === undefined) process.emitWarning(message, 'DeprecationWarning', deprecated);
      else if (!warnedCodes.has(code)) {
        warnedCodes.add(code);
        process.emitWarning(message, 'DeprecationWarning', code, deprecated);
      }
    }
    return new.target ? Reflect.construct(fn, args, new.target) : Reflect.apply(fn, this, args);
  }
  if (modifyPrototype) {
    Object.setPrototypeOf(deprecated, fn);
    if (fn.prototype) deprecated.prototype = fn.prototype;
  }
  for (const key of ['name', 'length']) {
    Object.defineProperty(deprecated, key, { value: fn[key], configurable: true });
  }
  return deprecated;
}

// ---- Debug output -------------------------------------------------------------------------------

function isDebugged(section) {
  const wanted = (process.env.NODE_DEBUG ?? '').split(',').filter((name) => name !== '');
  return wanted.some((name) => {
    const pattern = name.replace(/[|\\{}()[\]^$+?.]/g, '\\$&').replaceAll('*', '.*');
    return new RegExp(`^${pattern}$`, 'i').test(section);
  });
}

// Writes to standard error if NODE_DEBUG names the section.
function debuglog(section, onEnabled) {
  const name = section.toUpperCase();
  let enabled;
  const log = (...args) => {
    if (enabled === undefined) {
      enabled = isDebugged(name);
      if (typeof onEnabled === 'function') onEnabled(log);
    }
    if (enabled) process.stderr.write(`${name} ${process.pid}: ${format(...args)}\n`);
  };
  return Object.defineProperty(log, 'enabled', {
    get() {
      enabled ??= isDebugged(name);
      return enabled;
    },
    configurable: true, enumerable: true,
  });
}

// The frames around the call, from the trace of an error: `    at name (file:line:column)`.
function getCallSites(frameCount = 8) {
  validate.integer(frameCount, 'frameCount', 1, 200);
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = frameCount + 1;
  const { stack } = new Error();
  Error.stackTraceLimit = limit;
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line)).slice(1, frameCount + 1);
  return frames.map((line) => {
    const [, functionName = '', scriptName = '', lineNumber = '0', column = '0'] =
      /^\s+at (?:(.*?) \()?(.*?)(?::(\d+))?(?::(\d+))?\)?$/.exec(line) ?? [];
    return {
      functionName, scriptId: '0', scriptName,
      lineNumber: Number(lineNumber), columnNumber: Number(column), column: Number(column),
    };
  });
}

// ---- Text ---------------------------------------------------------------------------------------

// Terminal control sequences: CSI and OSC.
const CONTROL = /[\u001B\u009B][[\]()#;?]*(?:(?:(?:(?:;[-a-zA-Z\d/#&.:=?%@~_]+)*|[a-zA-Z\d]+(?:;[-a-zA-Z\d/#&.:=?%@~_]*)*)?(?:\u0007|\u001B\u005C|\u009C))|(?:(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PR-TZcf-nq-uy=><~]))/g;

function stripVTControlCharacters(text) {
  validate.string(text, 'str');
  return text.replace(CONTROL, '');
}

function styleText(style, text) {
  validate.string(text, 'text');
  let before = '';
  let after = '';
  for (const name of Array.isArray(style) ? style : [style]) {
    if (name === 'none') continue;
    const pair = inspect.colors[name];
    if (pair === undefined) validate.oneOf(name, 'style', Object.keys(inspect.colors));
    before += `\u001b[${pair[0]}m`;
    after = `\u001b[${pair[1]}m${after}`;
  }
  return before + text + after;
}

Object.assign(exports, {
  _extend(target, source) {
    if (source === null || typeof source !== 'object') return target;
    return Object.assign(target, source);
  },
  aborted,
  callbackify,
  debug: debuglog,
  debuglog,
  deprecate,
  format,
  formatWithOptions,
  getCallSites,
  inherits,
  inspect,
  isArray: Array.isArray,
  isDeepStrictEqual: (one, two) => require('internal/comparisons').isDeepStrictEqual(one, two),
  promisify,
  stripVTControlCharacters,
  styleText,
  toUSVString: (text) => String(text).toWellFormed(),
});
Object.defineProperty(exports, 'types', { get: () => require('util/types'), enumerable: true, configurable: true });
for (const name of ['TextDecoder', 'TextEncoder']) {
  Object.defineProperty(exports, name, {
    get: () => globalThis[name],
    set(value) { Object.defineProperty(exports, name, { value, writable: true, enumerable: true, configurable: true }); },
    enumerable: true, configurable: true,
  });
}
