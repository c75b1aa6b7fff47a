// breaks: refresh() does not let a timer wait anew
// noticed by: ordering/timers

'use strict';
const timer = setTimeout(() => {}, 0);
clearTimeout(timer);
Object.getPrototypeOf(timer).refresh = function refresh() { return this; };
