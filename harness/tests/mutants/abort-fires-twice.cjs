// breaks: a second abort() fires the event again
// noticed by: ordering/abort

'use strict';
const real = AbortController.prototype.abort;
AbortController.prototype.abort = function abort(...reason) {
  if (this.signal.aborted) this.signal.dispatchEvent(new Event('abort'));
  else real.apply(this, reason);
};
