'use strict';
// fetch. Authority: https://fetch.spec.whatwg.org/#fetch-method
//
// What the standard says of pages (CORS, cookies, caches, referrers) has no effect. A request goes through the runtime's own
// `http`; the body of its response is a byte stream that takes from the connection what its reader takes from it.

const { Request, requestSlots } = require('internal/web/request');
const { newSlots, wrapResponse } = require('internal/web/response');
const { addAlgorithm } = require('internal/web/abort');
const { Deferred } = require('internal/web/promises');

// "port blocking"
const BAD_PORTS = new Set([0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
  110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548,
  554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666,
  6667, 6668, 6669, 6679, 6697, 10080]);
const REDIRECTS = [301, 302, 303, 307, 308];
const MAX_REDIRECTS = 20;

const failure = (cause) => new TypeError('fetch failed', { cause });

function fetch(input, init = undefined) {
  const done = new Deferred();
  let slots;
  try {
    if (arguments.length === 0) {
      const { codes } = require('internal/errors');
      throw new codes.ERR_MISSING_ARGS('input');
    }
    slots = requestSlots(new Request(input, init));
  } catch (error) {
    done.reject(error);
    return done.promise;
  }
  const { signal } = slots;
  if (signal.aborted) {
    abandonBody(slots, signal.reason);
    done.reject(signal.reason);
    return done.promise;
  }
  const fetching = { signal, done, settled: false, aborted: false, redirects: 0, urls: [new URL(slots.url)], stop: undefined };
  addAlgorithm(signal, () => {
    fetching.aborted = true;
    abandonBody(slots, signal.reason);
    if (!fetching.settled) settle(fetching, 'reject', signal.reason);
    fetching.stop?.(signal.reason);
  });
  start(fetching, slots);
  return done.promise;
}

function settle(fetching, how, value) {
  fetching.settled = true;
  fetching.done[how](value);
}

function fail(fetching, cause) {
  if (!fetching.settled) settle(fetching, 'reject', failure(cause));
}

function abandonBody({ body }, reason) {
  if (body === null) return;
  const { cancelStream, isLocked } = require('internal/web/streams/readable');
  if (!isLocked(body.stream)) cancelStream(body.stream, reason);
}

// "scheme fetch"
function start(fetching, slots) {
  const url = fetching.urls[fetching.urls.length - 1];
  switch (url.protocol) {
    case 'data:':
    case 'blob:':
      // Not on the network, but as much in parallel: what comes of it is a task.
      host.loop.ref();
      host.loop.postTask(() => {
        host.loop.unref();
        if (!fetching.aborted) local(fetching, slots, url);
      });
      break;
    case 'http:':
      if (BAD_PORTS.has(url.port === '' ? 80 : Number(url.port))) fail(fetching, new Error('bad port'));
      else require('internal/web/fetch/http').send(fetching, slots, url, { onResponse, fail });
      break;
    case 'https:':
      fail(fetching, Object.assign(new Error('this runtime has no TLS'), { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' }));
      break;
    default:
      fail(fetching, new Error(url.protocol === 'about:' ? 'about scheme is not supported' : 'unknown scheme'));
  }
}

function local(fetching, { method }, url) {
  const { extractBody } = require('internal/web/body');
  let content;
  try {
    content = url.protocol === 'data:' ? readData(url.href) : undefined;
  } catch (error) {
    fail(fetching, error);
    return;
  }
  if (content === undefined || (url.protocol === 'blob:' && method !== 'GET')) {
    fail(fetching, new Error('invalid URL'));
    return;
  }
  const response = newSlots('basic', 'immutable');
  Object.assign(response, { url: withoutFragment(url), statusText: 'OK', body: extractBody(content.bytes) });
  response.list.entries.push(['content-type', content.type]);
  settle(fetching, 'resolve', wrapResponse(response));
}

// "data: URL processor"
function readData(href) {
  const text = href.slice('data:'.length).replace(/#.*$/s, '');
  const comma = text.indexOf(',');
  if (comma === -1) throw new Error('invalid data: URL');
  let type = text.slice(0, comma).trim();
  let bytes = percentDecode(text.slice(comma + 1));
  const base64 = /;[ ]*base64$/i.exec(type);
  if (base64 !== null) {
    type = type.slice(0, base64.index);
    bytes = Uint8Array.from(atob(String.fromCharCode(...bytes)), (character) => character.charCodeAt(0));
  }
  if (type.startsWith(';')) type = `text/plain${type}`;
  return { bytes, type: /^[^/;\s]+\/[^/;\s]+(?:\s*;.*)?$/s.test(type) ? type : 'text/plain;charset=US-ASCII' };
}

function percentDecode(text) {
  const encoded = host.util.utf8Encode(text);
  const bytes = [];
  for (let i = 0; i < encoded.length; i++) {
    const hex = encoded[i] === 0x25 ? /^[0-9a-f]{2}$/i.exec(String.fromCharCode(encoded[i + 1], encoded[i + 2])) : null;
    if (hex === null) {
      bytes.push(encoded[i]);
    } else {
      bytes.push(Number.parseInt(hex[0], 16));
      i += 2;
    }
  }
  return Uint8Array.from(bytes);
}

const withoutFragment = (url) => url.href.replace(/#.*$/s, '');

// A response's head has come. `body` makes its stream, or undefined; `discard` lets it pass.
function onResponse(fetching, slots, { status, statusText, rawHeaders, body, discard }) {
  const response = newSlots('basic', 'immutable');
  response.status = status;
  response.statusText = statusText;
  for (let i = 0; i < rawHeaders.length; i += 2) response.list.entries.push([rawHeaders[i].toLowerCase(), rawHeaders[i + 1]]);
  const location = response.list.get('location');
  if (REDIRECTS.includes(status) && location !== null && slots.redirect !== 'manual') {
    discard();
    redirect(fetching, slots, status, location);
    return;
  }
  response.url = withoutFragment(fetching.urls[fetching.urls.length - 1]);
  response.redirected = fetching.urls.length > 1;
  response.body = body();
  settle(fetching, 'resolve', wrapResponse(response));
}

// "HTTP-redirect fetch"
function redirect(fetching, slots, status, location) {
  if (slots.redirect === 'error') {
    fail(fetching, new Error('unexpected redirect'));
    return;
  }
  const current = fetching.urls[fetching.urls.length - 1];
  let url;
  try {
    url = new URL(location, current);
  } catch {
    fail(fetching, new Error('invalid redirect'));
    return;
  }
  if (!/^https?:$/.test(url.protocol)) {
    fail(fetching, new Error('URL scheme must be a HTTP(S) scheme'));
    return;
  }
  if (++fetching.redirects > MAX_REDIRECTS) {
    fail(fetching, new Error('redirect count exceeded'));
    return;
  }
  if (url.hash === '' && current.hash !== '') url.hash = current.hash;
  const { body } = slots;
  if (status !== 303 && body !== null && body.source === null) {
    fail(fetching, new Error('the body of a redirected request cannot be sent again'));
    return;
  }
  if ((status < 303 && slots.method === 'POST') || (status === 303 && slots.method !== 'GET' && slots.method !== 'HEAD')) {
    slots.method = 'GET';
    slots.body = null;
    for (const name of ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length']) slots.list.delete(name);
  } else if (body !== null) {
    slots.body = { ...require('internal/web/body').extractBody(body.source), type: body.type };
  }
  if (url.origin !== current.origin) for (const name of ['authorization', 'cookie', 'host']) slots.list.delete(name);
  fetching.urls.push(url);
  start(fetching, slots);
}

module.exports = { fetch };
