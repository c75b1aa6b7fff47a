// breaks: an immediate is a timer without a delay
// noticed by: ordering/immediate ordering/loop

'use strict';
globalThis.setImmediate = (callback, ...args) => setTimeout(callback, 0, ...args);
globalThis.clearImmediate = (immediate) => clearTimeout(immediate);
