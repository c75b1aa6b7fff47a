// breaks: a timer that is ref'd again does not keep the process alive
// noticed by: ordering/timers blocking/liveness

'use strict';
const timer = setTimeout(() => {}, 0);
clearTimeout(timer);
Object.getPrototypeOf(timer).ref = function ref() { return this; };
