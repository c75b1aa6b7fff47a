// breaks: an immediate that was unref'd keeps the process alive
// noticed by: ordering/immediate blocking/liveness

'use strict';
const immediate = setImmediate(() => {});
clearImmediate(immediate);
Object.getPrototypeOf(immediate).unref = function unref() { return this; };
