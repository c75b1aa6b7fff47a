// breaks: stopImmediatePropagation stops nothing
// noticed by: ordering/eventtarget

'use strict';
Event.prototype.stopImmediatePropagation = () => {};
