'use strict';
// Request. Authority: https://fetch.spec.whatwg.org/#request-class
//
// What concerns a page (referrer, mode, credentials, cache) is kept and checked, and has no effect.

const { byteString, coded, defineInterface, dictionary, domString, invalidArgType, invalidState, invalidThis, isObject,
  requireArguments, usvString } = require('internal/web/webidl');
const { HeaderList, fill, isHeaders, listOf, wrapHeaders } = require('internal/web/headers');
const { cloneBody, extractBody, includeBody, isUnusable } = require('internal/web/body');
const { dependentOn, isAbortSignal } = require('internal/web/abort');
const { isReadableStream } = require('internal/web/streams/readable_stream');

const construct = Symbol('construct');
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NORMALIZED_METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'];
const FORBIDDEN_METHODS = ['CONNECT', 'TRACE', 'TRACK'];
const ENUMS = {
  referrerPolicy: ['', 'no-referrer', 'no-referrer-when-downgrade', 'same-origin', 'origin', 'strict-origin',
    'origin-when-cross-origin', 'strict-origin-when-cross-origin', 'unsafe-url'],
  mode: ['same-origin', 'cors', 'no-cors', 'navigate'],
  credentials: ['omit', 'same-origin', 'include'],
  cache: ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'],
  redirect: ['follow', 'error', 'manual'],
};

let slotsOf;
let isRequest;

class Request {
  // The request as the standard describes it; see newSlots.
  #slots;

  constructor(input, init = undefined) {
    if (input === construct) {
      this.#slots = init;
      return;
    }
    requireArguments(arguments.length, 'input');
    this.#slots = makeRequest(input, init);
  }

  static {
    isRequest = (value) => isObject(value) && #slots in value;
    slotsOf = (request) => {
      if (!isRequest(request)) throw invalidThis('Request');
      return request.#slots;
    };
  }

  get method() { return slotsOf(this).method; }

  get url() { return slotsOf(this).url; }

  get headers() {
    const slots = slotsOf(this);
    return (slots.headers ??= wrapHeaders(slots.list));
  }

  get destination() {
    slotsOf(this);
    return '';
  }

  get referrer() { return slotsOf(this).referrer; }

  get referrerPolicy() { return slotsOf(this).referrerPolicy; }

  get mode() { return slotsOf(this).mode; }

  get credentials() { return slotsOf(this).credentials; }

  get cache() { return slotsOf(this).cache; }

  get redirect() { return slotsOf(this).redirect; }

  get integrity() { return slotsOf(this).integrity; }

  get keepalive() { return slotsOf(this).keepalive; }

  get signal() { return slotsOf(this).signal; }

  get duplex() {
    slotsOf(this);
    return 'half';
  }

  clone() {
    const slots = slotsOf(this);
    if (isUnusable(slots.body)) throw invalidState('Request.clone: Body has already been consumed.');
    return new Request(construct, {
      ...slots,
      list: slots.list.copy(slots.list.guard),
      headers: undefined,
      signal: dependentOn([slots.signal]),
      body: slots.body === null ? null : cloneBody(slots.body),
    });
  }
}

function newSlots(url) {
  return {
    url, method: 'GET', list: new HeaderList('request'), headers: undefined, body: null, signal: undefined,
    referrer: 'about:client', referrerPolicy: '', mode: 'cors', credentials: 'same-origin', cache: 'default',
    redirect: 'follow', integrity: '', keepalive: false,
  };
}

// The constructor's steps.
function makeRequest(input, init) {
  const dict = dictionary(init, 'init');
  const original = isRequest(input) ? slotsOf(input) : undefined;
  const slots = original === undefined ? newSlots(parseUrl(usvString(input))) : {
    ...original, list: original.list.copy('request'), headers: undefined, body: null, signal: undefined,
  };
  convertMembers(slots, dict);
  slots.signal = dependentOn(signalsOf(dict, original));
  if (dict.headers !== undefined) {
    slots.list = new HeaderList('request');
    if (isHeaders(dict.headers)) slots.list = listOf(dict.headers).copy('request');
    else fill(slots.list, dict.headers);
  }
  takeBody(slots, dict, original);
  return slots;
}

function parseUrl(text) {
  const { parse } = require('internal/web/url/parser');
  const url = parse(text);
  if (url === undefined) throw coded(TypeError, 'ERR_INVALID_URL', `Failed to parse URL from ${text}`);
  if (url.includesCredentials) throw new TypeError(`Request cannot be constructed from a URL that includes credentials: ${text}`);
  return url.serialize();
}

function convertMembers(slots, dict) {
  for (const [key, allowed] of Object.entries(ENUMS)) {
    const value = dict[key];
    if (value === undefined) continue;
    const text = domString(value);
    if (!allowed.includes(text)) throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', `"${text}" is no value of init.${key}`);
    slots[key] = text;
  }
  if (slots.mode === 'navigate') throw new TypeError('invalid request mode navigate');
  if (dict.integrity !== undefined) slots.integrity = domString(dict.integrity);
  if (dict.keepalive !== undefined) slots.keepalive = Boolean(dict.keepalive);
  if (dict.referrer !== undefined) slots.referrer = usvString(dict.referrer) || 'no-referrer';
  if (dict.method !== undefined) slots.method = normalizeMethod(byteString(dict.method, 'init.method'));
}

// "method", "normalize"
function normalizeMethod(method) {
  const upper = method.toUpperCase();
  if (!TOKEN.test(method) || FORBIDDEN_METHODS.includes(upper)) throw new TypeError(`'${method}' is not a valid HTTP method.`);
  return NORMALIZED_METHODS.includes(upper) ? upper : method;
}

function signalsOf(dict, original) {
  const { signal } = dict;
  if (signal === undefined) return original === undefined ? [] : [original.signal];
  if (signal === null) return [];
  if (!isAbortSignal(signal)) throw invalidArgType('init.signal', 'AbortSignal', signal);
  return [signal];
}

function takeBody(slots, dict, original) {
  const given = dict.body;
  const hasBody = given !== undefined && given !== null;
  const inherited = original?.body ?? null;
  if ((hasBody || inherited !== null) && (slots.method === 'GET' || slots.method === 'HEAD')) {
    throw new TypeError('Request with GET/HEAD method cannot have body.');
  }
  if (hasBody) {
    if (isReadableStream(given) && dict.duplex === undefined) {
      throw new TypeError('RequestInit: duplex option is required when sending a body.');
    }
    slots.body = extractBody(given);
    if (slots.body.type !== null && slots.list.get('content-type') === null) slots.list.append('content-type', slots.body.type);
  } else if (inherited !== null && given === undefined) {
    if (isUnusable(inherited)) throw invalidState('Cannot construct a Request with a Request object that has already been used.');
    // "create a proxy" for the body: the original counts as read from now on.
    const { createTransformStream } = require('internal/web/streams/transform');
    const { pipeTo } = require('internal/web/streams/pipe');
    const { markAsHandled } = require('internal/web/promises');
    const proxy = createTransformStream({ transform: (chunk, controller) => controller.enqueue(chunk) });
    markAsHandled(pipeTo(inherited.stream, proxy.writable, {
      preventClose: false, preventAbort: false, preventCancel: false, signal: undefined,
    }));
    slots.body = { ...inherited, stream: proxy.readable };
  }
}

includeBody(Request, (request) => {
  const { body, list } = slotsOf(request);
  return { body, type: list.get('content-type') ?? '' };
});
defineInterface(Request);

module.exports = { Request, isRequest, requestSlots: slotsOf };
