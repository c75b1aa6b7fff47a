'use strict';
// The basic URL parser and the URL serializer. Authority: https://url.spec.whatwg.org/#url-parsing, #url-serializing
//
// Validation errors that do not end the parsing are not recorded. Each state is a method named as in the standard; it
// returns FAILURE, DONE (with a state override) or nothing, and moves `pointer`.

const { C0_CONTROL, FRAGMENT, PATH, QUERY, SPECIAL_QUERY, USERINFO, percentEncode } = require('internal/web/url/percent');
const { parseHost } = require('internal/web/url/host');

// "special scheme" -> "default port"
const SPECIAL = { __proto__: null, ftp: 21, file: null, http: 80, https: 443, ws: 80, wss: 443 };

const FAILURE = Symbol('failure');
const DONE = Symbol('done');

const isSpecialScheme = (scheme) => scheme in SPECIAL;

// ---- URL records ------------------------------------------------------------------------------

class UrlRecord {
  scheme = '';
  username = '';
  password = '';
  host = null;   // null or the serialized host; the empty host is ''
  port = null;
  path = [];     // segments, or a string if the path is opaque
  query = null;
  fragment = null;

  get isSpecial() { return isSpecialScheme(this.scheme); }

  get hasOpaquePath() { return typeof this.path === 'string'; }

  get includesCredentials() { return this.username !== '' || this.password !== ''; }

  get cannotHaveCredentialsOrPort() { return this.host === null || this.host === '' || this.scheme === 'file'; }

  // "shorten a url's path"
  shorten() {
    const { path } = this;
    if (this.scheme === 'file' && path.length === 1 && NORMALIZED_DRIVE.test(path[0])) return;
    path.pop();
  }

  // "URL path serializer"
  serializePath() {
    return this.hasOpaquePath ? this.path : this.path.map((segment) => `/${segment}`).join('');
  }

  // "URL serializer"
  serialize(excludeFragment = false) {
    let output = `${this.scheme}:`;
    if (this.host !== null) {
      output += '//';
      if (this.includesCredentials) {
        output += this.username + (this.password === '' ? '' : `:${this.password}`) + '@';
      }
      output += this.host + (this.port === null ? '' : `:${this.port}`);
    } else if (!this.hasOpaquePath && this.path.length > 1 && this.path[0] === '') {
      output += '/.';
    }
    output += this.serializePath();
    if (this.query !== null) output += `?${this.query}`;
    if (!excludeFragment && this.fragment !== null) output += `#${this.fragment}`;
    return output;
  }
}

const DRIVE = /^[a-zA-Z][:|]$/;
const NORMALIZED_DRIVE = /^[a-zA-Z]:$/;
const SINGLE_DOT = /^(\.|%2e)$/i;
const DOUBLE_DOT = /^(\.|%2e){2}$/i;

// ---- The parser -------------------------------------------------------------------------------

class Parser {
  constructor(input, base, url, stateOverride) {
    this.input = [...input];
    this.base = base;
    this.url = url;
    this.override = stateOverride;
    this.state = stateOverride ?? 'schemeStart';
    this.pointer = 0;
    this.buffer = '';
    this.atSignSeen = false;
    this.insideBrackets = false;
    this.passwordTokenSeen = false;
  }

  // Whether the record was filled.
  run() {
    for (;;) {
      const c = this.input[this.pointer]; // undefined is the EOF code point
      const result = this[this.state](c);
      if (result === FAILURE) return false;
      if (result === DONE) return true;
      if (this.pointer >= this.input.length) return true;
      this.pointer += 1;
    }
  }

  // The code points after c.
  remainingStartsWith(text) {
    return [...text].every((char, index) => this.input[this.pointer + 1 + index] === char);
  }

  goTo(state, back = 0) {
    this.state = state;
    this.pointer -= back;
  }

  // EOF, /, ?, #, and \ in special URLs
  endsAuthority(c) {
    return c === undefined || c === '/' || c === '?' || c === '#' || (c === '\\' && this.url.isSpecial);
  }

  takeAuthorityOfBase() {
    const { base, url } = this;
    url.username = base.username;
    url.password = base.password;
    url.host = base.host;
    url.port = base.port;
  }

  startQuery() {
    this.url.query = '';
    this.state = 'query';
  }

  startFragment() {
    this.url.fragment = '';
    this.state = 'fragment';
  }

  schemeStart(c) {
    if (c !== undefined && /[a-zA-Z]/.test(c)) {
      this.buffer += c.toLowerCase();
      this.state = 'scheme';
    } else if (this.override === undefined) {
      this.goTo('noScheme', 1);
    } else {
      return FAILURE;
    }
    return undefined;
  }

  scheme(c) {
    const { url } = this;
    if (c !== undefined && /[a-zA-Z0-9+\-.]/.test(c)) {
      this.buffer += c.toLowerCase();
      return undefined;
    }
    if (c !== ':') {
      if (this.override !== undefined) return FAILURE;
      this.buffer = '';
      this.state = 'noScheme';
      this.pointer = -1;
      return undefined;
    }
    if (this.override !== undefined) {
      if (url.isSpecial !== isSpecialScheme(this.buffer)) return DONE;
      if ((url.includesCredentials || url.port !== null) && this.buffer === 'file') return DONE;
      if (url.scheme === 'file' && url.host === '') return DONE;
      url.scheme = this.buffer;
      if (url.port === SPECIAL[url.scheme]) url.port = null;
      return DONE;
    }
    url.scheme = this.buffer;
    this.buffer = '';
    if (url.scheme === 'file') {
      this.state = 'file';
    } else if (url.isSpecial) {
      this.state = this.base?.scheme === url.scheme ? 'specialRelativeOrAuthority' : 'specialAuthoritySlashes';
    } else if (this.remainingStartsWith('/')) {
      this.goTo('pathOrAuthority', -1);
    } else {
      url.path = '';
      this.state = 'opaquePath';
    }
    return undefined;
  }

  noScheme(c) {
    const { base, url } = this;
    if (base === null || (base.hasOpaquePath && c !== '#')) return FAILURE;
    if (base.hasOpaquePath) {
      url.scheme = base.scheme;
      url.path = base.path;
      url.query = base.query;
      this.startFragment();
    } else {
      this.goTo(base.scheme === 'file' ? 'file' : 'relative', 1);
    }
    return undefined;
  }

  specialRelativeOrAuthority(c) {
    if (c === '/' && this.remainingStartsWith('/')) this.goTo('specialAuthorityIgnoreSlashes', -1);
    else this.goTo('relative', 1);
  }

  pathOrAuthority(c) {
    if (c === '/') this.state = 'authority';
    else this.goTo('path', 1);
  }

  relative(c) {
    const { base, url } = this;
    url.scheme = base.scheme;
    if (c === '/' || (c === '\\' && url.isSpecial)) {
      this.state = 'relativeSlash';
      return;
    }
    this.takeAuthorityOfBase();
    url.path = [...base.path];
    url.query = base.query;
    if (c === '?') {
      this.startQuery();
    } else if (c === '#') {
      this.startFragment();
    } else if (c !== undefined) {
      url.query = null;
      url.shorten();
      this.goTo('path', 1);
    }
  }

  relativeSlash(c) {
    if (this.url.isSpecial && (c === '/' || c === '\\')) {
      this.state = 'specialAuthorityIgnoreSlashes';
    } else if (c === '/') {
      this.state = 'authority';
    } else {
      this.takeAuthorityOfBase();
      this.goTo('path', 1);
    }
  }

  specialAuthoritySlashes(c) {
    if (c === '/' && this.remainingStartsWith('/')) this.goTo('specialAuthorityIgnoreSlashes', -1);
    else this.goTo('specialAuthorityIgnoreSlashes', 1);
  }

  specialAuthorityIgnoreSlashes(c) {
    if (c !== '/' && c !== '\\') this.goTo('authority', 1);
  }

  authority(c) {
    const { url } = this;
    if (c === '@') {
      if (this.atSignSeen) this.buffer = `%40${this.buffer}`;
      this.atSignSeen = true;
      for (const char of this.buffer) {
        if (char === ':' && !this.passwordTokenSeen) {
          this.passwordTokenSeen = true;
          continue;
        }
        if (this.passwordTokenSeen) url.password += percentEncode(char, USERINFO);
        else url.username += percentEncode(char, USERINFO);
      }
      this.buffer = '';
    } else if (this.endsAuthority(c)) {
      if (this.atSignSeen && this.buffer === '') return FAILURE;
      this.goTo('host', [...this.buffer].length + 1);
      this.buffer = '';
    } else {
      this.buffer += c;
    }
    return undefined;
  }

  host(c) {
    const { url } = this;
    if (this.override !== undefined && url.scheme === 'file') {
      this.goTo('fileHost', 1);
      return undefined;
    }
    if (c === ':' && !this.insideBrackets) {
      if (this.buffer === '' || this.override === 'hostname') return FAILURE;
      if (!this.takeHost()) return FAILURE;
      this.state = 'port';
      return undefined;
    }
    if (this.endsAuthority(c)) {
      this.pointer -= 1;
      if (url.isSpecial && this.buffer === '') return FAILURE;
      if (this.override !== undefined && this.buffer === '' && (url.includesCredentials || url.port !== null)) return FAILURE;
      if (!this.takeHost()) return FAILURE;
      this.state = 'pathStart';
      return this.override === undefined ? undefined : DONE;
    }
    if (c === '[') this.insideBrackets = true;
    if (c === ']') this.insideBrackets = false;
    this.buffer += c;
    return undefined;
  }

  hostname(c) { return this.host(c); }

  takeHost() {
    const parsed = parseHost(this.buffer, !this.url.isSpecial);
    if (parsed === undefined) return false;
    this.url.host = parsed;
    this.buffer = '';
    return true;
  }

  port(c) {
    const { url } = this;
    if (c !== undefined && /[0-9]/.test(c)) {
      this.buffer += c;
      return undefined;
    }
    if (!this.endsAuthority(c) && this.override === undefined) return FAILURE;
    if (this.buffer !== '') {
      const port = Number.parseInt(this.buffer, 10);
      if (port > 65535) return FAILURE;
      url.port = port === SPECIAL[url.scheme] ? null : port;
      this.buffer = '';
      if (this.override !== undefined) return DONE;
    }
    if (this.override !== undefined) return FAILURE;
    this.goTo('pathStart', 1);
    return undefined;
  }

  // "starts with a Windows drive letter", from the pointer on
  startsWithDrive() {
    const [first, second, third] = this.input.slice(this.pointer, this.pointer + 3);
    return DRIVE.test(`${first}${second}`) && (third === undefined || '/\\?#'.includes(third));
  }

  file(c) {
    const { base, url } = this;
    url.scheme = 'file';
    url.host = '';
    if (c === '/' || c === '\\') {
      this.state = 'fileSlash';
    } else if (base?.scheme === 'file') {
      url.host = base.host;
      url.path = [...base.path];
      url.query = base.query;
      if (c === '?') {
        this.startQuery();
      } else if (c === '#') {
        this.startFragment();
      } else if (c !== undefined) {
        url.query = null;
        if (this.startsWithDrive()) url.path = [];
        else url.shorten();
        this.goTo('path', 1);
      }
    } else {
      this.goTo('path', 1);
    }
  }

  fileSlash(c) {
    const { base, url } = this;
    if (c === '/' || c === '\\') {
      this.state = 'fileHost';
      return;
    }
    if (base?.scheme === 'file') {
      url.host = base.host;
      if (!this.startsWithDrive() && NORMALIZED_DRIVE.test(base.path[0] ?? '')) url.path.push(base.path[0]);
    }
    this.goTo('path', 1);
  }

  fileHost(c) {
    const { url } = this;
    if (c !== undefined && !'/\\?#'.includes(c)) {
      this.buffer += c;
      return undefined;
    }
    this.pointer -= 1;
    if (this.override === undefined && DRIVE.test(this.buffer)) {
      this.state = 'path'; // which uses the buffer
      return undefined;
    }
    if (this.buffer === '') {
      url.host = '';
    } else {
      const parsed = parseHost(this.buffer, !url.isSpecial);
      if (parsed === undefined) return FAILURE;
      url.host = parsed === 'localhost' ? '' : parsed;
    }
    if (this.override !== undefined) return DONE;
    this.buffer = '';
    this.state = 'pathStart';
    return undefined;
  }

  pathStart(c) {
    const { url } = this;
    if (url.isSpecial) {
      this.goTo('path', c === '/' || c === '\\' ? 0 : 1);
    } else if (this.override === undefined && c === '?') {
      this.startQuery();
    } else if (this.override === undefined && c === '#') {
      this.startFragment();
    } else if (c !== undefined) {
      this.goTo('path', c === '/' ? 0 : 1);
    } else if (this.override !== undefined && url.host === null) {
      url.path.push('');
    }
  }

  path(c) {
    const { url } = this;
    const slash = c === '/' || (c === '\\' && url.isSpecial);
    if (c !== undefined && !slash && !(this.override === undefined && (c === '?' || c === '#'))) {
      this.buffer += percentEncode(c, PATH);
      return;
    }
    if (DOUBLE_DOT.test(this.buffer)) {
      url.shorten();
      if (!slash) url.path.push('');
    } else if (SINGLE_DOT.test(this.buffer)) {
      if (!slash) url.path.push('');
    } else {
      if (url.scheme === 'file' && url.path.length === 0 && DRIVE.test(this.buffer)) this.buffer = `${this.buffer[0]}:`;
      url.path.push(this.buffer);
    }
    this.buffer = '';
    if (c === '?') this.startQuery();
    if (c === '#') this.startFragment();
  }

  opaquePath(c) {
    const { url } = this;
    if (c === '?') this.startQuery();
    else if (c === '#') this.startFragment();
    else if (c === ' ') url.path += this.remainingStartsWith('?') || this.remainingStartsWith('#') ? '%20' : ' ';
    else if (c !== undefined) url.path += percentEncode(c, C0_CONTROL);
  }

  query(c) {
    const { url } = this;
    if (c === undefined || (this.override === undefined && c === '#')) {
      url.query += percentEncode(this.buffer, url.isSpecial ? SPECIAL_QUERY : QUERY);
      this.buffer = '';
      if (c === '#') this.startFragment();
    } else {
      this.buffer += c;
    }
  }

  fragment(c) {
    if (c !== undefined) this.url.fragment += percentEncode(c, FRAGMENT);
  }
}

// "basic URL parser" without a given record: the new record, or undefined for failure. `base` is a record or null.
function parse(input, base = null) {
  const trimmed = input.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '').replace(/[\t\n\r]/g, '');
  const parser = new Parser(trimmed, base, new UrlRecord(), undefined);
  return parser.run() ? parser.url : undefined;
}

// The same with a record to modify and a state override.
function parseInto(url, input, stateOverride) {
  new Parser(input.replace(/[\t\n\r]/g, ''), null, url, stateOverride).run();
}

module.exports = { UrlRecord, SPECIAL, parse, parseInto };
