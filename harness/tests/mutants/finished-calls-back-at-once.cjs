// breaks: finished() calls back before it returns if the stream is over
// noticed by: backpressure/node-pipeline

'use strict';
const stream = require('node:stream');
const real = stream.finished;
stream.finished = (each, options, callback = options) => {
  if (each.destroyed || each.readableEnded || each.writableFinished) {
    callback();
    return () => {};
  }
  return real(each, options, callback);
};
require('node:module').syncBuiltinESMExports();
