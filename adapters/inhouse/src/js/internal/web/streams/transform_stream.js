'use strict';
// The classes TransformStream and TransformStreamDefaultController.
// Authority: https://streams.spec.whatwg.org/#ts-class, #ts-default-controller-class

const { apply, Deferred, rejectedWith, resolvedWith } = require('internal/web/promises');
const { defineInterface, illegalConstructor, invalidThis } = require('internal/web/webidl');
const { registerInterface } = require('internal/web/transferable');
const { callback, construct, convertMembers, optionalObject, promiseAlgorithm } = require('internal/web/streams/facade');
const { convertStrategy, extractHighWaterMark, extractSizeAlgorithm, rangeError } = require('internal/web/streams/queue');
const { TransformController, TransformState } = require('internal/web/streams/transform');
const { wrapReadable } = require('internal/web/streams/readable_stream');
const { wrapWritable } = require('internal/web/streams/writable_stream');

// ---- TransformStream --------------------------------------------------------------------------

let recordOf;
let isTransformStream;

class TransformStream {
  #stream;

  constructor(transformer = undefined, writableStrategy = undefined, readableStrategy = undefined) {
    if (transformer === construct) {
      this.#stream = writableStrategy;
      writableStrategy.facade = this;
      return;
    }
    const given = optionalObject(transformer, 'transformer');
    const forWritable = convertStrategy(writableStrategy, 'writableStrategy');
    const forReadable = convertStrategy(readableStrategy, 'readableStrategy');
    const dict = convertMembers(given, 'transformer', TRANSFORMER_MEMBERS);
    const readableHighWaterMark = extractHighWaterMark(forReadable, 0);
    const readableSizeAlgorithm = extractSizeAlgorithm(forReadable);
    const writableHighWaterMark = extractHighWaterMark(forWritable, 1);
    const writableSizeAlgorithm = extractSizeAlgorithm(forWritable);
    const started = new Deferred();
    const stream = new TransformState(started.promise, writableHighWaterMark, writableSizeAlgorithm,
      readableHighWaterMark, readableSizeAlgorithm);
    stream.facade = this;
    this.#stream = stream;
    const controller = setUpController(stream, given, dict);
    started.resolve(dict.start === undefined ? undefined : apply(dict.start, given, [wrapController(controller)]));
  }

  static {
    recordOf = (facade) => facade.#stream;
    isTransformStream = (value) => typeof value === 'object' && value !== null && #stream in value;
  }

  get readable() { return wrapReadable(unwrap(this).readable); }

  get writable() { return wrapWritable(unwrap(this).writable); }
}

defineInterface(TransformStream);

function unwrap(facade) {
  if (!isTransformStream(facade)) throw invalidThis('TransformStream');
  return recordOf(facade);
}

registerInterface('TransformStream', {
  isInstance: (value) => isTransformStream(value),
  isDetached: () => false,
  transfer: (facade) => require('internal/web/streams/transfer').transferTransform(recordOf(facade)),
  receive: (data) => new TransformStream(construct, require('internal/web/streams/transfer').receiveTransform(data)),
});

const TRANSFORMER_MEMBERS = [
  ['cancel', callback],
  ['flush', callback],
  ['readableType', () => { throw rangeError('Transformers have no readableType yet'); }],
  ['start', callback],
  ['transform', callback],
  ['writableType', () => { throw rangeError('Transformers have no writableType yet'); }],
];

// SetUpTransformStreamDefaultControllerFromTransformer
function setUpController(stream, transformer, dict) {
  const transform = dict.transform === undefined
    ? (chunk) => enqueueUnchanged(controller, chunk)
    : promiseAlgorithm(dict.transform, transformer, (chunk) => [chunk, wrapController(controller)]);
  const controller = new TransformController(stream, transform,
    promiseAlgorithm(dict.flush, transformer, () => [wrapController(controller)]),
    promiseAlgorithm(dict.cancel, transformer, (reason) => [reason]));
  return controller;
}

// The identity transform.
function enqueueUnchanged(controller, chunk) {
  try {
    controller.enqueue(chunk);
    return resolvedWith(undefined);
  } catch (error) {
    return rejectedWith(error);
  }
}

// ---- TransformStreamDefaultController ---------------------------------------------------------

let controllerRecord;

class TransformStreamDefaultController {
  #controller;

  constructor() {
    if (arguments[0] !== construct) throw illegalConstructor();
    this.#controller = arguments[1];
    this.#controller.facade = this;
  }

  static {
    controllerRecord = (facade) => {
      if (!(#controller in facade)) throw invalidThis('TransformStreamDefaultController');
      return facade.#controller;
    };
  }

  get desiredSize() { return controllerRecord(this).stream.readable.controller.desiredSize(); }

  enqueue(chunk = undefined) { controllerRecord(this).enqueue(chunk); }

  error(reason = undefined) { controllerRecord(this).error(reason); }

  terminate() { controllerRecord(this).terminate(); }
}

defineInterface(TransformStreamDefaultController);

const wrapController = (controller) => controller.facade ?? new TransformStreamDefaultController(construct, controller);

module.exports = { TransformStream, TransformStreamDefaultController, isTransformStream, recordOfTransform: recordOf };
