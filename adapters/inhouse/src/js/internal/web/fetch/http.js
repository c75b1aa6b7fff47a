'use strict';
// How fetch sends a request and takes its response: between the streams of the web and the messages of `http`.

const { Deferred, resolvedWith } = require('internal/web/promises');
const { acquireDefaultReader, readDefault, ReadableState } = require('internal/web/streams/readable');
const { ByteController } = require('internal/web/streams/byte_controller');
const { typeOf } = require('internal/web/streams/buffers');

const NULL_BODY_STATUS = [101, 103, 204, 205, 304];
// Bytes that a response's stream keeps ready; beyond that the connection has to wait.
const HIGH_WATER_MARK = 16384;

let agent;

function connectionPool() {
  const { Agent } = require('http');
  return (agent ??= new Agent({ keepAlive: true, timeout: 4000 }));
}

// `onResponse(fetching, slots, facts)` and `fail(fetching, cause)` say how it goes.
function send(fetching, slots, url, { onResponse, fail }) {
  const { request: httpRequest } = require('http');
  const sent = httpRequest({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 80 : Number(url.port),
    path: `${url.pathname}${url.search}`,
    method: slots.method,
    agent: connectionPool(),
    headers: headersFor(slots, url),
  });
  let body;
  fetching.stop = (reason) => {
    body?.error(reason);
    sent.destroy();
  };
  sent.on('error', (error) => {
    if (!fetching.aborted) fail(fetching, error);
  });
  sent.on('response', (response) => {
    if (fetching.aborted) {
      sent.destroy();
      return;
    }
    const { statusCode: status, statusMessage: statusText, rawHeaders } = response;
    onResponse(fetching, slots, {
      status,
      statusText,
      rawHeaders,
      discard() { response.resume(); },
      body() {
        if (NULL_BODY_STATUS.includes(status) || slots.method === 'HEAD') {
          response.resume();
          return null;
        }
        body = bodyOf(decoded(response), sent);
        return { stream: body.stream, source: null, type: null };
      },
    });
  });
  writeBody(fetching, slots, sent, fail);
}

// What every request says, behind what the program says.
function headersFor({ list, body, method }, url) {
  const headers = [];
  const has = (name) => list.get(name) !== null;
  if (!has('host')) headers.push('host', url.host);
  headers.push('connection', 'keep-alive');
  for (const [name, value] of list.entries) if (name.toLowerCase() !== 'connection') headers.push(name.toLowerCase(), value);
  const defaults = { accept: '*/*', 'accept-language': '*', 'sec-fetch-mode': 'cors', 'user-agent': 'node', 'accept-encoding': 'gzip, deflate' };
  for (const [name, value] of Object.entries(defaults)) if (!has(name)) headers.push(name, value);
  const size = body === null ? (method === 'POST' || method === 'PUT' ? 0 : undefined) : body.source?.byteLength;
  if (size !== undefined && !has('content-length')) headers.push('content-length', `${size}`);
  else if (body !== null && !has('content-length')) headers.push('transfer-encoding', 'chunked');
  return headers;
}

function writeBody(fetching, { body }, sent, fail) {
  if (body === null) {
    sent.end();
    return;
  }
  const reader = acquireDefaultReader(body.stream);
  const stop = (error) => {
    sent.destroy(error);
    fail(fetching, error);
  };
  const next = () => readDefault(reader, {
    chunk(chunk) {
      if (fetching.aborted) return;
      if (typeOf(chunk) !== 'Uint8Array') stop(new TypeError('Received non-Uint8Array chunk'));
      else if (sent.write(chunk)) next();
      else sent.once('drain', next);
    },
    close() { sent.end(); },
    error(reason) { stop(reason); },
  });
  next();
}

// The response, or what its content coding makes of it.
function decoded(response) {
  const codings = (response.headers['content-encoding'] ?? '').toLowerCase().split(',').map((coding) => coding.trim()).filter(Boolean);
  const makers = { gzip: 'createGunzip', 'x-gzip': 'createGunzip', deflate: 'createInflate', br: 'createBrotliDecompress' };
  let stream = response;
  if (!codings.every((coding) => coding in makers)) return stream;
  for (const coding of codings.reverse()) {
    const { pipeline } = require('stream');
    const decoder = require('zlib')[makers[coding]]();
    pipeline(stream, decoder, () => {});
    stream = decoder;
  }
  return stream;
}

// A byte stream over a Node stream, which is paused while nobody wants more.
function bodyOf(source, sent) {
  const stream = new ReadableState();
  let pulled;
  const controller = new ByteController(stream, () => {
    pulled = new Deferred();
    source.resume();
    return pulled.promise;
  }, () => {
    source.removeAllListeners('data');
    sent.destroy();
    source.destroy();
    return resolvedWith(undefined);
  }, HIGH_WATER_MARK, undefined);
  const wanted = () => {
    pulled?.resolve(undefined);
    pulled = undefined;
  };
  let over = false;
  const error = (reason) => {
    if (over) return;
    over = true;
    controller.error(reason);
  };
  source.on('data', (chunk) => {
    if (over) return;
    controller.enqueue(new Uint8Array(chunk));
    if (controller.desiredSize() <= 0) source.pause();
    wanted();
  });
  source.on('end', () => {
    if (over) return;
    over = true;
    controller.close();
    if (controller.pendingPullIntos.length > 0) controller.respond(0);
    wanted();
  });
  source.on('error', (cause) => error(new TypeError('terminated', { cause })));
  source.on('close', () => error(new TypeError('terminated', { cause: new Error('other side closed') })));
  source.pause();
  controller.start(() => undefined);
  return { stream, error };
}

module.exports = { send };
