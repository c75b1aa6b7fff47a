// breaks: process.nextTick queues a microtask
// noticed by: ordering/nexttick

'use strict';
process.nextTick = (callback, ...args) => queueMicrotask(() => callback(...args));
