// breaks: cancel() of a reader does not reach the underlying source
// noticed by: backpressure/readable

'use strict';
ReadableStreamDefaultReader.prototype.cancel = async function () { this.releaseLock(); };
