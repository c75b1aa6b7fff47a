'use strict';
// Pool jobs in flight: their callbacks by the number of the job.

const { context } = host;
const callbacks = new Map();

// `type` is what Node calls such a request.
function add(job, callback, type = 'FSReqCallback') {
  const request = { callback, frame: context.frame, type };
  callbacks.set(job, request);
  // Hooks see the names of Node's providers, which are in capitals.
  if (context.observer !== undefined) context.observer.created(request, type.toUpperCase());
}

const active = () => [...callbacks.values()].map(({ type }) => type);

function complete(job, error, value) {
  const request = callbacks.get(job);
  callbacks.delete(job);
  context.frame = request.frame;
  if (context.observer !== undefined) context.observer.enter(request);
  try {
    request.callback(error, value);
    if (context.observer !== undefined) context.observer.leave(request);
  } finally {
    context.frame = undefined;
    if (context.observer !== undefined) context.observer.destroyed(request);
  }
}

module.exports = { add, complete, active };
