// breaks: desiredSize of a writer is always 1
// noticed by: backpressure/writable

'use strict';
Object.defineProperty(WritableStreamDefaultWriter.prototype, 'desiredSize', { get: () => 1 });
