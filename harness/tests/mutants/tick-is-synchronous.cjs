// breaks: process.nextTick calls its callback at once
// noticed by: ordering/nexttick

'use strict';
process.nextTick = (callback, ...args) => callback(...args);
