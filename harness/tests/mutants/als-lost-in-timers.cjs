// breaks: a timer's callback runs without the AsyncLocalStorage context it was set in
// noticed by: ordering/asynccontext

'use strict';
const { AsyncResource } = require('node:async_hooks');
const root = new AsyncResource('root');
const real = globalThis.setTimeout;
globalThis.setTimeout = (callback, delay, ...args) => real(() => root.runInAsyncScope(callback, undefined, ...args), delay);
