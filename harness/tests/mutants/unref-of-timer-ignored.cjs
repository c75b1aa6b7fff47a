// breaks: a timer that was unref'd keeps the process alive
// noticed by: ordering/timers blocking/liveness

'use strict';
const timer = setTimeout(() => {}, 0);
clearTimeout(timer);
Object.getPrototypeOf(timer).unref = function unref() { return this; };
