'use strict';
// Domains to ASCII. Authority: https://url.spec.whatwg.org/#idna, UTS #46, RFC 3492 (Punycode)
//
// UTS #46 maps by a table; here its mapping is what the engine knows of Unicode: each character in lower case, the ignored
// ones left out, and normal form KC. Bidi and joiner rules are not checked, for the engine has no such properties.

const IGNORED = /[\u00ad\u034f\u180b-\u180d\u180f\u200b\u2060\u2064\ufe00-\ufe0f\ufeff]|\udb40[\udd00-\uddef]/g;
const DISALLOWED = /[\p{Cn}\p{Co}\p{Cs}\p{Cc}\p{Z}\p{Lu}\u2ff0-\u2fff\ufff9-\ufffd]/u;
const DOTS = /[.\u3002\uff0e\uff61]/;
const ASCII = /^[\x00-\x7f]*$/;

// ---- Punycode ---------------------------------------------------------------------------------

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;
const INITIAL_N = 128;

// RFC 3492, 6.1
function adapt(delta, points, first) {
  let rest = first ? Math.floor(delta / DAMP) : delta >> 1;
  rest += Math.floor(rest / points);
  let k = 0;
  while (rest > ((BASE - T_MIN) * T_MAX) >> 1) {
    rest = Math.floor(rest / (BASE - T_MIN));
    k += BASE;
  }
  return k + Math.floor((BASE - T_MIN + 1) * rest / (rest + SKEW));
}

const threshold = (k, bias) => Math.min(Math.max(k - bias, T_MIN), T_MAX);
const digitOf = (value) => String.fromCharCode(value < 26 ? 97 + value : 22 + value);

// RFC 3492, 6.3
function encode(label) {
  const input = [...label].map((char) => char.codePointAt(0));
  const basic = input.filter((code) => code < 128);
  let output = String.fromCharCode(...basic);
  if (basic.length > 0) output += '-';
  let n = INITIAL_N;
  let delta = 0;
  let bias = INITIAL_BIAS;
  let handled = basic.length;
  while (handled < input.length) {
    const next = Math.min(...input.filter((code) => code >= n));
    delta += (next - n) * (handled + 1);
    n = next;
    for (const code of input) {
      if (code < n) delta += 1;
      if (code !== n) continue;
      let q = delta;
      for (let k = BASE; ; k += BASE) {
        const t = threshold(k, bias);
        if (q < t) break;
        output += digitOf(t + (q - t) % (BASE - t));
        q = Math.floor((q - t) / (BASE - t));
      }
      output += digitOf(q);
      bias = adapt(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled += 1;
    }
    delta += 1;
    n += 1;
  }
  return output;
}

// RFC 3492, 6.2; undefined if the text is no Punycode.
function decode(text) {
  const at = text.lastIndexOf('-');
  const output = at > 0 ? [...text.slice(0, at)].map((char) => char.codePointAt(0)) : [];
  const digits = text.slice(at > 0 ? at + 1 : 0);
  let n = INITIAL_N;
  let i = 0;
  let bias = INITIAL_BIAS;
  for (let position = 0; position < digits.length;) {
    const before = i;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      const digit = Number.parseInt(digits[position++] ?? '', 36);
      if (Number.isNaN(digit)) return undefined;
      const value = digit < 10 ? digit + 26 : digit - 10;
      i += value * weight;
      if (i > 0x7fffffff) return undefined;
      const t = threshold(k, bias);
      if (value < t) break;
      weight *= BASE - t;
    }
    bias = adapt(i - before, output.length + 1, before === 0);
    n += Math.floor(i / (output.length + 1));
    i %= output.length + 1;
    if (n > 0x10ffff) return undefined;
    output.splice(i++, 0, n);
  }
  return String.fromCodePoint(...output);
}

// ---- Unicode ToASCII --------------------------------------------------------------------------

// Lower case by character: in context a final sigma would differ.
function map(domain) {
  const lower = [...domain.replace(IGNORED, '')].map((char) => char.toLowerCase()).join('');
  return [...lower.normalize('NFKC')].map((char) => char.toLowerCase()).join('').normalize('NFC');
}

// "Validity Criteria", for a label in Unicode
const isValid = (label) => label.normalize('NFC') === label && !/^\p{M}/u.test(label) && !DISALLOWED.test(label);

// Undefined for failure.
function labelToAscii(label) {
  if (label.startsWith('xn--')) {
    const decoded = ASCII.test(label) ? decode(label.slice(4)) : undefined;
    return decoded === undefined || ASCII.test(decoded) || map(decoded) !== decoded || !isValid(decoded) ? undefined : label;
  }
  if (!isValid(label)) return undefined;
  return ASCII.test(label) ? label : `xn--${encode(label)}`;
}

// The domain parser with beStrict false, without its last checks. An ASCII domain is only lowered, for compatibility.
function domainToAscii(domain) {
  if (ASCII.test(domain)) return domain.toLowerCase();
  const labels = map(domain).split(DOTS).map(labelToAscii);
  return labels.includes(undefined) ? undefined : labels.join('.');
}

// "domain to Unicode"
function domainToUnicode(domain) {
  return domain.split('.').map((label) => {
    const decoded = label.startsWith('xn--') ? decode(label.slice(4)) : undefined;
    return decoded !== undefined && isValid(decoded) ? decoded : label;
  }).join('.');
}

module.exports = { domainToAscii, domainToUnicode, encode, decode };
