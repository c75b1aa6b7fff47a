// breaks: hasRef() says true of a timer that was unref'd
// noticed by: ordering/timers blocking/liveness

'use strict';
const timer = setTimeout(() => {}, 0);
clearTimeout(timer);
Object.getPrototypeOf(timer).hasRef = () => true;
