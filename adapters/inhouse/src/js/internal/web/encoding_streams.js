'use strict';
// TextEncoderStream and TextDecoderStream. Authority: https://encoding.spec.whatwg.org/#interface-textencoderstream, #interface-textdecoderstream

const { defineInterface, domString, invalidThis } = require('internal/web/webidl');
const { DecoderState, bytesOf } = require('internal/web/encoding');
const { createTransformStream } = require('internal/web/streams/transform');
const { wrapReadable } = require('internal/web/streams/readable_stream');
const { wrapWritable } = require('internal/web/streams/writable_stream');

const { utf8Encode } = host.util;

// ---- TextEncoderStream ------------------------------------------------------------------------

class TextEncoderStream {
  #stream;

  constructor() {
    let lead = ''; // "leading surrogate", which may meet its other half in the next chunk
    this.#stream = createTransformStream({
      transform(chunk, controller) {
        let text = lead + domString(chunk);
        lead = '';
        const last = text.charCodeAt(text.length - 1);
        if (last >= 0xd800 && last <= 0xdbff) {
          lead = text[text.length - 1];
          text = text.slice(0, -1);
        }
        if (text !== '') controller.enqueue(utf8Encode(text.toWellFormed()));
      },
      flush(controller) {
        if (lead !== '') controller.enqueue(utf8Encode('\ufffd'));
      },
    });
  }

  static #of(facade) {
    if (!(#stream in facade)) throw invalidThis('TextEncoderStream');
    return facade.#stream;
  }

  get encoding() {
    TextEncoderStream.#of(this);
    return 'utf-8';
  }

  get readable() { return wrapReadable(TextEncoderStream.#of(this).readable); }

  get writable() { return wrapWritable(TextEncoderStream.#of(this).writable); }
}

defineInterface(TextEncoderStream);

// ---- TextDecoderStream ------------------------------------------------------------------------

class TextDecoderStream {
  #decoder;
  #stream;

  constructor(label = 'utf-8', options = undefined) {
    const decoder = new DecoderState(label, options);
    const enqueue = (controller, bytes, last) => {
      const text = decoder.decode(bytes, last);
      if (text !== '') controller.enqueue(text);
    };
    this.#decoder = decoder;
    this.#stream = createTransformStream({
      // The bytes are copied, as the chunk may be shared or change while the text waits.
      transform: (chunk, controller) => enqueue(controller, bytesOf(chunk, 'chunk').slice(), false),
      flush: (controller) => enqueue(controller, new Uint8Array(0), true),
    });
  }

  static #check(facade) {
    if (!(#stream in facade)) throw invalidThis('TextDecoderStream');
    return facade;
  }

  get encoding() { return TextDecoderStream.#check(this).#decoder.encoding; }

  get fatal() { return TextDecoderStream.#check(this).#decoder.fatal; }

  get ignoreBOM() { return TextDecoderStream.#check(this).#decoder.ignoreBOM; }

  get readable() { return wrapReadable(TextDecoderStream.#check(this).#stream.readable); }

  get writable() { return wrapWritable(TextDecoderStream.#check(this).#stream.writable); }
}

defineInterface(TextDecoderStream);

module.exports = { TextEncoderStream, TextDecoderStream };
