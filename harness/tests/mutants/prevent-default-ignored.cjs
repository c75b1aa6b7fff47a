// breaks: preventDefault does not show in the result of dispatchEvent
// noticed by: ordering/eventtarget

'use strict';
Event.prototype.preventDefault = () => {};
