'use strict';
// Node's `stream/consumers` module: a whole stream as one value.
// Authority: https://nodejs.org/api/webstreams.html#utility-consumers

const { Buffer } = require('buffer');

async function blob(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return new Blob(chunks);
}

async function bytes(stream) {
  const chunks = [];
  let isText = false;
  for await (const chunk of stream) {
    isText ||= typeof chunk === 'string';
    chunks.push(chunk);
  }
  if (isText || chunks.some((chunk) => !ArrayBuffer.isView(chunk))) {
    return Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)));
  }
  return Buffer.concat(chunks.map((chunk) => new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)));
}

async function arrayBuffer(stream) {
  const all = await bytes(stream);
  return all.buffer.slice(all.byteOffset, all.byteOffset + all.byteLength);
}

async function buffer(stream) {
  return Buffer.from(await arrayBuffer(stream));
}

async function text(stream) {
  const decoder = new TextDecoder();
  let result = '';
  for await (const chunk of stream) {
    result += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
  }
  return result + decoder.decode();
}

async function json(stream) {
  return JSON.parse(await text(stream));
}

async function bytesOnly(stream) {
  return new Uint8Array(await arrayBuffer(stream));
}

module.exports = { arrayBuffer, blob, buffer, bytes: bytesOnly, text, json };
