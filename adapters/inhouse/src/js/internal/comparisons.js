'use strict';
// Deep equality. Authority: https://nodejs.org/api/assert.html#comparison-details and after it
//
// Three modes: strict (types, prototypes and symbol keys count, Object.is for primitives), loose
// (== for primitives), partial (strict, but `actual` may hold more than `expected`).

const STRICT = 'strict';
const LOOSE = 'loose';
const PARTIAL = 'partial';

const isObject = (value) => typeof value === 'object' && value !== null;

function equal(one, two, mode, pairs) {
  if (one === two) return one !== 0 || mode === LOOSE || Object.is(one, two);
  if (mode === LOOSE) {
    if (!isObject(one)) {
      // eslint-disable-next-line eqeqeq -- what "loose" means
      return !isObject(two) && (one == two || (Number.isNaN(one) && Number.isNaN(two)));
    }
    if (!isObject(two)) return false;
  } else {
    if (!isObject(one)) return typeof one === 'number' && Number.isNaN(one) && Number.isNaN(two);
    if (!isObject(two)) return false;
    if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(two)) return false;
  }
  if (Object.prototype.toString.call(one) !== Object.prototype.toString.call(two)) return false;
  const kind = host.util.classOf(one);
  if (Array.isArray(one) !== Array.isArray(two)) return false;
  if (kind !== host.util.classOf(two)) return false;
  return sameContents(one, two, kind, mode, pairs) && sameKeys(one, two, kind, mode, pairs);
}

// What an object holds beside its properties.
function sameContents(one, two, kind, mode) {
  switch (kind) {
    case 'Date':
      return Date.prototype.getTime.call(one) === Date.prototype.getTime.call(two) ||
        (Number.isNaN(one.getTime()) && Number.isNaN(two.getTime()));
    case 'RegExp':
      return one.source === two.source && one.flags === two.flags && one.lastIndex === two.lastIndex;
    case 'Number': case 'String': case 'Boolean': case 'BigInt': case 'Symbol': {
      const { valueOf } = globalThis[kind].prototype;
      return Object.is(valueOf.call(one), valueOf.call(two));
    }
    case 'ArrayBuffer': case 'SharedArrayBuffer':
      return sameBytes(new Uint8Array(one), new Uint8Array(two), mode);
    case 'WeakMap': case 'WeakSet': case 'Promise':
      return mode === LOOSE;
    default:
  }
  if (!ArrayBuffer.isView(one)) return true;
  if (kind === 'DataView') return sameBytes(bytesOf(one), bytesOf(two), mode);
  if (mode === PARTIAL ? one.length < two.length : one.length !== two.length) return false;
  if (mode === LOOSE && /^Float/.test(kind)) return two.every((item, i) => item === one[i] || (item !== item && one[i] !== one[i]));
  return mode === PARTIAL ? two.every((item, i) => Object.is(item, one[i])) : sameBytes(bytesOf(one), bytesOf(two), mode);
}

const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

function sameBytes(one, two, mode) {
  if (mode === PARTIAL ? one.length < two.length : one.length !== two.length) return false;
  return two.every((byte, i) => byte === one[i]);
}

// ---- Properties ---------------------------------------------------------------------------------

function keysOf(object, kind, mode) {
  let keys = Object.keys(object);
  if (ArrayBuffer.isView(object) || Array.isArray(object) || kind === 'String') keys = keys.filter((key) => !/^\d+$/.test(key));
  if (mode !== LOOSE) {
    for (const symbol of Object.getOwnPropertySymbols(object)) {
      if (Object.prototype.propertyIsEnumerable.call(object, symbol)) keys.push(symbol);
    }
  }
  return keys;
}

function sameKeys(one, two, kind, mode, givenPairs) {
  const keys = keysOf(two, kind, mode);
  if (mode !== PARTIAL && keysOf(one, kind, mode).length !== keys.length) return false;
  for (const key of keys) {
    if (mode === PARTIAL ? !(key in one) : !Object.prototype.propertyIsEnumerable.call(one, key)) return false;
  }
  // Cycles: a pair that is being compared already counts as equal.
  const pairs = givenPairs ?? new Map();
  const known = pairs.get(one) ?? new Set();
  if (known.has(two)) return true;
  pairs.set(one, known.add(two));
  const result = sameParts(one, two, kind, mode, pairs) && keys.every((key) => equal(one[key], two[key], mode, pairs));
  known.delete(two);
  return result;
}

function sameParts(one, two, kind, mode, pairs) {
  if (kind === 'Error' || one instanceof Error) {
    // Not enumerable, and what errors are about.
    for (const key of ['message', 'name', 'cause', 'errors']) {
      if (mode === PARTIAL && !Object.hasOwn(two, key)) continue;
      if (key !== 'name' && key !== 'message' && Object.hasOwn(one, key) !== Object.hasOwn(two, key)) return false;
      if (!equal(one[key], two[key], mode, pairs)) return false;
    }
    return true;
  }
  if (Array.isArray(one)) return sameItems(one, two, mode, pairs);
  if (kind === 'Set') return sameSet(one, two, mode, pairs);
  if (kind === 'Map') return sameMap(one, two, mode, pairs);
  return true;
}

function sameItems(one, two, mode, pairs) {
  if (mode === PARTIAL) {
    // A subsequence.
    let at = 0;
    for (const item of two) {
      while (at < one.length && !equal(one[at], item, mode, pairs)) at++;
      if (at++ >= one.length) return false;
    }
    return true;
  }
  if (one.length !== two.length) return false;
  for (let i = 0; i < one.length; i++) {
    if (Object.hasOwn(one, i) !== Object.hasOwn(two, i)) return false;
    if (!equal(one[i], two[i], mode, pairs)) return false;
  }
  return true;
}

function sameSet(one, two, mode, pairs) {
  if (mode === PARTIAL ? one.size < two.size : one.size !== two.size) return false;
  let rest;
  for (const item of two) {
    if (one.has(item)) continue;
    if (mode !== LOOSE && !isObject(item)) return false;
    rest ??= [...one].filter((other) => !two.has(other));
    const at = rest.findIndex((other) => equal(other, item, mode, pairs));
    if (at === -1) return false;
    rest.splice(at, 1);
  }
  return true;
}

function sameMap(one, two, mode, pairs) {
  if (mode === PARTIAL ? one.size < two.size : one.size !== two.size) return false;
  let rest;
  for (const [key, value] of two) {
    if (one.has(key) && equal(one.get(key), value, mode, pairs)) continue;
    if (mode !== LOOSE && !isObject(key)) return false;
    rest ??= [...one].filter(([other]) => !two.has(other) || mode === LOOSE);
    const at = rest.findIndex(([otherKey, other]) => equal(otherKey, key, mode, pairs) && equal(other, value, mode, pairs));
    if (at === -1) return false;
    rest.splice(at, 1);
  }
  return true;
}

module.exports = {
  isDeepEqual: (one, two) => equal(one, two, LOOSE),
  isDeepStrictEqual: (one, two) => equal(one, two, STRICT),
  isPartialStrictEqual: (one, two) => equal(one, two, PARTIAL),
};
