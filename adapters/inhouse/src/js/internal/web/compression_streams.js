'use strict';
// CompressionStream and DecompressionStream. Authority: https://compression.spec.whatwg.org/
// The codecs are those of `zlib`, whose steps are pool jobs, behind the web's transform streams.

const { defineInterface, invalidThis, requireArguments, coded } = require('internal/web/webidl');

const FORMATS = { deflate: ['Deflate', 'Inflate'], 'deflate-raw': ['DeflateRaw', 'InflateRaw'], gzip: ['Gzip', 'Gunzip'] };

// A readable and a writable side around the codec `kind` of a format.
function pairFor(format, kind) {
  const names = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (names === undefined) {
    throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', `The argument 'format' must be one of: ${Object.keys(FORMATS).join(', ')}. Received '${format}'`);
  }
  const options = kind === 1 ? { rejectGarbageAfterEnd: true } : {};
  const codec = new (require('zlib')[names[kind]])(options);
  return require('internal/streams/web_adapters').duplexToWeb(codec);
}

function makeInterface(name, kind) {
  const Interface = { [name]: class {
    #pair;

    constructor(format) {
      requireArguments(arguments.length, 'format');
      this.#pair = pairFor(`${format}`, kind);
    }

    get readable() {
      if (!(#pair in this)) throw invalidThis(name);
      return this.#pair.readable;
    }

    get writable() {
      if (!(#pair in this)) throw invalidThis(name);
      return this.#pair.writable;
    }
  } }[name];
  defineInterface(Interface);
  return Interface;
}

module.exports = {
  CompressionStream: makeInterface('CompressionStream', 0),
  DecompressionStream: makeInterface('DecompressionStream', 1),
};
