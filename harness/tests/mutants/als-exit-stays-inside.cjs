// breaks: AsyncLocalStorage.exit does not leave the context
// noticed by: ordering/asynccontext

'use strict';
const { AsyncLocalStorage } = require('node:async_hooks');
AsyncLocalStorage.prototype.exit = function exit(callback, ...args) { return callback(...args); };
