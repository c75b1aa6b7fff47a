'use strict';
// Blob and File. Authority: https://w3c.github.io/FileAPI/
//
// A blob's bytes are immutable, so slices and clones share them.

const { defineInterface, dictionary, domString, invalidArgType, invalidArgValue, invalidThis, isObject, requireArguments,
  sequence, usvString } = require('internal/web/webidl');
const { react, rejectedWith, resolvedWith } = require('internal/web/promises');
const { registerInterface } = require('internal/web/transferable');
const { bytesOf } = require('internal/web/encoding');

const construct = Symbol('construct');
const CHUNK = 65536; // bytes that a stream gives at a time, as Node's

let contentOf;
let isBlob;

class Blob {
  // { bytes: Uint8Array, type: string }
  #content;

  constructor(blobParts = undefined, options = undefined) {
    if (blobParts === construct) {
      this.#content = options;
      return;
    }
    const parts = blobParts === undefined ? [] : sequence(blobParts, 'sources', convertPart);
    const { endings, type } = convertBag(options);
    this.#content = { bytes: joinParts(parts, endings), type };
  }

  static {
    contentOf = (blob) => {
      if (!isBlob(blob)) throw invalidThis('Blob');
      return blob.#content;
    };
    isBlob = (value) => isObject(value) && #content in value;
  }

  get size() { return contentOf(this).bytes.length; }

  get type() { return contentOf(this).type; }

  // "slice blob"
  slice(start = undefined, end = undefined, contentType = undefined) {
    const { bytes } = contentOf(this);
    const from = start === undefined ? 0 : clampIndex(start, bytes.length);
    const to = end === undefined ? bytes.length : clampIndex(end, bytes.length);
    const type = contentType === undefined ? '' : normalizeType(domString(contentType));
    return newBlob({ bytes: bytes.subarray(from, Math.max(from, to)), type });
  }

  // "get stream": a byte stream that gives the content in pieces as it is pulled.
  stream() {
    const { bytes } = contentOf(this);
    const { ReadableState } = require('internal/web/streams/readable');
    const { ByteController } = require('internal/web/streams/byte_controller');
    const { wrapReadable } = require('internal/web/streams/readable_stream');
    const stream = new ReadableState();
    let position = 0;
    const controller = new ByteController(stream, () => {
      if (position < bytes.length) {
        const end = Math.min(position + CHUNK, bytes.length);
        controller.enqueue(bytes.slice(position, end));
        position = end;
      } else {
        controller.close();
        if (controller.pendingPullIntos.length > 0) controller.respond(0);
      }
      return resolvedWith(undefined);
    }, () => resolvedWith(undefined), 0, undefined);
    controller.start(() => undefined);
    return wrapReadable(stream);
  }

  text() { return read(this, (bytes) => host.util.utf8Decode(bytes, false, false)); }

  arrayBuffer() { return read(this, (bytes) => bytes.slice().buffer); }

  bytes() { return read(this, (bytes) => bytes.slice()); }
}

defineInterface(Blob);

// The content is in memory, so that reading it is done at once.
function read(blob, convert) {
  try {
    const { bytes } = contentOf(blob);
    return react(resolvedWith(undefined), () => convert(bytes));
  } catch (error) {
    return rejectedWith(error);
  }
}

const newBlob = (content) => new Blob(construct, content);

// [Clamp] long long (of two nearest integers the even one), counted from the end if negative
function clampIndex(value, size) {
  const clamped = Math.min(Math.max(+value || 0, -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  const rounded = Math.round(clamped);
  const number = Math.abs(clamped % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
  return number < 0 ? Math.max(size + number, 0) : Math.min(number, size);
}

// Only printable ASCII makes a type, in lower case.
const normalizeType = (type) => (/[^\x20-\x7e]/.test(type) ? '' : type.toLowerCase());

function convertBag(options) {
  const { endings = 'transparent', type = '' } = dictionary(options, 'options');
  const wanted = domString(endings);
  if (wanted !== 'transparent' && wanted !== 'native') throw invalidArgValue('options.endings', endings);
  return { endings: wanted, type: normalizeType(domString(type)) };
}

// (BufferSource or Blob or USVString)
function convertPart(part) {
  if (isBlob(part)) return contentOf(part).bytes;
  const type = host.util.classOf(part);
  if (ArrayBuffer.isView(part) || type === 'ArrayBuffer' || type === 'SharedArrayBuffer') return bytesOf(part, 'source').slice();
  return usvString(part);
}

// "process blob parts"
function joinParts(parts, endings) {
  const pieces = parts.map((part) => {
    if (typeof part !== 'string') return part;
    return host.util.utf8Encode(endings === 'native' ? part.replace(/\r\n?|\n/g, '\n') : part);
  });
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}

// ---- File -------------------------------------------------------------------------------------

let detailsOf;
let isFile;

class File extends Blob {
  // { name, lastModified }
  #details;

  constructor(fileBits, fileName, options = undefined) {
    if (fileBits === construct) {
      super(construct, fileName);
      this.#details = options;
      return;
    }
    requireArguments(arguments.length, 'sources', 'fileName');
    if (!isObject(fileBits)) throw invalidArgType('sources', 'Iterable', fileBits);
    super(fileBits, options);
    const name = usvString(fileName);
    const { lastModified } = dictionary(options, 'options');
    this.#details = { name, lastModified: lastModified === undefined ? Date.now() : Math.trunc(+lastModified) || 0 };
  }

  static {
    detailsOf = (file) => {
      if (!isFile(file)) throw invalidThis('File');
      return file.#details;
    };
    isFile = (value) => isObject(value) && #details in value;
  }

  get name() { return detailsOf(this).name; }

  get lastModified() { return detailsOf(this).lastModified; }
}

defineInterface(File);
Object.defineProperty(File, 'length', { value: 2, configurable: true });

// A file is also a blob, so it is asked for first.
registerInterface('File', {
  isInstance: (value) => isFile(value),
  serialize: (file) => ({ ...contentOf(file), ...detailsOf(file) }),
  deserialize: ({ bytes, type, name, lastModified }) => new File(construct, { bytes, type }, { name, lastModified }),
});
registerInterface('Blob', {
  isInstance: (value) => isBlob(value),
  serialize: (blob) => ({ ...contentOf(blob) }),
  deserialize: newBlob,
});

module.exports = { Blob, File, isBlob, contentOf, newBlob };
