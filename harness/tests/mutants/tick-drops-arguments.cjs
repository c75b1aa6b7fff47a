// breaks: a tick's callback gets no arguments
// noticed by: ordering/nexttick

'use strict';
const real = process.nextTick;
process.nextTick = (callback) => real(callback);
