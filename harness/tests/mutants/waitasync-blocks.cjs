// breaks: Atomics.waitAsync blocks and answers synchronously
// noticed by: blocking/wait/waitasync

'use strict';
Atomics.waitAsync = (cells, index, value, limit = 10) => ({
  async: false,
  value: Atomics.wait(cells, index, value, limit),
});
