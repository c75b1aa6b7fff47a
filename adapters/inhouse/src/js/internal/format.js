'use strict';
// Showing values and filling in `%` patterns: `internal/inspect` of the `util` module if this build has it, else what the console needs.

function quote(text) {
  return `'${text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll("'", "\\'")}'`;
}

function inspect(value, { depth = 2 } = {}, level = 0, above = []) {
  switch (typeof value) {
    case 'string': return quote(value);
    case 'bigint': return `${value}n`;
    case 'symbol': return String(value);
    case 'number': return Object.is(value, -0) ? '-0' : String(value);
    case 'function': {
      const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'Function';
      return value.name === '' ? `[${kind} (anonymous)]` : `[${kind}${kind === 'class' ? ' ' : ': '}${value.name}]`;
    }
    case 'object': if (value !== null) break; // falls through
    default: return String(value);
  }
  if (above.includes(value)) return '[Circular *1]';
  if (value instanceof Error) return showError(value, level, above, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return String(value);
  const name = Object.getPrototypeOf(value) === null ? '[Object: null prototype]' : value.constructor?.name ?? 'Object';
  if (level > depth) return Array.isArray(value) ? '[Array]' : `[${name}]`;
  const inner = (part) => inspect(part, { depth }, level + 1, [...above, value]);
  const items = [];
  let prefix = name === 'Object' || name === 'Array' ? '' : `${name} `;
  let keys = Object.keys(value);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    keys = keys.filter((key) => !/^\d+$/.test(key));
    if (prefix !== '') prefix = `${name}(${value.length}) `;
    for (const item of Array.from(value).slice(0, 100)) items.push(inner(item));
  } else if (value instanceof Map) {
    prefix = `${name}(${value.size}) `;
    for (const [key, item] of value) items.push(`${inner(key)} => ${inner(item)}`);
  } else if (value instanceof Set) {
    prefix = `${name}(${value.size}) `;
    for (const item of value) items.push(inner(item));
  } else if (value instanceof Promise) {
    const [state, result] = host.util.promiseState(value);
    items.push(['<pending>', inner(result), `<rejected> ${inner(result)}`][state]);
  }
  for (const key of keys) {
    const shown = /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
    const { get, value: item } = Object.getOwnPropertyDescriptor(value, key);
    items.push(`${shown}: ${get === undefined ? inner(item) : '[Getter]'}`);
  }
  const [open, close] = Array.isArray(value) || ArrayBuffer.isView(value) ? ['[', ']'] : ['{', '}'];
  if (items.length === 0) return `${prefix}${open}${close}`;
  const line = `${prefix}${open} ${items.join(', ')} ${close}`;
  if (line.length <= 72 && !line.includes('\n')) return line;
  const pad = '  '.repeat(level + 1);
  return `${prefix}${open}\n${items.map((item) => pad + item).join(',\n')}\n${'  '.repeat(level)}${close}`;
}

function showError(error, level, above, depth) {
  let head = String(error);
  if (error.code !== undefined && !head.includes(`[${error.code}]`)) head = head.replace(`${error.name}:`, `${error.name} [${error.code}]:`);
  const stack = typeof error.stack === 'string' ? error.stack.trimEnd() : '';
  const text = stack === '' ? `[${head}]` : stack.startsWith(error.name) ? stack : `${head}\n${stack}`;
  const keys = Object.keys(error).filter((key) => key !== 'stack' && key !== 'message');
  if (keys.length === 0) return text;
  const inner = keys.map((key) => `  ${key}: ${inspect(error[key], { depth }, level + 1, [...above, error])}`);
  return `${text} {\n${inner.join(',\n')}\n}`;
}

function format(first, ...args) {
  if (typeof first !== 'string') return [first, ...args].map(show).join(' ');
  let at = 0;
  const text = args.length === 0 ? first : first.replace(/%[sdifjoOc%]/g, (pattern) => {
    if (pattern === '%%') return '%';
    if (at === args.length) return pattern;
    const arg = args[at++];
    switch (pattern) {
      case '%s': return typeof arg === 'object' && arg !== null && !Object.hasOwn(arg, 'toString') && !(arg instanceof Error)
        ? inspect(arg, { depth: 0 }) : typeof arg === 'bigint' ? `${arg}n` : Object.is(arg, -0) ? '-0' : String(arg);
      case '%d': return typeof arg === 'bigint' ? `${arg}n` : typeof arg === 'symbol' ? 'NaN' : inspect(Number(arg));
      case '%i': return typeof arg === 'bigint' ? `${arg}n` : typeof arg === 'symbol' ? 'NaN' : inspect(Number.parseInt(arg, 10));
      case '%f': return typeof arg === 'symbol' ? 'NaN' : inspect(Number.parseFloat(arg));
      case '%j': return JSON.stringify(arg) ?? 'undefined';
      case '%c': return '';
      case '%O': return inspect(arg, { depth: 4 });
      default: return inspect(arg, { depth: 4 });
    }
  });
  return [text, ...args.slice(at).map(show)].join(' ');
}

function show(value) {
  return typeof value === 'string' ? value : inspect(value);
}

module.exports = host.modules.builtin('internal/inspect') === undefined ? { inspect, format } : require('internal/inspect');
