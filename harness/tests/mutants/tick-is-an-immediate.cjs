// breaks: process.nextTick queues an immediate
// noticed by: ordering/nexttick

'use strict';
process.nextTick = (callback, ...args) => setImmediate(callback, ...args);
