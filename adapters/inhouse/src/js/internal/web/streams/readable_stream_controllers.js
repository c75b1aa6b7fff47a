'use strict';
// The classes ReadableStreamDefaultController, ReadableByteStreamController and ReadableStreamBYOBRequest.
// Authority: https://streams.spec.whatwg.org/#rs-default-controller-class, #rbs-controller-class, #rs-byob-request-class

const { defineInterface, enforceRange, illegalConstructor, invalidState, invalidThis, requireArguments } =
  require('internal/web/webidl');
const { bufferView, construct } = require('internal/web/streams/facade');
const { bufferByteLength, isDetachedBuffer, viewByteLength, viewedBuffer } = require('internal/web/streams/buffers');

// ---- ReadableStreamDefaultController ----------------------------------------------------------

let defaultRecord;

class ReadableStreamDefaultController {
  #controller;

  constructor() {
    if (arguments[0] !== construct) throw illegalConstructor();
    this.#controller = arguments[1];
    this.#controller.facade = this;
  }

  static {
    defaultRecord = (facade) => {
      if (!(#controller in facade)) throw invalidThis('ReadableStreamDefaultController');
      return facade.#controller;
    };
  }

  get desiredSize() { return defaultRecord(this).desiredSize(); }

  close() {
    const controller = defaultRecord(this);
    if (!controller.canCloseOrEnqueue()) throw invalidState('Controller is already closed');
    controller.close();
  }

  enqueue(chunk = undefined) {
    const controller = defaultRecord(this);
    if (!controller.canCloseOrEnqueue()) throw invalidState('Controller is already closed');
    controller.enqueue(chunk);
  }

  error(reason = undefined) { defaultRecord(this).error(reason); }
}

defineInterface(ReadableStreamDefaultController);

// ---- ReadableByteStreamController -------------------------------------------------------------

let byteRecord;

class ReadableByteStreamController {
  #controller;

  constructor() {
    if (arguments[0] !== construct) throw illegalConstructor();
    this.#controller = arguments[1];
    this.#controller.facade = this;
  }

  static {
    byteRecord = (facade) => {
      if (!(#controller in facade)) throw invalidThis('ReadableByteStreamController');
      return facade.#controller;
    };
  }

  get byobRequest() {
    const request = byteRecord(this).getByobRequest();
    return request === null ? null : request.facade ?? new ReadableStreamBYOBRequest(construct, request);
  }

  get desiredSize() { return byteRecord(this).desiredSize(); }

  close() {
    const controller = byteRecord(this);
    checkOpen(controller);
    controller.close();
  }

  enqueue(chunk) {
    const controller = byteRecord(this);
    requireArguments(arguments.length, 'chunk');
    bufferView(chunk, 'chunk');
    if (viewByteLength(chunk) === 0 || bufferByteLength(viewedBuffer(chunk)) === 0) {
      throw invalidState('chunk ArrayBuffer is zero-length or detached');
    }
    checkOpen(controller);
    controller.enqueue(chunk);
  }

  error(reason = undefined) { byteRecord(this).error(reason); }
}

defineInterface(ReadableByteStreamController);

function checkOpen({ closeRequested, stream }) {
  if (closeRequested) throw invalidState('Controller is already closed');
  if (stream.state !== 'readable') throw invalidState('ReadableStream is already closed');
}

// ---- ReadableStreamBYOBRequest ----------------------------------------------------------------

let requestRecord;

class ReadableStreamBYOBRequest {
  #request;

  constructor() {
    if (arguments[0] !== construct) throw illegalConstructor();
    this.#request = arguments[1];
    this.#request.facade = this;
  }

  static {
    requestRecord = (facade) => {
      if (!(#request in facade)) throw invalidThis('ReadableStreamBYOBRequest');
      return facade.#request;
    };
  }

  get view() { return requestRecord(this).view; }

  respond(bytesWritten) {
    const request = requestRecord(this);
    requireArguments(arguments.length, 'bytesWritten');
    const count = enforceRange(bytesWritten, Number.MAX_SAFE_INTEGER, 'bytesWritten');
    checkValid(request);
    if (isDetachedBuffer(viewedBuffer(request.view))) throw invalidState('View ArrayBuffer is detached');
    request.controller.respond(count);
  }

  respondWithNewView(view) {
    const request = requestRecord(this);
    requireArguments(arguments.length, 'view');
    bufferView(view, 'view');
    checkValid(request);
    if (isDetachedBuffer(viewedBuffer(view))) throw invalidState('Viewed ArrayBuffer is detached');
    request.controller.respondWithNewView(view);
  }
}

defineInterface(ReadableStreamBYOBRequest);

function checkValid({ controller }) {
  if (controller === undefined) throw invalidState('This BYOB request has been invalidated');
}

const wrapDefault = (controller) => controller.facade ?? new ReadableStreamDefaultController(construct, controller);
const wrapByte = (controller) => controller.facade ?? new ReadableByteStreamController(construct, controller);

module.exports = {
  ReadableStreamDefaultController, ReadableByteStreamController, ReadableStreamBYOBRequest, wrapDefault, wrapByte,
};
