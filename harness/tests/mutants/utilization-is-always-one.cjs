// breaks: the event loop utilization is 1 whatever the loop does
// noticed by: blocking/timing/elu

'use strict';
require('node:perf_hooks').performance.eventLoopUtilization = () => ({ idle: 0, active: 1, utilization: 1 });
