// breaks: abort() forgets the reason it is given
// noticed by: ordering/abort

'use strict';
const real = AbortController.prototype.abort;
AbortController.prototype.abort = function abort() { real.call(this); };
