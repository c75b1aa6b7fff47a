'use strict';
// Strings, numbers and keys as `inspect` shows them.

// A string longer than this may be broken at its line ends.
const MIN_BREAKABLE = 16;

const SHORT = { 8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r', 92: '\\\\' };

function escape(character) {
  const code = character.charCodeAt(0);
  if (SHORT[code] !== undefined) return SHORT[code];
  if (code >= 0xd800) return `\\u${code.toString(16)}`;
  return `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`;
}

// With the quotes that need the least escaping: single, else double, else back-ticks.
function quote(text) {
  let mark = "'";
  if (text.includes("'")) {
    if (!text.includes('"')) mark = '"';
    else if (!text.includes('`') && !text.includes('${')) mark = '`';
  }
  const needsEscape = mark === "'" ? /[\x00-\x1f'\\\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g :
    /[\x00-\x1f\\\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
  return mark + text.replace(needsEscape, (c) => (c === "'" ? "\\'" : escape(c))) + mark;
}

function showString(context, value) {
  let text = value;
  let trailer = '';
  if (text.length > context.maxStringLength) {
    const remaining = text.length - context.maxStringLength;
    text = text.slice(0, context.maxStringLength);
    trailer = `... ${remaining} more character${remaining > 1 ? 's' : ''}`;
  }
  if (context.compact !== true && text.length > MIN_BREAKABLE &&
      text.length > context.breakLength - context.indentation - 4) {
    const lines = text.split(/(?<=\n)/).map((line) => context.stylize(quote(line), 'string'));
    return lines.join(` +\n${' '.repeat(context.indentation + 2)}`) + trailer;
  }
  return context.stylize(quote(text), 'string') + trailer;
}

function separated(digits) {
  return digits.replace(/\B(?=(\d{3})+$)/g, '_');
}

function showNumber(context, value) {
  if (!context.numericSeparator || !Number.isFinite(value)) {
    return context.stylize(Object.is(value, -0) ? '-0' : String(value), 'number');
  }
  const text = Object.is(value, -0) ? '-0' : String(value);
  const [, sign, whole, point, fraction] = /^(-?)(\d+)(\.?)(\d*)$/.exec(text) ?? [];
  if (whole === undefined) return context.stylize(text, 'number');
  const grouped = fraction.replace(/(\d{3})(?=\d)/g, '$1_');
  return context.stylize(`${sign}${separated(whole)}${point}${grouped}`, 'number');
}

function showBigInt(context, value) {
  const text = String(value);
  return context.stylize(`${context.numericSeparator ? text.replace(/\d+/, separated) : text}n`, 'bigint');
}

function showPrimitive(context, value) {
  switch (typeof value) {
    case 'string': return showString(context, value);
    case 'number': return showNumber(context, value);
    case 'bigint': return showBigInt(context, value);
    case 'boolean': return context.stylize(String(value), 'boolean');
    case 'undefined': return context.stylize('undefined', 'undefined');
    default: return context.stylize(Symbol.prototype.toString.call(value), 'symbol');
  }
}

function showKey(context, key, isEnumerable) {
  if (typeof key === 'symbol') {
    const text = context.stylize(Symbol.prototype.toString.call(key).replace(/[\x00-\x1f\x7f-\x9f]/g, escape), 'symbol');
    return isEnumerable ? text : `[${text}]`;
  }
  if (key === '__proto__') return "['__proto__']";
  if (!isEnumerable) return `[${key.replace(/[\x00-\x1f'\\\x7f-\x9f]/g, escape)}]`;
  if (/^[a-zA-Z_][a-zA-Z_0-9]*$/.test(key)) return context.stylize(key, 'name');
  return context.stylize(quote(key), 'string');
}

module.exports = { quote, showString, showNumber, showBigInt, showPrimitive, showKey };
