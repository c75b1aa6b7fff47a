// breaks: abort() fires its event in a microtask
// noticed by: ordering/abort

'use strict';
const real = AbortController.prototype.abort;
AbortController.prototype.abort = function abort(...reason) { queueMicrotask(() => real.apply(this, reason)); };
