'use strict';
// URL. Authority: https://url.spec.whatwg.org/#url-class

const { defineInterface, invalidThis, isObject, requireArguments, usvString } = require('internal/web/webidl');
const { parse, parseInto } = require('internal/web/url/parser');
const { parseForm, percentEncode, serializeForm, USERINFO } = require('internal/web/url/percent');
const { URLSearchParams, newParams, paramsSlots } = require('internal/web/url/search_params');

let slotsOf;

class URL {
  // { record, params: the query object, made at its first use }
  #slots;

  constructor(url, base = undefined) {
    requireArguments(arguments.length, 'url');
    const input = usvString(url);
    const baseText = base === undefined ? undefined : usvString(base);
    const record = apiParse(input, baseText);
    if (record === undefined) throw invalidUrl(input, baseText);
    this.#slots = { record, params: undefined };
  }

  static {
    slotsOf = (url) => {
      if (!isObject(url) || !(#slots in url)) throw invalidThis('URL');
      return url.#slots;
    };
  }

  static parse(url, base = undefined) {
    requireArguments(arguments.length, 'url');
    const record = apiParse(usvString(url), base === undefined ? undefined : usvString(base));
    return record === undefined ? null : new URL(record.serialize());
  }

  static canParse(url, base = undefined) {
    requireArguments(arguments.length, 'url');
    return apiParse(usvString(url), base === undefined ? undefined : usvString(base)) !== undefined;
  }

  toString() { return recordOf(this).serialize(); }

  get href() { return recordOf(this).serialize(); }

  set href(value) {
    const slots = slotsOf(this);
    const input = usvString(value);
    const record = parse(input);
    if (record === undefined) throw invalidUrl(input);
    slots.record = record;
    refreshParams(slots, record.query ?? '');
  }

  get origin() { return serializeOrigin(recordOf(this)); }

  get protocol() { return `${recordOf(this).scheme}:`; }

  set protocol(value) { parseInto(recordOf(this), `${usvString(value)}:`, 'schemeStart'); }

  get username() { return recordOf(this).username; }

  set username(value) {
    const record = recordOf(this);
    const text = usvString(value);
    if (!record.cannotHaveCredentialsOrPort) record.username = percentEncode(text, USERINFO);
  }

  get password() { return recordOf(this).password; }

  set password(value) {
    const record = recordOf(this);
    const text = usvString(value);
    if (!record.cannotHaveCredentialsOrPort) record.password = percentEncode(text, USERINFO);
  }

  get host() {
    const { host: name, port } = recordOf(this);
    return name === null ? '' : port === null ? name : `${name}:${port}`;
  }

  set host(value) { setUnlessOpaque(recordOf(this), usvString(value), 'host'); }

  get hostname() { return recordOf(this).host ?? ''; }

  set hostname(value) { setUnlessOpaque(recordOf(this), usvString(value), 'hostname'); }

  get port() {
    const { port } = recordOf(this);
    return port === null ? '' : String(port);
  }

  set port(value) {
    const record = recordOf(this);
    const text = usvString(value);
    if (record.cannotHaveCredentialsOrPort) return;
    if (text === '') record.port = null;
    else parseInto(record, text, 'port');
  }

  get pathname() { return recordOf(this).serializePath(); }

  set pathname(value) {
    const record = recordOf(this);
    const text = usvString(value);
    if (record.hasOpaquePath) return;
    record.path = [];
    parseInto(record, text, 'pathStart');
  }

  get search() {
    const { query } = recordOf(this);
    return query === null || query === '' ? '' : `?${query}`;
  }

  set search(value) {
    const slots = slotsOf(this);
    const input = usvString(value).replace(/^\?/, '');
    if (`${value}` === '') {
      slots.record.query = null;
    } else {
      slots.record.query = '';
      parseInto(slots.record, input, 'query');
    }
    refreshParams(slots, input);
  }

  get searchParams() {
    const slots = slotsOf(this);
    if (slots.params === undefined) {
      slots.params = newParams(() => {
        const { list } = paramsSlots(slots.params);
        slots.record.query = list.length === 0 ? null : serializeForm(list);
      });
      refreshParams(slots, slots.record.query ?? '');
    }
    return slots.params;
  }

  get hash() {
    const { fragment } = recordOf(this);
    return fragment === null || fragment === '' ? '' : `#${fragment}`;
  }

  set hash(value) {
    const record = recordOf(this);
    const text = usvString(value);
    if (text === '') {
      record.fragment = null;
      return;
    }
    record.fragment = '';
    parseInto(record, text.replace(/^#/, ''), 'fragment');
  }

  toJSON() { return recordOf(this).serialize(); }
}

defineInterface(URL, { statics: ['parse', 'canParse'] });

const recordOf = (url) => slotsOf(url).record;

// "API URL parser"
function apiParse(input, base) {
  if (base === undefined) return parse(input);
  const baseRecord = parse(base);
  return baseRecord === undefined ? undefined : parse(input, baseRecord);
}

function invalidUrl(input, base = undefined) {
  const error = new TypeError('Invalid URL');
  error.code = 'ERR_INVALID_URL';
  error.input = input;
  if (base !== undefined) error.base = base;
  return error;
}

function refreshParams({ params }, query) {
  if (params !== undefined) paramsSlots(params).list = parseForm(query);
}

function setUnlessOpaque(record, value, state) {
  if (!record.hasOpaquePath) parseInto(record, value, state);
}

// "origin", serialized
function serializeOrigin(record) {
  switch (record.scheme) {
    case 'ftp': case 'http': case 'https': case 'ws': case 'wss':
      return `${record.scheme}://${record.host}${record.port === null ? '' : `:${record.port}`}`;
    case 'blob': {
      const inner = parse(record.serializePath());
      return inner !== undefined && /^https?$/.test(inner.scheme) ? serializeOrigin(inner) : 'null';
    }
    default:
      return 'null';
  }
}

module.exports = { URL, URLSearchParams };
