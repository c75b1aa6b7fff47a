'use strict';
// Bodies, and the mixin Body of Request and Response. Authority: https://fetch.spec.whatwg.org/#bodies, #body-mixin
//
// A body is { stream, source, type }: the record of its stream, its bytes if they are in memory, and what it says of its
// media type. FormData is not offered.

const { Deferred, react, rejectedWith, resolvedWith } = require('internal/web/promises');
const { domString, invalidState, isObject, usvString } = require('internal/web/webidl');
const { bytesOf } = require('internal/web/encoding');
const { acquireDefaultReader, isLocked, readDefault } = require('internal/web/streams/readable');
const { ByteController } = require('internal/web/streams/byte_controller');
const { ReadableState } = require('internal/web/streams/readable');
const { isReadableStream, recordOfReadable, wrapReadable } = require('internal/web/streams/readable_stream');
const { typeOf } = require('internal/web/streams/buffers');

// A byte stream over bytes in memory, given as one chunk.
function streamOf(bytes) {
  const stream = new ReadableState();
  let left = bytes.length > 0;
  const controller = new ByteController(stream, () => {
    if (left) controller.enqueue(bytes.slice());
    left = false;
    controller.close();
    if (controller.pendingPullIntos.length > 0) controller.respond(0);
    return resolvedWith(undefined);
  }, () => resolvedWith(undefined), 0, undefined);
  controller.start(() => undefined);
  return stream;
}

// "safely extract" and "extract a body", from XMLHttpRequestBodyInit or ReadableStream. { body, type }.
function extractBody(object) {
  if (isReadableStream(object)) {
    const stream = recordOfReadable(object);
    if (stream.disturbed || isLocked(stream)) throw invalidState('The ReadableStream is locked or has been read from');
    return { stream, source: null, type: null };
  }
  const [bytes, type] = bytesAndType(object);
  return { stream: streamOf(bytes), source: bytes, type };
}

function bytesAndType(object) {
  if (isObject(object)) {
    const { contentOf, isBlob } = require('internal/web/blob');
    if (isBlob(object)) {
      const { bytes, type } = contentOf(object);
      return [bytes, type === '' ? null : type];
    }
    const kind = host.util.classOf(object);
    if (ArrayBuffer.isView(object) || kind === 'ArrayBuffer' || kind === 'SharedArrayBuffer') {
      return [bytesOf(object, 'body').slice(), null];
    }
    const { URLSearchParams } = require('internal/web/url/search_params');
    if (object instanceof URLSearchParams) {
      return [host.util.utf8Encode(object.toString()), 'application/x-www-form-urlencoded;charset=UTF-8'];
    }
  }
  return [host.util.utf8Encode(usvString(domString(object))), 'text/plain;charset=UTF-8'];
}

// "clone" a body: the original goes on with one branch of the tee.
function cloneBody(body) {
  const { tee } = require('internal/web/streams/tee');
  const [first, second] = tee(body.stream, true);
  body.stream = first;
  return { stream: second, source: body.source, type: body.type };
}

const isUnusable = (body) => body !== null && (body.stream.disturbed || isLocked(body.stream));

// "fully read" a body, and "read all bytes" of its reader
function readAll({ stream }) {
  const reader = acquireDefaultReader(stream);
  const done = new Deferred();
  const chunks = [];
  const request = {
    chunk(chunk) {
      if (typeOf(chunk) !== 'Uint8Array') {
        done.reject(new TypeError('Received non-Uint8Array chunk'));
        return;
      }
      chunks.push(chunk);
      readDefault(reader, request);
    },
    close() { done.resolve(join(chunks)); },
    error(reason) { done.reject(reason); },
  };
  readDefault(reader, request);
  return done.promise;
}

function join(chunks) {
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

const used = () => invalidState('Body is unusable: Body has already been read');

const decodeText = (bytes) => host.util.utf8Decode(bytes, false, false);

// Adds the mixin to a class. `unwrap(object)` gives { body, type } and throws for a foreign object: `type` is the value
// of the header Content-Type, or an empty string.
function includeBody(Class, unwrap) {
  // "consume body"
  const consume = (object, convert) => {
    try {
      const { body, type } = unwrap(object);
      if (isUnusable(body)) throw used();
      const bytes = body === null ? resolvedWith(new Uint8Array(0)) : readAll(body);
      return react(bytes, (read) => convert(read, type));
    } catch (error) {
      return rejectedWith(error);
    }
  };
  const mixin = {
    get body() {
      const { body } = unwrap(this);
      return body === null ? null : wrapReadable(body.stream);
    },
    get bodyUsed() {
      const { body } = unwrap(this);
      return body !== null && body.stream.disturbed;
    },
    arrayBuffer() { return consume(this, (bytes) => bytes.buffer); },
    blob() {
      const { newBlob } = require('internal/web/blob');
      return consume(this, (bytes, type) => newBlob({ bytes, type: type.toLowerCase() }));
    },
    bytes() { return consume(this, (bytes) => bytes); },
    json() { return consume(this, (bytes) => JSON.parse(decodeText(bytes))); },
    text() { return consume(this, decodeText); },
    textStream() {
      const { body } = unwrap(this);
      if (isUnusable(body)) throw used();
      const { ReadableStream } = require('internal/web/streams/readable_stream');
      const { TextDecoderStream } = require('internal/web/encoding_streams');
      if (body === null) return new ReadableStream({ start: (controller) => controller.close() });
      return wrapReadable(body.stream).pipeThrough(new TextDecoderStream());
    },
  };
  Object.defineProperties(Class.prototype, Object.getOwnPropertyDescriptors(mixin));
}

module.exports = { extractBody, cloneBody, isUnusable, includeBody, streamOf, readAll };
