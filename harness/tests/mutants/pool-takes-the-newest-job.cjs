// breaks: of the file operations asked for together the newest is done first
// noticed by: blocking/threadpool/size-one blocking/fairness/pool

'use strict';
const fs = require('node:fs');
const real = fs.stat;
const jobs = [];
fs.stat = (...job) => {
  jobs.push(job);
  process.nextTick(() => real(...jobs.pop()));
};
