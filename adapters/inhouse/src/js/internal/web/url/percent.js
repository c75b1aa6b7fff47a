'use strict';
// Percent-encoding, and application/x-www-form-urlencoded. Authority: https://url.spec.whatwg.org/#percent-encoded-bytes, #urlencoded-parsing

const { utf8Encode, utf8Decode } = host.util;

// ---- Percent-encode sets: the ASCII characters beyond C0 controls and DEL, which are in every set ----

const newSet = (characters) => new Set(characters);
const C0_CONTROL = newSet('');
const FRAGMENT = newSet(' "<>`');
const QUERY = newSet(' "#<>');
const SPECIAL_QUERY = newSet(' "#<>\'');
const PATH = newSet(' "#<>?^`{}');
const USERINFO = newSet(' "#<>?^`{}/:;=@[\\]|');
const COMPONENT = newSet(' "#<>?^`{}/:;=@[\\]|$%&+,');
const FORM = newSet(' "#<>?^`{}/:;=@[\\]|$%&+,!\'()~');

const encodeByte = (byte) => `%${byte < 16 ? '0' : ''}${byte.toString(16).toUpperCase()}`;

// "UTF-8 percent-encode", of a string without lone surrogates
function percentEncode(text, set) {
  let result = '';
  for (const char of text) {
    const code = char.codePointAt(0);
    if (code > 0x7e) {
      for (const byte of utf8Encode(char)) result += encodeByte(byte);
    } else {
      result += code < 0x20 || set.has(char) ? encodeByte(code) : char;
    }
  }
  return result;
}

const hexDigit = (byte) => (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);

// "percent-decode" and "UTF-8 decode without BOM"
function percentDecode(text) {
  if (!text.includes('%')) return text;
  const bytes = utf8Encode(text);
  const output = [];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === 0x25 && hexDigit(bytes[i + 1]) && hexDigit(bytes[i + 2])) {
      output.push(Number.parseInt(String.fromCharCode(bytes[i + 1], bytes[i + 2]), 16));
      i += 2;
    } else {
      output.push(bytes[i]);
    }
  }
  return utf8Decode(new Uint8Array(output), false, true);
}

// "application/x-www-form-urlencoded string parser": pairs of name and value.
function parseForm(text) {
  const pairs = [];
  for (const part of text.split('&')) {
    if (part === '') continue;
    const spaced = part.replaceAll('+', ' ');
    const at = spaced.indexOf('=');
    const name = at === -1 ? spaced : spaced.slice(0, at);
    pairs.push([percentDecode(name), at === -1 ? '' : percentDecode(spaced.slice(at + 1))]);
  }
  return pairs;
}

// "application/x-www-form-urlencoded serializer"
const encodeForm = (text) => percentEncode(text, FORM).replaceAll('%20', '+');
const serializeForm = (pairs) => pairs.map(([name, value]) => `${encodeForm(name)}=${encodeForm(value)}`).join('&');

module.exports = {
  C0_CONTROL, FRAGMENT, QUERY, SPECIAL_QUERY, PATH, USERINFO, COMPONENT, percentEncode, percentDecode, parseForm, serializeForm,
};
