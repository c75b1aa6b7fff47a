'use strict';
// The messages of failed comparisons: the two values, or the lines in which they differ.

const { inspect } = require('internal/inspect');

const HEADS = {
  deepStrictEqual: 'Expected values to be strictly deep-equal:',
  partialDeepStrictEqual: 'Expected values to be partially and strictly deep-equal:',
  strictEqual: 'Expected values to be strictly equal:',
  deepEqual: 'Expected values to be loosely deep-equal:',
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notStrictEqualObject: 'Expected "actual" not to be reference-equal to "expected":',
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
  notIdentical: 'Values have same structure but are not reference-equal:',
};

// Two values whose texts are together no longer than this stand on one line.
const MAX_SHORT = 12;
const MAX_LINES = 50;
const CONTEXT = 5;        // unchanged lines that are shown before "..."
const WIDTH = 80;

function shown(value) {
  return inspect(value, {
    compact: false, customInspect: false, depth: 1000, maxArrayLength: Infinity, showHidden: false,
    showProxy: false, sorted: true, getters: true, breakLength: Infinity,
  });
}

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

// ---- Lines --------------------------------------------------------------------------------------

// A line of an object may differ in nothing but the comma that its place asks for.
function sameLine(one, two, ignoreComma) {
  if (one === two) return true;
  return ignoreComma && (`${one},` === two || one === `${two},`);
}

// [mark, line]: '+' only in `one`, '-' only in `two`, ' ' in both; by the longest common subsequence.
function difference(one, two, ignoreComma) {
  let start = 0;
  while (start < one.length && start < two.length && sameLine(one[start], two[start], ignoreComma)) start++;
  let end = 0;
  while (end < one.length - start && end < two.length - start &&
         sameLine(one[one.length - 1 - end], two[two.length - 1 - end], ignoreComma)) end++;
  const rows = one.length - start - end;
  const columns = two.length - start - end;
  const lengths = Array.from({ length: rows + 1 }, () => new Uint32Array(columns + 1));
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      lengths[i][j] = sameLine(one[start + i], two[start + j], ignoreComma) ? lengths[i + 1][j + 1] + 1 :
        Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  const result = one.slice(0, start).map((line) => [' ', line]);
  let i = 0;
  let j = 0;
  while (i < rows || j < columns) {
    if (i < rows && j < columns && sameLine(one[start + i], two[start + j], ignoreComma)) {
      result.push([' ', one[start + i]]);
      i++;
      j++;
    } else if (i < rows && (j === columns || lengths[i + 1][j] >= lengths[i][j + 1])) result.push(['+', one[start + i++]]);
    else result.push(['-', two[start + j++]]);
  }
  return result.concat(one.slice(one.length - end).map((line) => [' ', line]));
}

// Long stretches without a difference are cut.
function printed(lines) {
  let text = '';
  let skipped = false;
  let same = [];
  const flush = (isLast) => {
    const print = (list) => {
      for (const line of list) text += `  ${line}\n`;
    };
    if (isLast || same.length <= CONTEXT) print(same.slice(0, isLast ? CONTEXT : undefined));
    else if (same.length <= CONTEXT + 2) print(same);
    else {
      print(same.slice(0, CONTEXT));
      text += '...\n';
      print(same.slice(-1));
      skipped = true;
    }
    same = [];
  };
  for (const [mark, line] of lines) {
    if (mark === ' ') {
      same.push(line);
      continue;
    }
    flush(false);
    text += `${mark} ${line}\n`;
  }
  flush(true);
  return { text, skipped };
}

// ---- Messages -----------------------------------------------------------------------------------

// Both on one line each, with a mark at the first difference.
function stacked(one, two) {
  let text = `\n+ ${one}\n- ${two}`;
  if (one.length + two.length <= WIDTH) {
    let at = 0;
    while (at < one.length && one[at] === two[at]) at++;
    if (at > 2 && at < one.length) text += `\n  ${' '.repeat(at)}^`;
  }
  return text;
}

function differenceMessage(actual, expected, operator, customMessage) {
  const actualText = shown(actual);
  const expectedText = shown(expected);
  const actualLines = actualText.split('\n');
  const expectedLines = expectedText.split('\n');
  const head = customMessage ?? HEADS[operator];

  if (actualText === expectedText && operator === 'strictEqual' && isObject(actual) && isObject(expected)) {
    const lines = actualLines.length > MAX_LINES ? [...actualLines.slice(0, MAX_LINES - 4), '...'] : actualLines;
    return `${customMessage ?? HEADS.notIdentical}\n\n${lines.join('\n')}\n`;
  }
  const isSimple = actualLines.length === 1 && expectedLines.length === 1 &&
    !(typeof actual === 'object' && actual !== null && typeof expected === 'object' && expected !== null);
  if (isSimple) {
    const quotes = (typeof actual === 'string' ? 2 : 0) + (typeof expected === 'string' ? 2 : 0);
    const length = actualText.length + expectedText.length - quotes;
    if (length <= MAX_SHORT && (actual !== 0 || expected !== 0)) return `${head}\n\n${actualText} !== ${expectedText}\n`;
    return `${head}\n+ actual - expected\n${stacked(actualText, expectedText)}\n`;
  }
  const { text, skipped } = printed(difference(actualLines, expectedLines, isObject(actual)));
  return `${head}\n+ actual - expected${skipped ? '\n... Skipped lines' : ''}\n\n${text}`;
}

function cut(text, limit) {
  return text.length > limit ? `${text.slice(0, limit - 3)}...` : text;
}

function messageFor({ actual, expected, operator }) {
  if (operator === 'deepStrictEqual' || operator === 'strictEqual' || operator === 'partialDeepStrictEqual') {
    return differenceMessage(actual, expected, operator);
  }
  if (operator === 'notDeepStrictEqual' || operator === 'notStrictEqual') {
    const head = HEADS[operator === 'notStrictEqual' && isObject(actual) ? 'notStrictEqualObject' : operator];
    let lines = shown(actual).split('\n');
    if (lines.length > MAX_LINES) lines = [...lines.slice(0, MAX_LINES - 4), '...'];
    if (lines.length === 1) return `${head}${lines[0].length > 5 ? '\n\n' : ' '}${lines[0]}`;
    return `${head}\n\n${lines.join('\n')}\n`;
  }
  const one = shown(actual);
  const two = shown(expected);
  if (operator === 'notDeepEqual' && one === two) return cut(`${HEADS.notDeepEqual}\n\n${one}`, 1024);
  if (operator === 'deepEqual') return `${HEADS.deepEqual}\n\n${cut(one, 512)}\n\nshould loosely deep-equal\n\n${cut(two, 512)}`;
  if (operator === 'notDeepEqual') return `${HEADS.notDeepEqual}\n\n${cut(one, 512)}\n\nshould not loosely deep-equal\n\n${cut(two, 512)}`;
  return `${cut(one, 512)} ${operator} ${cut(two, 512)}`;
}

module.exports = { messageFor, differenceMessage };
