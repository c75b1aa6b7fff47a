'use strict';
// Hosts. Authority: https://url.spec.whatwg.org/#host-parsing, #host-serializing
//
// A host is kept as its serialization; undefined means failure.

const { C0_CONTROL, percentDecode, percentEncode } = require('internal/web/url/percent');

const FORBIDDEN_HOST = /[\0\t\n\r #/:<>?@[\\\]^|]/;
const FORBIDDEN_DOMAIN = /[\0-\x20#/:<>?@[\\\]^|%\x7f]/;

// "host parser"
function parseHost(input, isOpaque) {
  if (input.startsWith('[')) {
    if (!input.endsWith(']')) return undefined;
    const pieces = parseIpv6(input.slice(1, -1));
    return pieces === undefined ? undefined : `[${serializeIpv6(pieces)}]`;
  }
  if (isOpaque) return FORBIDDEN_HOST.test(input) ? undefined : percentEncode(input, C0_CONTROL);
  const domain = require('internal/web/url/idna').domainToAscii(percentDecode(input));
  if (domain === undefined || domain === '' || FORBIDDEN_DOMAIN.test(domain)) return undefined;
  return endsInNumber(domain) ? parseIpv4(domain) : domain;
}

// ---- IPv4 -------------------------------------------------------------------------------------

// "ends in a number checker"
function endsInNumber(domain) {
  const parts = domain.split('.');
  if (parts.at(-1) === '') parts.pop();
  const last = parts.at(-1) ?? '';
  return /^[0-9]+$/.test(last) || parseIpv4Number(last) !== undefined;
}

// "IPv4 number parser"
function parseIpv4Number(input) {
  if (input === '') return undefined;
  let [digits, radix, valid] = [input, 10, /^[0-9]*$/];
  if (/^0[xX]/.test(input)) [digits, radix, valid] = [input.slice(2), 16, /^[0-9a-fA-F]*$/];
  else if (input.length > 1 && input.startsWith('0')) [digits, radix, valid] = [input.slice(1), 8, /^[0-7]*$/];
  if (digits === '') return 0;
  return valid.test(digits) ? Number.parseInt(digits, radix) : undefined;
}

// "IPv4 parser" and serializer
function parseIpv4(domain) {
  const parts = domain.split('.');
  if (parts.at(-1) === '' && parts.length > 1) parts.pop();
  if (parts.length > 4) return undefined;
  const numbers = parts.map(parseIpv4Number);
  if (numbers.includes(undefined)) return undefined;
  const last = numbers.pop();
  if (numbers.some((number) => number > 255) || last >= 256 ** (4 - numbers.length)) return undefined;
  const address = numbers.reduce((sum, number, index) => sum + number * 256 ** (3 - index), last);
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

// ---- IPv6 -------------------------------------------------------------------------------------

// "IPv6 parser": eight pieces, or undefined
function parseIpv6(input) {
  const pieces = [0, 0, 0, 0, 0, 0, 0, 0];
  let index = 0;
  let compress = null;
  let pointer = 0;
  if (input[0] === ':') {
    if (input[1] !== ':') return undefined;
    pointer = 2;
    index = 1;
    compress = 1;
  }
  while (pointer < input.length) {
    if (index === 8) return undefined;
    if (input[pointer] === ':') {
      if (compress !== null) return undefined;
      pointer += 1;
      index += 1;
      compress = index;
      continue;
    }
    const [digits] = /^[0-9a-fA-F]{0,4}/.exec(input.slice(pointer));
    pointer += digits.length;
    if (input[pointer] === '.') {
      if (digits.length === 0 || index > 6) return undefined;
      const bytes = parseEmbeddedIpv4(input.slice(pointer - digits.length));
      if (bytes === undefined) return undefined;
      pieces[index++] = bytes[0] * 256 + bytes[1];
      pieces[index++] = bytes[2] * 256 + bytes[3];
      break;
    }
    if (input[pointer] === ':') {
      pointer += 1;
      if (pointer === input.length) return undefined;
    } else if (pointer < input.length) {
      return undefined;
    }
    pieces[index++] = digits === '' ? 0 : Number.parseInt(digits, 16);
  }
  if (compress === null) return index === 8 ? pieces : undefined;
  const moved = pieces.slice(compress, index);
  pieces.fill(0, compress);
  moved.forEach((piece, i) => { pieces[8 - moved.length + i] = piece; });
  return pieces;
}

// Four decimal numbers up to 255 without leading zeros.
function parseEmbeddedIpv4(text) {
  const parts = text.split('.');
  const valid = parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
  return valid ? parts.map(Number) : undefined;
}

// "IPv6 serializer": the longest run of zeros, from two on, is compressed.
function serializeIpv6(pieces) {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (pieces[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  const hex = (list) => list.map((piece) => piece.toString(16)).join(':');
  if (best.start === -1) return hex(pieces);
  return `${hex(pieces.slice(0, best.start))}::${hex(pieces.slice(best.start + best.length))}`;
}

module.exports = { parseHost };
