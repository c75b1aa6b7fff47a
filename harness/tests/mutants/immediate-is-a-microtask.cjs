// breaks: an immediate is a microtask
// noticed by: ordering/immediate

'use strict';
globalThis.setImmediate = (callback, ...args) => queueMicrotask(() => callback(...args));
