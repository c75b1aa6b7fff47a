'use strict';
// Putting the shown parts of an object on one line, on several, or in columns.
// Authority: https://nodejs.org/api/util.html#utilinspectobject-options (breakLength, compact)

// ---- Columns ------------------------------------------------------------------------------------

const MANY = 6;               // an array with more parts than this may be set in columns
const MAX_COLUMNS = 15;
const SEPARATOR = 2;          // ", "

// Sets the parts of an array in columns, as near to a square as their widths allow.
function columns(context, output, value) {
  let count = output.length;
  // The last part may be "... n more items", which stands on a line of its own.
  if (context.maxArrayLength < output.length) count--;
  const widths = [];
  let total = 0;
  let widest = 0;
  for (let i = 0; i < count; i++) {
    const width = context.colors ? output[i].replace(/\u001b\[\d+m/g, '').length : output[i].length;
    widths.push(width);
    total += width + SEPARATOR;
    if (width > widest) widest = width;
  }
  const cell = widest + SEPARATOR;
  const worthIt = cell * 3 + context.indentation < context.breakLength && (total / cell > 5 || widest <= 6);
  if (!worthIt) return output;

  // A character is about 2.5 times as high as wide; cells far wider than the average count for less.
  const bias = Math.sqrt(cell - total / output.length);
  const biasedCell = Math.max(cell - 3 - bias, 1);
  const number = Math.min(
    Math.round(Math.sqrt(2.5 * biasedCell * count) / biasedCell),
    Math.floor((context.breakLength - context.indentation) / cell),
    context.compact * 4,
    MAX_COLUMNS);
  if (number <= 1) return output;

  const columnWidths = [];
  for (let column = 0; column < number; column++) {
    let width = 0;
    for (let i = column; i < count; i += number) width = Math.max(width, widths[i]);
    columnWidths.push(width + SEPARATOR);
  }
  // Numbers are aligned to the right.
  const right = value !== undefined && numbersOnly(value, output.length);
  const lines = [];
  for (let first = 0; first < count; first += number) {
    const last = Math.min(first + number, count) - 1;
    let line = '';
    for (let i = first; i < last; i++) {
      const padding = columnWidths[i - first] + output[i].length - widths[i];
      line += right ? `${output[i]}, `.padStart(padding) : `${output[i]}, `.padEnd(padding);
    }
    line += right ? output[last].padStart(columnWidths[last - first] + output[last].length - widths[last] - SEPARATOR) : output[last];
    lines.push(line);
  }
  if (count < output.length) lines.push(output[count]);
  return lines;
}

function numbersOnly(value, count) {
  for (let i = 0; i < count; i++) {
    if (typeof value[i] !== 'number' && typeof value[i] !== 'bigint') return false;
  }
  return true;
}

// ---- Lines --------------------------------------------------------------------------------------

function fits(context, output, start, base) {
  let total = output.length + start;
  if (total + output.length > context.breakLength) return false;
  for (const part of output) {
    total += context.colors ? part.replace(/\u001b\[\d+m/g, '').length : part.length;
    if (total > context.breakLength) return false;
  }
  return base === '' || !base.includes('\n');
}

// `base` stands before the opening brace (a function, an error, a reference).
function assemble(context, parts, base, [open, close], isArray, level, value) {
  const before = base === '' ? '' : `${base} `;
  const indent = `\n${' '.repeat(context.indentation)}`;
  if (context.compact === true) {
    if (fits(context, parts, 0, base) && !parts.some((part) => part.includes('\n'))) {
      return `${open}${base === '' ? '' : ` ${base}`} ${parts.join(', ')} ${close}`;
    }
    const start = base === '' && open.length === 1 ? ' ' : `${base === '' ? '' : ` ${base}`}\n${indent.slice(1)}  `;
    return `${open}${start}${parts.join(`,${indent}  `)} ${close}`;
  }
  let output = parts;
  if (typeof context.compact === 'number' && context.compact >= 1) {
    if (isArray && parts.length > MANY) output = columns(context, parts, value);
    // The innermost `compact` levels go on one line if they fit, unless they are set in columns.
    if (context.currentDepth - level < context.compact && output.length === parts.length) {
      const start = output.length + context.indentation + open.length + base.length + 10;
      if (fits(context, output, start, base)) {
        const joined = output.join(', ');
        if (!joined.includes('\n')) return `${before}${open} ${joined} ${close}`;
      }
    }
  }
  return `${before}${open}${indent}  ${output.join(`,${indent}  `)}${indent}${close}`;
}

module.exports = { assemble };
