// breaks: the timer of AbortSignal.timeout is referenced
// noticed by: blocking/liveness/abortsignal

'use strict';
AbortSignal.timeout = (delay) => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new DOMException('timed out', 'TimeoutError')), delay);
  return controller.signal;
};
