// breaks: the callback of pipeline() is called twice
// noticed by: backpressure/node-pipeline

'use strict';
const stream = require('node:stream');
const real = stream.pipeline;
stream.pipeline = (...streams) => {
  const callback = streams.pop();
  return real(...streams, (...args) => { callback(...args); callback(...args); });
};
require('node:module').syncBuiltinESMExports();
