'use strict';
// Node's `stream` module. Authority: https://nodejs.org/api/stream.html
// The parts are under internal/streams/; those that few programs touch are loaded on first use.

const { Stream } = require('internal/streams/legacy');
const queries = require('internal/streams/queries');

module.exports = Stream;

// A property that loads its module when it is first read.
function lazy(name, load) {
  Object.defineProperty(Stream, name, {
    get() {
      const value = load();
      Object.defineProperty(Stream, name, { value, writable: true, enumerable: true, configurable: true });
      return value;
    },
    set(value) {
      Object.defineProperty(Stream, name, { value, writable: true, enumerable: true, configurable: true });
    },
    enumerable: true,
    configurable: true,
  });
}

Stream.isDestroyed = queries.isDestroyed;
Stream.isDisturbed = queries.isDisturbed;
Stream.isErrored = queries.isErrored;
Stream.isReadable = queries.isReadable;
Stream.isWritable = queries.isWritable;
lazy('Readable', () => require('internal/streams/readable'));
lazy('Writable', () => require('internal/streams/writable'));
lazy('Duplex', () => require('internal/streams/duplex'));
lazy('Transform', () => require('internal/streams/transform'));
lazy('PassThrough', () => require('internal/streams/passthrough'));
lazy('duplexPair', () => require('internal/streams/duplex_pair').duplexPair);
lazy('pipeline', () => {
  const { pipeline } = require('internal/streams/pipeline');
  return promisified(pipeline, 'pipeline');
});
lazy('addAbortSignal', () => require('internal/streams/abort_signal').addAbortSignalChecked);
lazy('finished', () => {
  const { finished } = require('internal/streams/finished');
  return promisified(finished, 'finished');
});
Stream.destroy = function destroyer(stream, error) {
  require('internal/streams/lifecycle').destroyStream(stream, error);
};
lazy('compose', () => require('internal/streams/compose').compose);
Stream.setDefaultHighWaterMark = function setDefaultHighWaterMark(objectMode, value) {
  require('internal/streams/high_water_mark').setDefault(objectMode, value);
};
Stream.getDefaultHighWaterMark = function getDefaultHighWaterMark(objectMode) {
  return require('internal/streams/high_water_mark').getDefault(objectMode);
};
Object.defineProperty(Stream, 'promises', {
  get() { return require('stream/promises'); },
  enumerable: true,
  configurable: true,
});
Stream.Stream = Stream;
Stream._isArrayBufferView = ArrayBuffer.isView;
Stream._isUint8Array = (value) => value instanceof Uint8Array;
Stream._uint8ArrayToBuffer = (chunk) => require('internal/streams/bytes').asBuffer(chunk);

// util.promisify(stream.pipeline) is the function of stream/promises.
function promisified(fn, name) {
  Object.defineProperty(fn, Symbol.for('nodejs.util.promisify.custom'), {
    get() { return require('stream/promises')[name]; },
    enumerable: true,
    configurable: true,
  });
  return fn;
}
