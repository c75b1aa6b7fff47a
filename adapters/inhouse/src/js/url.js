'use strict';
// Node's `url`: the classes of the URL Standard, file URLs as paths, and the older parser that still takes relative URLs apart.
// Authority: https://nodejs.org/api/url.html

const { codes } = require('internal/errors');
const validate = require('internal/validate');

// ---- File URLs ------------------------------------------------------------------------------

function fileURLToPath(path) {
  const url = typeof path === 'string' ? new URL(path) : path;
  if (typeof url?.href !== 'string' || typeof url.protocol !== 'string') {
    throw new codes.ERR_INVALID_ARG_TYPE('path', ['string', 'URL'], path);
  }
  if (url.protocol !== 'file:') throw new codes.ERR_INVALID_URL_SCHEME('file');
  if (url.hostname !== '') throw new codes.ERR_INVALID_FILE_URL_HOST('linux');
  if (/%2f/i.test(url.pathname)) throw new codes.ERR_INVALID_FILE_URL_PATH('must not include encoded / characters');
  return decodeURIComponent(url.pathname);
}

const ESCAPED = { '%': '%25', '\\': '%5C', '\n': '%0A', '\r': '%0D', '\t': '%09', '?': '%3F', '#': '%23' };

function pathToFileURL(path) {
  validate.string(path, 'path');
  const resolved = require('path').resolve(path) + (path.endsWith('/') && path !== '/' ? '/' : '');
  return new URL(`file://${resolved.replace(/[%\\\n\r\t?#]/g, (character) => ESCAPED[character])}`);
}

// ---- The older parser -------------------------------------------------------------------------

const SLASHED = new Set(['http', 'https', 'ftp', 'gopher', 'file', 'ws', 'wss'].map((name) => `${name}:`));

function Url() {
  Object.assign(this, {
    protocol: null, slashes: null, auth: null, host: null, port: null, hostname: null, hash: null, search: null, query: null,
    pathname: null, path: null, href: null,
  });
}

function take(text, pattern, use) {
  const match = pattern.exec(text);
  if (match === null) return text;
  use(match);
  return text.slice(match[0].length);
}

Url.prototype.parse = function(text, parseQuery = false, slashesDenoteHost = false) {
  validate.string(text, 'url');
  let rest = text.trim();
  const hash = rest.indexOf('#');
  if (hash !== -1) {
    this.hash = rest.slice(hash);
    rest = rest.slice(0, hash);
  }
  const search = rest.indexOf('?');
  if (search !== -1) {
    this.search = rest.slice(search);
    rest = rest.slice(0, search);
  }
  this.query = this.search === null ? null : this.search.slice(1);
  if (parseQuery) {
    this.query = Object.fromEntries(new URLSearchParams(this.search ?? ''));
    this.search ??= '';
  }
  rest = take(rest, /^[a-z0-9.+-]+:/i, ([protocol]) => { this.protocol = protocol.toLowerCase(); });
  const slashed = SLASHED.has(this.protocol);
  if (rest.startsWith('//') && (this.protocol !== null || slashesDenoteHost)) {
    this.slashes = true;
    rest = take(rest.slice(2), /^[^/]*/, ([authority]) => this.parseHost(authority));
  }
  this.pathname = rest === '' ? (slashed && this.host ? '/' : null) : rest.replace(/[ "<>`{}|\\^']/g, encodeURIComponent);
  this.path = this.pathname === null && this.search === null ? null : `${this.pathname ?? ''}${this.search ?? ''}`;
  this.href = this.format();
  return this;
};

Url.prototype.parseHost = function(authority) {
  const at = authority.lastIndexOf('@');
  if (at !== -1) this.auth = decodeURIComponent(authority.slice(0, at));
  const [, name, port] = /^(.*?)(?::(\d*))?$/.exec(authority.slice(at + 1));
  this.port = port || null;
  this.hostname = name.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  this.host = `${name.toLowerCase()}${port ? `:${port}` : ''}`;
};

Url.prototype.format = function() {
  let { protocol = '', host = false, pathname = '', search, hash = '' } = this;
  if (protocol && !protocol.endsWith(':')) protocol += ':';
  const auth = this.auth ? `${encodeURIComponent(this.auth).replace(/%3A/i, ':')}@` : '';
  if (host) host = auth + host;
  else if (this.hostname) {
    host = `${auth}${this.hostname.includes(':') ? `[${this.hostname}]` : this.hostname}${this.port ? `:${this.port}` : ''}`;
  }
  if (!search && this.query !== null && typeof this.query === 'object') search = `${new URLSearchParams(this.query)}`;
  if (search && !search.startsWith('?')) search = `?${search}`;
  if (hash && !hash.startsWith('#')) hash = `#${hash}`;
  let before = '';
  if (this.slashes || ((!protocol || SLASHED.has(protocol)) && host)) {
    before = `//${host || ''}`;
    if (pathname && !pathname.startsWith('/')) pathname = `/${pathname}`;
  } else if (host) before = host;
  const path = (pathname ?? '').replace(/[?#]/g, encodeURIComponent);
  return `${protocol ?? ''}${before}${path}${(search ?? '').replaceAll('#', '%23')}${hash ?? ''}`;
};

function parse(url, parseQuery, slashesDenoteHost) {
  return url instanceof Url ? url : new Url().parse(url, parseQuery, slashesDenoteHost);
}

function format(url, options = {}) {
  if (typeof url === 'string') return parse(url).format();
  if (url === null || typeof url !== 'object') throw new codes.ERR_INVALID_ARG_TYPE('urlObject', ['Object', 'string'], url);
  if (!(url instanceof URL)) return Url.prototype.format.call(url);
  const copy = new URL(url);
  if (options.fragment === false) copy.hash = '';
  if (options.search === false) copy.search = '';
  if (options.auth === false) copy.username = copy.password = '';
  return copy.href;
}

// RFC 3986, 5.2: by the URL Standard for absolute bases, on a made-up origin for relative ones.
function resolve(from, to) {
  const origin = 'resolve://';
  const resolved = new URL(to, new URL(from, origin));
  if (resolved.protocol !== 'resolve:') return resolved.href;
  return resolved.pathname + resolved.search + resolved.hash;
}

function urlToHttpOptions(url) {
  const { hostname, protocol, hash, search, pathname, href, port, username, password } = url;
  const options = {
    __proto__: null, ...url, protocol, hostname: hostname.replace(/^\[(.*)\]$/, '$1'), hash, search, pathname,
    path: `${pathname || ''}${search || ''}`, href,
  };
  if (port !== '') options.port = Number(port);
  if (username || password) options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return options;
}

const toHost = (domain) => {
  try { return new URL(`ws://${domain}`).hostname; } catch { return ''; }
};

module.exports = {
  Url, parse, resolve, format, URL, URLSearchParams, fileURLToPath, pathToFileURL, urlToHttpOptions,
  resolveObject: (from, to) => parse(resolve(from, to)),
  domainToASCII: toHost, domainToUnicode: toHost,
};
