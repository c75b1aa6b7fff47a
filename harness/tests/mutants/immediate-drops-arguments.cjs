// breaks: an immediate's callback gets no arguments
// noticed by: ordering/immediate

'use strict';
const { setImmediate: real } = globalThis;
globalThis.setImmediate = (callback) => real(callback);
