'use strict';
// Objects as `inspect` shows them, kind by kind.
// Authority: https://nodejs.org/api/util.html#utilinspectobject-options

const { showPrimitive, showString, showNumber, showBigInt, showKey } = require('internal/inspect/strings');
const { assemble } = require('internal/inspect/layout');
const { showError } = require('internal/inspect/errors');

const kCustom = Symbol.for('nodejs.util.inspect.custom');

// ---- Names --------------------------------------------------------------------------------------

// The name of the class; null for an object without prototype.
function constructorName(value, context, level) {
  let holder = value;
  let first;
  while (holder !== null && holder !== undefined) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, 'constructor');
    // That of promises is an accessor while async contexts are followed.
    const constructor = holder === Promise.prototype ? Promise : descriptor?.value;
    if (typeof constructor === 'function' && constructor.name !== '' && isInstance(value, constructor)) {
      return String(constructor.name);
    }
    holder = Object.getPrototypeOf(holder);
    if (first === undefined) first = holder;
  }
  if (first === null) return null;
  const own = host.util.classOf(value);
  const name = /^[A-Z]\w*$/.test(own) ? own : 'Object';
  if (level > context.depth && context.depth !== null) return `${name} <Complex prototype>`;
  const parent = constructorName(first, context, level + 1);
  if (parent !== null) return `${name} <${parent}>`;
  return `${name} <${require('internal/inspect').inspect(first, { ...context.userOptions, customInspect: false, depth: -1 })}>`;
}

function isInstance(value, constructor) {
  try {
    return value instanceof constructor;
  } catch {
    return false;
  }
}

function prefixOf(constructor, tag, fallback, size = '') {
  if (constructor === null) {
    const head = `[${fallback}${size}: null prototype] `;
    return tag !== '' && fallback !== tag ? `${head}[${tag}] ` : head;
  }
  return tag !== '' && constructor !== tag ? `${constructor}${size} [${tag}] ` : `${constructor}${size} `;
}

// Only a tag that is no own visible property; those are listed anyway.
function tagOf(context, value, constructor) {
  let tag = value[Symbol.toStringTag];
  if (typeof tag !== 'string' || tag === '') return '';
  const listed = context.showHidden ? Object.hasOwn(value, Symbol.toStringTag) :
    Object.prototype.propertyIsEnumerable.call(value, Symbol.toStringTag);
  if (listed || tag === constructor) tag = '';
  return tag;
}

// ---- Keys ---------------------------------------------------------------------------------------

function keysOf(context, value, withIndices) {
  const symbols = Object.getOwnPropertySymbols(value);
  let names;
  if (context.showHidden) names = Object.getOwnPropertyNames(value);
  else names = Object.keys(value);
  if (!withIndices) names = names.filter((name) => !isIndex(name));
  const shown = context.showHidden ? symbols :
    symbols.filter((symbol) => Object.prototype.propertyIsEnumerable.call(value, symbol));
  return [...names, ...shown];
}

function isIndex(name) {
  return /^(0|[1-9]\d{0,9})$/.test(name) && Number(name) < 2 ** 32 - 1;
}

// ---- One value ----------------------------------------------------------------------------------

function show(context, value, level) {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    return value === null ? context.stylize('null', 'null') : showPrimitive(context, value);
  }
  let target = value;
  let isProxy = false;
  const details = host.util.isProxy(value) ? host.util.proxyDetails?.(value) : undefined;
  if (details !== undefined && details !== null) {
    if (details[0] === null) return context.stylize('<Revoked Proxy>', 'special');
    if (context.showProxy) return showProxy(context, details, level);
    [target] = details;
    isProxy = true;
  }
  if (context.customInspect) {
    const custom = target[kCustom];
    if (typeof custom === 'function' && custom !== require('internal/inspect').inspect &&
        !(target.constructor && target.constructor.prototype === target)) {
      const depth = context.depth === null ? null : context.depth - level;
      const result = custom.call(value, depth, userOptions(context), require('internal/inspect').inspect);
      if (result !== value) {
        if (typeof result === 'object') return show(context, result, level);
        return String(result).replaceAll('\n', `\n${' '.repeat(context.indentation)}`);
      }
    }
  }
  if (context.seen.includes(target)) {
    context.circular ??= new Map();
    if (!context.circular.has(target)) context.circular.set(target, context.circular.size + 1);
    return context.stylize(`[Circular *${context.circular.get(target)}]`, 'special');
  }
  const text = showObject(context, target, level);
  return isProxy ? `Proxy(${text})` : text;
}

function userOptions(context) {
  const { stylize, showHidden, depth, colors, customInspect, showProxy, maxArrayLength, maxStringLength,
    breakLength, compact, sorted, getters, numericSeparator } = context;
  return { stylize, showHidden, depth, colors, customInspect, showProxy, maxArrayLength, maxStringLength,
    breakLength, compact, sorted, getters, numericSeparator, ...context.userOptions };
}

function showProxy(context, [target, handler], level) {
  if (level > context.depth && context.depth !== null) return context.stylize('Proxy [Array]', 'special');
  context.indentation += 2;
  const parts = [show(context, target, level + 1), show(context, handler, level + 1)];
  context.indentation -= 2;
  return assemble(context, parts, '', ['Proxy [', ']'], true, level + 1);
}

// ---- Objects ------------------------------------------------------------------------------------

// What a kind of object consists of: { base, open, close, parts(), isArray, keys, done }.
// `done` is the whole text, where there is nothing inside.
function describe(context, value, constructor, tag, level) {
  const kind = host.util.classOf(value);
  const prefix = (fallback, size) => prefixOf(constructor, tag, fallback, size);
  const braces = (fallback) => ({ base: '', open: `${prefix(fallback)}{`, close: '}' });

  if (Array.isArray(value)) {
    const keys = keysOf(context, value, false);
    const head = constructor !== 'Array' || tag !== '' ? prefix('Array', `(${value.length})`) : '';
    if (value.length === 0 && keys.length === 0) return { done: `${head}[]` };
    return { base: '', open: `${head}[`, close: ']', keys, isArray: true, parts: (inner) => arrayParts(context, value, inner) };
  }
  if (ArrayBuffer.isView(value) && kind !== 'DataView') {
    const keys = keysOf(context, value, false);
    const { length } = value;
    const head = prefix(kind, `(${length})`);
    if (length === 0 && keys.length === 0) return { done: `${head}[]` };
    return { base: '', open: `${head}[`, close: ']', keys, isArray: true, parts: (inner) => typedParts(context, value, inner) };
  }
  const keys = keysOf(context, value, true);
  switch (kind) {
    case 'Set': {
      const head = prefix('Set', `(${value.size})`);
      if (value.size === 0 && keys.length === 0) return { done: `${head}{}` };
      return { base: '', open: `${head}{`, close: '}', keys, parts: (inner) => setParts(context, value, inner) };
    }
    case 'Map': {
      const head = prefix('Map', `(${value.size})`);
      if (value.size === 0 && keys.length === 0) return { done: `${head}{}` };
      return { base: '', open: `${head}{`, close: '}', keys, parts: (inner) => mapParts(context, value, inner) };
    }
    case 'RegExp': {
      const head = prefix('RegExp');
      const base = `${head === 'RegExp ' ? '' : head}${RegExp.prototype.toString.call(value)}`;
      return leaf(context, base, 'regexp', keys, level);
    }
    case 'Date': {
      const head = prefix('Date');
      const text = Number.isNaN(Date.prototype.getTime.call(value)) ? 'Invalid Date' : Date.prototype.toISOString.call(value);
      return leaf(context, `${head === 'Date ' ? '' : head}${text}`, 'date', keys, level);
    }
    case 'Error': {
      const base = showError(context, value, constructor, tag, keys);
      return keys.length === 0 ? { done: base } : { base, open: '{', close: '}', keys };
    }
    case 'ArrayBuffer':
    case 'SharedArrayBuffer': {
      return { ...braces(kind), keys, fixed: ['byteLength'], parts: () => bufferParts(context, value) };
    }
    case 'DataView':
      return { ...braces('DataView'), keys, fixed: ['byteLength', 'byteOffset', 'buffer'] };
    case 'Promise':
      return { ...braces('Promise'), keys, parts: (inner) => promiseParts(context, value, inner) };
    case 'WeakSet':
    case 'WeakMap':
      return { ...braces(kind), keys, parts: () => [context.stylize('<items unknown>', 'special')] };
    case 'Number': case 'String': case 'Boolean': case 'BigInt': case 'Symbol':
      return boxed(context, value, kind, constructor, tag, keys);
    case 'Arguments': case 'MappedArguments':
      return { base: '', open: '[Arguments] {', close: '}', keys };
    default:
  }
  if (typeof value === 'function') {
    const base = functionBase(context, value, constructor, tag);
    if (keys.length === 0) return { done: context.stylize(base, 'special') };
    return { base, open: '{', close: '}', keys };
  }
  if (constructor === null && value[Symbol.toStringTag] === 'Module') return { base: '', open: '[Module: null prototype] {', close: '}', keys };
  if (constructor === 'Object' && tag === '') {
    return keys.length === 0 ? { done: '{}' } : { base: '', open: '{', close: '}', keys };
  }
  const head = prefix('Object');
  return keys.length === 0 ? { done: `${head}{}` } : { base: '', open: `${head}{`, close: '}', keys };
}

function leaf(context, base, style, keys, level) {
  if (keys.length === 0 || (level > context.depth && context.depth !== null)) return { done: context.stylize(base, style) };
  return { base, open: '{', close: '}', keys };
}

function boxed(context, value, kind, constructor, tag, givenKeys) {
  let keys = givenKeys;
  const primitive = globalThis[kind].prototype.valueOf.call(value);
  if (kind === 'String') keys = keys.filter((key) => typeof key === 'symbol' || !isIndex(key) || Number(key) >= primitive.length);
  let head = `[${kind}`;
  if (kind !== constructor) head += constructor === null ? ' (null prototype)' : ` (${constructor})`;
  const plain = { ...context, stylize: (text) => text };
  head += `: ${kind === 'String' ? showString(plain, primitive) : showPrimitive(plain, primitive)}]`;
  if (tag !== '' && tag !== constructor) head += ` [${tag}]`;
  if (keys.length === 0) return { done: context.stylize(head, kind.toLowerCase()) };
  return { base: context.stylize(head, kind.toLowerCase()), open: '{', close: '}', keys };
}

function functionBase(context, value, constructor, tag) {
  const source = Function.prototype.toString.call(value);
  if (/^class\b/.test(source) && source.endsWith('}')) return classBase(value, constructor, tag);
  const type = functionType(value);
  let base = `[${type}`;
  if (constructor === null) base += ' (null prototype)';
  if (value.name === '') base += ' (anonymous)';
  else base += `: ${typeof value.name === 'string' ? value.name : show(context, value.name, 0)}`;
  base += ']';
  if (constructor !== type && constructor !== null) base += ` ${constructor}`;
  if (tag !== '' && constructor !== tag) base += ` [${tag}]`;
  return base;
}

// By the prototype chain: `async` and `*` show in no other way that a program cannot change.
const FUNCTION_TYPES = new Map([
  [Object.getPrototypeOf(async () => {}), 'AsyncFunction'],
  [Object.getPrototypeOf(function*() {}), 'GeneratorFunction'],
  [Object.getPrototypeOf(async function*() {}), 'AsyncGeneratorFunction'],
]);

function functionType(value) {
  for (let holder = value; holder !== null; holder = Object.getPrototypeOf(holder)) {
    const type = FUNCTION_TYPES.get(holder);
    if (type !== undefined) return type;
  }
  return 'Function';
}

function classBase(value, constructor, tag) {
  let base = `class ${(Object.hasOwn(value, 'name') && value.name) || '(anonymous)'}`;
  if (constructor !== 'Function' && constructor !== null) base += ` [${constructor}]`;
  if (tag !== '' && constructor !== tag) base += ` [${tag}]`;
  if (constructor === null) base += ' extends [null prototype]';
  else {
    const { name } = Object.getPrototypeOf(value);
    if (name) base += ` extends ${name}`;
  }
  return `[${base}]`;
}

function showObject(context, value, givenLevel) {
  const constructor = constructorName(value, context, givenLevel);
  const tag = tagOf(context, value, constructor);
  const what = describe(context, value, constructor, tag, givenLevel);
  if (what.done !== undefined) return what.done;
  if (givenLevel > context.depth && context.depth !== null) {
    const name = Array.isArray(value) && constructor === 'Array' ? 'Array' : prefixOf(constructor, tag, Array.isArray(value) ? 'Array' : 'Object').slice(0, -1);
    return context.stylize(constructor === null ? name : `[${name}]`, 'special');
  }
  const level = givenLevel + 1;
  context.seen.push(value);
  context.currentDepth = level;
  const parts = what.parts?.(level) ?? [];
  for (const key of what.fixed ?? []) {
    parts.push(`[${key}]: ${show(context, value[key], level)}`);
  }
  for (const key of what.keys) parts.push(showProperty(context, value, level, key, what.isArray));
  let { base } = what;
  let { open } = what;
  if (context.circular?.has(value)) {
    const reference = context.stylize(`<ref *${context.circular.get(value)}>`, 'special');
    if (context.compact === true) open = `${reference} ${open}`;
    else base = base === '' ? reference : `${reference} ${base}`;
  }
  context.seen.pop();
  if (context.sorted) {
    const compare = context.sorted === true ? undefined : context.sorted;
    if (what.isArray) parts.push(...parts.splice(parts.length - what.keys.length).sort(compare));
    else parts.sort(compare);
  }
  return assemble(context, parts, base, [open, what.close], what.isArray, level, what.isArray ? value : undefined);
}

// ---- Parts --------------------------------------------------------------------------------------

function showProperty(context, value, level, key, isArray) {
  const descriptor = Object.getOwnPropertyDescriptor(value, key) ??
    { value: value[key], configurable: true, enumerable: true };
  let text;
  let gap = ' ';
  if (descriptor.value !== undefined || (!descriptor.get && !descriptor.set)) {
    const indent = context.compact !== true || isArray ? 2 : 3;
    context.indentation += indent;
    text = show(context, descriptor.value, level);
    if (indent === 3 && context.breakLength < text.replace(/\u001b\[\d+m/g, '').length) gap = `\n${' '.repeat(context.indentation)}`;
    context.indentation -= indent;
  } else if (descriptor.get !== undefined) {
    const label = descriptor.set !== undefined ? 'Getter/Setter' : 'Getter';
    const wanted = context.getters && (context.getters === true ||
      (context.getters === 'get' && descriptor.set === undefined) || (context.getters === 'set' && descriptor.set !== undefined));
    text = wanted ? showGetter(context, value, descriptor, label, level) : context.stylize(`[${label}]`, 'special');
  } else text = context.stylize('[Setter]', 'special');
  return `${showKey(context, key, descriptor.enumerable)}:${gap}${text}`;
}

function showGetter(context, value, descriptor, label, level) {
  try {
    const result = descriptor.get.call(value);
    context.indentation += 2;
    let text;
    if (result === null || (typeof result !== 'object' && typeof result !== 'function')) {
      text = `[${label}: ${show(context, result, level)}]`;
    } else text = `[${label}] ${show(context, result, level)}`;
    context.indentation -= 2;
    return text;
  } catch (error) {
    return `[${label}: <Inspection threw (${error.message})>]`;
  }
}

function more(count) {
  return `... ${count} more item${count > 1 ? 's' : ''}`;
}

function indented(context, fn) {
  context.indentation += 2;
  const result = fn();
  context.indentation -= 2;
  return result;
}

function arrayParts(context, value, level) {
  const parts = [];
  const limit = Math.min(Math.max(0, context.maxArrayLength), value.length);
  let at = 0;
  while (at < value.length && parts.length < limit) {
    if (Object.hasOwn(value, at)) {
      const index = at++;
      parts.push(indented(context, () => show(context, value[index], level)));
      continue;
    }
    let end = at + 1;
    while (end < value.length && !Object.hasOwn(value, end)) end++;
    const count = end - at;
    parts.push(context.stylize(`<${count} empty item${count > 1 ? 's' : ''}>`, 'undefined'));
    at = end;
  }
  if (at < value.length) parts.push(more(value.length - at));
  return parts;
}

function typedParts(context, value, level) {
  const limit = Math.min(Math.max(0, context.maxArrayLength), value.length);
  const showItem = typeof value[0] === 'bigint' ? showBigInt : showNumber;
  const parts = [];
  for (let i = 0; i < limit; i++) parts.push(showItem(context, value[i]));
  if (value.length > limit) parts.push(more(value.length - limit));
  if (context.showHidden) {
    context.indentation += 2;
    for (const key of ['BYTES_PER_ELEMENT', 'length', 'byteLength', 'byteOffset']) {
      parts.push(`[${key}]: ${show(context, value[key], level)}`);
    }
    // Its contents are above.
    const kind = host.util.classOf(value.buffer);
    parts.push(`[buffer]: ${kind} { [byteLength]: ${showNumber(context, value.buffer.byteLength)} }`);
    context.indentation -= 2;
  }
  return parts;
}

function setParts(context, value, level) {
  const parts = [];
  const limit = Math.min(Math.max(0, context.maxArrayLength), value.size);
  indented(context, () => {
    for (const item of Set.prototype.values.call(value)) {
      if (parts.length >= limit) break;
      parts.push(show(context, item, level));
    }
  });
  if (value.size > limit) parts.push(more(value.size - limit));
  return parts;
}

function mapParts(context, value, level) {
  const parts = [];
  const limit = Math.min(Math.max(0, context.maxArrayLength), value.size);
  indented(context, () => {
    for (const [key, item] of Map.prototype.entries.call(value)) {
      if (parts.length >= limit) break;
      parts.push(`${show(context, key, level)} => ${show(context, item, level)}`);
    }
  });
  if (value.size > limit) parts.push(more(value.size - limit));
  return parts;
}

function bufferParts(context, value) {
  let bytes;
  try {
    bytes = new Uint8Array(value);
  } catch {
    return [context.stylize('(detached)', 'special')];
  }
  const limit = Math.min(Math.max(0, context.maxArrayLength), bytes.length);
  let text = bytes.subarray(0, limit).toHex().replace(/(..)(?=.)/g, '$1 ');
  const rest = bytes.length - limit;
  if (rest > 0) text += ` ... ${rest} more byte${rest > 1 ? 's' : ''}`;
  return [`${context.stylize('[Uint8Contents]', 'special')}: <${text}>`];
}

function promiseParts(context, value, level) {
  const [state, result] = host.util.promiseState(value);
  if (state === 0) return [context.stylize('<pending>', 'special')];
  const text = indented(context, () => show(context, result, level));
  return [state === 2 ? `${context.stylize('<rejected>', 'special')} ${text}` : text];
}

module.exports = { show };
