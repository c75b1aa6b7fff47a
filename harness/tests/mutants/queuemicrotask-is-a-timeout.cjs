// breaks: queueMicrotask sets a timer
// noticed by: ordering/microtask

'use strict';
globalThis.queueMicrotask = (callback) => void setTimeout(callback, 0);
