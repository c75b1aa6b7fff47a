// breaks: Atomics.notify wakes all that wait, whatever the count
// noticed by: blocking/worker/atomics blocking/wait/notify

'use strict';
const real = Atomics.notify;
Atomics.notify = (cells, index, count) => (count === 0 ? 0 : real(cells, index));
