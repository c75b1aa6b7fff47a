// breaks: clearImmediate does nothing
// noticed by: ordering/immediate

'use strict';
globalThis.clearImmediate = () => {};
