'use strict';
// What web streams answer when Node's stream functions ask them: properties by registered symbols, which
// `internal/streams/queries` reads. They are Node's own extension and in no standard.
// Authority: https://nodejs.org/api/stream.html (finished, addAbortSignal, isErrored, isReadable for web streams)

const { Deferred } = require('internal/web/promises');

// A promise that settles when the record closes or fails, made at the first question.
function settled(record) {
  if (record.settled === undefined) {
    record.settled = new Deferred();
    if (record.state === 'closed') record.settled.resolve(undefined);
    else if (record.state === 'errored') record.settled.rejectHandled(record.storedError);
  }
  return record.settled;
}

function define(Class, answers) {
  for (const [name, get] of Object.entries(answers)) {
    Object.defineProperty(Class.prototype, Symbol.for(name), { configurable: true, get });
  }
}

// `recordOf` unwraps a facade.
function answerAsReadable(Class, recordOf) {
  define(Class, {
    'nodejs.stream.disturbed'() { return recordOf(this).disturbed; },
    'nodejs.stream.errored'() { return recordOf(this).state === 'errored'; },
    'nodejs.stream.readable'() { return recordOf(this).state === 'readable'; },
    'nodejs.webstream.isClosedPromise'() { return settled(recordOf(this)); },
    'nodejs.webstream.controllerErrorFunction'() {
      const record = recordOf(this);
      return (reason) => record.controller.error(reason);
    },
  });
}

function answerAsWritable(Class, recordOf) {
  define(Class, {
    'nodejs.stream.errored'() { return recordOf(this).state === 'errored'; },
    'nodejs.stream.writable'() { return recordOf(this).state === 'writable'; },
    'nodejs.webstream.isClosedPromise'() { return settled(recordOf(this)); },
    'nodejs.webstream.controllerErrorFunction'() {
      const record = recordOf(this);
      return (reason) => record.controller.errorIfNeeded(reason);
    },
  });
}

module.exports = { answerAsReadable, answerAsWritable };
