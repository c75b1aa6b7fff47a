// breaks: ready of a writer is always fulfilled
// noticed by: backpressure/writable

'use strict';
Object.defineProperty(WritableStreamDefaultWriter.prototype, 'ready', { get: () => Promise.resolve() });
