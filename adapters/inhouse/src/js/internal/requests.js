'use strict';
// Pool jobs in flight: their callbacks by the number of the job.

const callbacks = new Map();

// `type` is what Node calls such a request.
function add(job, callback, type = 'FSReqCallback') {
  callbacks.set(job, { callback, frame: host.context.frame, type });
}

const active = () => [...callbacks.values()].map(({ type }) => type);

function complete(job, error, value) {
  const request = callbacks.get(job);
  callbacks.delete(job);
  host.context.frame = request.frame;
  try {
    request.callback(error, value);
  } finally {
    host.context.frame = undefined;
  }
}

module.exports = { add, complete, active };
