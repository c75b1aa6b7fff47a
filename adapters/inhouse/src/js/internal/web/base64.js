'use strict';
// atob and btoa. Authority: https://html.spec.whatwg.org/multipage/webappapis.html#atob, https://infra.spec.whatwg.org/#forgiving-base64

const { domString, requireArguments } = require('internal/web/webidl');

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Map([...ALPHABET].map((char, value) => [char, value]));

function invalidCharacter(message) {
  const { DOMException } = require('internal/web/dom_exception');
  return new DOMException(message, 'InvalidCharacterError');
}

function btoa(data) {
  requireArguments(arguments.length, 'data');
  const text = domString(data);
  let result = '';
  for (let i = 0; i < text.length; i += 3) {
    const [a, b, c] = [text.charCodeAt(i), text.charCodeAt(i + 1), text.charCodeAt(i + 2)];
    if (a > 255 || b > 255 || c > 255) throw invalidCharacter('Invalid character');
    result += ALPHABET[a >> 2] + ALPHABET[(a & 3) << 4 | b >> 4]; // beyond the end NaN counts as 0
    result += Number.isNaN(b) ? '=' : ALPHABET[(b & 15) << 2 | c >> 6];
    result += Number.isNaN(c) ? '=' : ALPHABET[c & 63];
  }
  return result;
}

// "forgiving-base64 decode", to a string of bytes
function atob(data) {
  requireArguments(arguments.length, 'data');
  const failed = () => invalidCharacter('The string to be decoded is not correctly encoded.');
  let text = domString(data).replace(/[\t\n\f\r ]+/g, '');
  if (text.length % 4 === 0) text = text.replace(/={1,2}$/, '');
  if (text.length % 4 === 1) throw failed();
  const bytes = [];
  let buffer = 0;
  let bits = 0;
  for (const char of text) {
    const value = VALUES.get(char);
    if (value === undefined) throw failed();
    buffer = buffer << 6 | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push(String.fromCharCode(buffer >> bits & 255));
      buffer &= (1 << bits) - 1;
    }
  }
  return bytes.join('');
}

module.exports = { atob, btoa };
