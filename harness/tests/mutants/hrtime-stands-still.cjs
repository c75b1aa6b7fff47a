// breaks: performance.now() does not move while the program computes
// noticed by: blocking/timing blocking/loop

'use strict';
const start = performance.now();
let turn = start;
setInterval(() => { turn += 1; }, 1).unref();
performance.now = () => turn;
