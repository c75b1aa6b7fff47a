'use strict';
// Node's `perf_hooks`. Authority: https://nodejs.org/api/perf_hooks.html

const { performance, Performance } = require('internal/web/performance');
const { PerformanceEntry, PerformanceMark, PerformanceMeasure } = require('internal/web/performance_entry');
const { PerformanceObserver, PerformanceObserverEntryList } = require('internal/web/performance_observer');
const { eventLoopUtilization, timerify } = require('internal/perf/loop');

module.exports = {
  Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceObserver, PerformanceObserverEntryList,
  performance, eventLoopUtilization, timerify,
  constants: {
    NODE_PERFORMANCE_GC_MAJOR: 4, NODE_PERFORMANCE_GC_MINOR: 1, NODE_PERFORMANCE_GC_INCREMENTAL: 8, NODE_PERFORMANCE_GC_WEAKCB: 16,
    NODE_PERFORMANCE_GC_FLAGS_NO: 0, NODE_PERFORMANCE_GC_FLAGS_CONSTRUCT_RETAINED: 2, NODE_PERFORMANCE_GC_FLAGS_FORCED: 4,
    NODE_PERFORMANCE_GC_FLAGS_SYNCHRONOUS_PHANTOM_PROCESSING: 8, NODE_PERFORMANCE_GC_FLAGS_ALL_AVAILABLE_GARBAGE: 16,
    NODE_PERFORMANCE_GC_FLAGS_ALL_EXTERNAL_MEMORY: 32, NODE_PERFORMANCE_GC_FLAGS_SCHEDULE_IDLE: 64,
  },
};
for (const name of ['createHistogram', 'monitorEventLoopDelay']) {
  host.lazy(module.exports, name, true, () => require('internal/perf/histogram')[name]);
}
