'use strict';
// Response. Authority: https://fetch.spec.whatwg.org/#response-class

const { byteString, coded, defineInterface, dictionary, invalidState, invalidThis, isObject, requireArguments, usvString } =
  require('internal/web/webidl');
const { HeaderList, fill, wrapHeaders } = require('internal/web/headers');
const { cloneBody, extractBody, includeBody, isUnusable } = require('internal/web/body');

const construct = Symbol('construct');
const NULL_BODY_STATUS = [101, 103, 204, 205, 304];
const REDIRECT_STATUS = [301, 302, 303, 307, 308];
const REASON_PHRASE = /^[\t \x21-\x7e\x80-\xff]*$/;

let slotsOf;

class Response {
  // The response as the standard describes it: { type, url, redirected, status, statusText, list, headers, body }
  #slots;

  constructor(body = undefined, init = undefined) {
    if (body === construct) {
      this.#slots = init;
      return;
    }
    const extracted = body === undefined || body === null ? null : extractBody(body);
    this.#slots = newSlots('default', 'response');
    initialize(this.#slots, convertInit(init), extracted);
  }

  static {
    slotsOf = (response) => {
      if (!isObject(response) || !(#slots in response)) throw invalidThis('Response');
      return response.#slots;
    };
  }

  static error() {
    const slots = newSlots('error', 'immutable');
    slots.status = 0;
    return new Response(construct, slots);
  }

  static redirect(url, status = 302) {
    requireArguments(arguments.length, 'url');
    const { parse } = require('internal/web/url/parser');
    const parsed = parse(usvString(url));
    if (parsed === undefined) throw coded(TypeError, 'ERR_INVALID_URL', `Failed to parse URL from ${url}`);
    const code = +status & 0xffff;
    if (!REDIRECT_STATUS.includes(code)) throw new RangeError(`Invalid status code ${status}`);
    const slots = newSlots('default', 'immutable');
    slots.status = code;
    slots.list.append('location', parsed.serialize());
    return new Response(construct, slots);
  }

  static json(data, init = undefined) {
    requireArguments(arguments.length, 'data');
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError('Value is not JSON serializable');
    const slots = newSlots('default', 'response');
    initialize(slots, convertInit(init), { ...extractBody(text), type: 'application/json' });
    return new Response(construct, slots);
  }

  get type() { return slotsOf(this).type; }

  get url() { return slotsOf(this).url; }

  get redirected() { return slotsOf(this).redirected; }

  get status() { return slotsOf(this).status; }

  get ok() {
    const { status } = slotsOf(this);
    return status >= 200 && status <= 299;
  }

  get statusText() { return slotsOf(this).statusText; }

  get headers() {
    const slots = slotsOf(this);
    return (slots.headers ??= wrapHeaders(slots.list));
  }

  clone() {
    const slots = slotsOf(this);
    if (isUnusable(slots.body)) throw invalidState('Response.clone: Body has already been consumed.');
    return new Response(construct, {
      ...slots,
      list: slots.list.copy(slots.list.guard),
      headers: undefined,
      body: slots.body === null ? null : cloneBody(slots.body),
    });
  }
}

function newSlots(type, guard) {
  return {
    type, url: '', redirected: false, status: 200, statusText: '', list: new HeaderList(guard), headers: undefined, body: null,
  };
}

// ResponseInit
function convertInit(init) {
  const { headers, status = 200, statusText = '' } = dictionary(init, 'init');
  return { headers, status: +status & 0xffff, statusText: byteString(statusText, 'init.statusText') };
}

// "initialize a response"
function initialize(slots, { headers, status, statusText }, body) {
  if (status < 200 || status > 599) {
    throw new RangeError('init["status"] must be in the range of 200 to 599, inclusive.');
  }
  if (!REASON_PHRASE.test(statusText)) throw new TypeError('Invalid statusText');
  slots.status = status;
  slots.statusText = statusText;
  if (headers !== undefined) fill(slots.list, headers);
  if (body === null) return;
  if (NULL_BODY_STATUS.includes(status)) throw new TypeError(`Response with null body status cannot have body`);
  slots.body = body;
  if (body.type !== null && slots.list.get('content-type') === null) slots.list.append('content-type', body.type);
}

includeBody(Response, (response) => {
  const { body, list } = slotsOf(response);
  return { body, type: list.get('content-type') ?? '' };
});
defineInterface(Response, { statics: ['error', 'redirect', 'json'] });

// A response that came from a server: `fetch` fills the slots.
const wrapResponse = (slots) => new Response(construct, slots);

module.exports = { Response, newSlots, wrapResponse };
