// breaks: clearTimeout does nothing
// noticed by: ordering/timers

'use strict';
globalThis.clearTimeout = () => {};
