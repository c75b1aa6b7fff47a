'use strict';
// Node's `querystring` module. Authority: https://nodejs.org/api/querystring.html

const { Buffer } = require('buffer');

// Like encodeURIComponent, but for lone surrogates, which have an error of their own.
function escape(value) {
  const text = typeof value === 'string' ? value : typeof value === 'object' ? String(value) : `${value}`;
  try {
    return encodeURIComponent(text);
  } catch {
    throw Object.assign(new URIError('URI malformed'), { code: 'ERR_INVALID_URI' });
  }
}

// The bytes that percent signs stand for; what is no code stays as it is.
function unescapeBuffer(text, decodeSpaces = false) {
  const source = Buffer.from(`${text}`);
  const bytes = [];
  for (let i = 0; i < source.length; i++) {
    const hex = source[i] === 0x25 ? /^[0-9a-f]{2}$/i.exec(source.toString('latin1', i + 1, i + 3)) : null;
    if (hex !== null) {
      bytes.push(Number.parseInt(hex[0], 16));
      i += 2;
    } else {
      bytes.push(decodeSpaces && source[i] === 0x2b ? 0x20 : source[i]);
    }
  }
  return Buffer.from(bytes);
}

function unescape(text, decodeSpaces) {
  try {
    return decodeURIComponent(text);
  } catch {
    return unescapeBuffer(text, decodeSpaces).toString();
  }
}

function primitive(value) {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? `${value}` : '';
  return typeof value === 'bigint' || typeof value === 'boolean' ? `${value}` : '';
}

function stringify(object, separator = '&', equals = '=', options = undefined) {
  if (object === null || typeof object !== 'object') return '';
  const encode = typeof options?.encodeURIComponent === 'function' ? options.encodeURIComponent : module.exports.escape;
  const pair = (key, value) => `${encode(key)}${equals || '='}${encode(primitive(value))}`;
  const pairs = Object.keys(object).flatMap((key) => {
    const value = object[key];
    return Array.isArray(value) ? value.map((one) => pair(key, one)) : [pair(key, value)];
  });
  return pairs.join(separator || '&');
}

function parse(text, separator = '&', equals = '=', options = undefined) {
  const found = Object.create(null);
  if (typeof text !== 'string' || text.length === 0) return found;
  const decode = typeof options?.decodeURIComponent === 'function' ? options.decodeURIComponent : module.exports.unescape;
  const limit = typeof options?.maxKeys === 'number' ? options.maxKeys : 1000;
  const decoded = (part) => {
    const spaced = part.replaceAll('+', ' ');
    try {
      return decode(spaced);
    } catch {
      return unescape(spaced, true);
    }
  };
  let pairs = text.split(separator || '&').filter((pair) => pair !== '');
  if (limit > 0) pairs = pairs.slice(0, limit);
  for (const pair of pairs) {
    const at = pair.indexOf(equals || '=');
    const key = decoded(at === -1 ? pair : pair.slice(0, at));
    const value = at === -1 ? '' : decoded(pair.slice(at + (equals || '=').length));
    if (!(key in found)) found[key] = value;
    else if (Array.isArray(found[key])) found[key].push(value);
    else found[key] = [found[key], value];
  }
  return found;
}

module.exports = { unescapeBuffer, unescape, escape, stringify, encode: stringify, parse, decode: parse };
