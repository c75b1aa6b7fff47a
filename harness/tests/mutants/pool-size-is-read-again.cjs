// breaks: UV_THREADPOOL_SIZE is read again for each job
// noticed by: blocking/threadpool/env-too-late

'use strict';
const fs = require('node:fs');
const waiting = [];
let busy = 0;

function pump() {
  while (waiting.length > 0 && busy < Number(process.env.UV_THREADPOOL_SIZE || 4)) {
    busy += 1;
    waiting.shift()();
  }
}

for (const name of ['open', 'stat']) {
  const real = fs[name];
  fs[name] = (...args) => {
    const callback = args.pop();
    waiting.push(() => real(...args, (...results) => {
      busy -= 1;
      pump();
      callback(...results);
    }));
    pump();
  };
}
