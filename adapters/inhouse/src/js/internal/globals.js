'use strict';
// Which builtin module provides which global, beside those that bootstrap itself knows.

// Globals that are enumerable properties of the global object in Node.
module.exports.functions = {
  'internal/web/structured_clone': ['structuredClone'],
  'internal/web/base64': ['atob', 'btoa'],
  'internal/web/report_error': ['reportError'],
  'internal/web/fetch': ['fetch'],
  'internal/web/performance': ['performance'],
};

// Classes and everything else that is not enumerable.
module.exports.classes = {
  'internal/web/dom_exception': ['DOMException'],
  'internal/web/event_target': ['Event', 'CustomEvent', 'EventTarget'],
  'internal/web/abort': ['AbortController', 'AbortSignal'],
  'internal/web/messaging': ['MessageChannel', 'MessagePort', 'MessageEvent'],
  'internal/web/broadcast_channel': ['BroadcastChannel'],
  'internal/web/streams/readable_stream': ['ReadableStream'],
  'internal/web/streams/readable_stream_readers': ['ReadableStreamDefaultReader', 'ReadableStreamBYOBReader'],
  'internal/web/streams/readable_stream_controllers': [
    'ReadableStreamDefaultController', 'ReadableByteStreamController', 'ReadableStreamBYOBRequest',
  ],
  'internal/web/streams/writable_stream': [
    'WritableStream', 'WritableStreamDefaultWriter', 'WritableStreamDefaultController',
  ],
  'internal/web/streams/transform_stream': ['TransformStream', 'TransformStreamDefaultController'],
  'internal/web/blob': ['Blob', 'File'],
  'internal/web/headers': ['Headers'],
  'internal/web/request': ['Request'],
  'internal/web/response': ['Response'],
  'internal/web/url': ['URL'],
  'internal/web/url/search_params': ['URLSearchParams'],
  'internal/web/encoding': ['TextEncoder', 'TextDecoder'],
  'internal/web/assembly_memory': ['WebAssembly'],
  'internal/web/compression_streams': ['CompressionStream', 'DecompressionStream'],
  'internal/web/encoding_streams': ['TextEncoderStream', 'TextDecoderStream'],
  'internal/web/performance': ['Performance'],
  'internal/web/performance_entry': ['PerformanceEntry', 'PerformanceMark', 'PerformanceMeasure'],
  'internal/web/performance_observer': ['PerformanceObserver', 'PerformanceObserverEntryList'],
  'internal/web/streams/strategies': ['ByteLengthQueuingStrategy', 'CountQueuingStrategy'],
};
