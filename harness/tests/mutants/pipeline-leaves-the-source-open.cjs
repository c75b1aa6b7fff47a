// breaks: a failure of the last stream leaves the first one of a pipeline undestroyed
// noticed by: backpressure/node-pipeline

'use strict';
const stream = require('node:stream');
stream.pipeline = (...streams) => {
  const callback = streams.pop();
  const joined = streams.reduce((from, to) => from.pipe(to));
  stream.finished(joined, callback);
  return joined;
};
require('node:module').syncBuiltinESMExports();
