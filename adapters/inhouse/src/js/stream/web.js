'use strict';
// Node's `stream/web` module. Authority: https://nodejs.org/api/webstreams.html

const exported = {
  'internal/web/streams/readable_stream': ['ReadableStream'],
  'internal/web/streams/readable_stream_readers': ['ReadableStreamDefaultReader', 'ReadableStreamBYOBReader'],
  'internal/web/streams/readable_stream_controllers': [
    'ReadableStreamBYOBRequest', 'ReadableByteStreamController', 'ReadableStreamDefaultController',
  ],
  'internal/web/streams/transform_stream': ['TransformStream', 'TransformStreamDefaultController'],
  'internal/web/streams/writable_stream': [
    'WritableStream', 'WritableStreamDefaultController', 'WritableStreamDefaultWriter',
  ],
  'internal/web/streams/strategies': ['ByteLengthQueuingStrategy', 'CountQueuingStrategy'],
  'internal/web/encoding_streams': ['TextEncoderStream', 'TextDecoderStream'],
  'internal/web/compression_streams': ['CompressionStream', 'DecompressionStream'],
};

for (const [id, names] of Object.entries(exported)) {
  for (const name of names) host.lazy(module.exports, name, true, () => require(id)[name]);
}
