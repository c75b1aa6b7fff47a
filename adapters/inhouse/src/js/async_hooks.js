'use strict';
// Node's `async_hooks`. Authority: https://nodejs.org/api/async_context.html, https://nodejs.org/api/async_hooks.html

const { AsyncLocalStorage } = require('internal/async/local_storage');
const ids = require('internal/async/ids');
const { AsyncResource } = require('internal/async/resource');
const { createHook } = require('internal/async/hooks');

// Who asks for ids has them followed from then on.
function ask(question) {
  const { install, flush } = require('internal/async/observer');
  install();
  flush();
  return question();
}

module.exports = {
  AsyncLocalStorage,
  AsyncResource,
  createHook,
  executionAsyncId: () => ask(ids.executionAsyncId),
  triggerAsyncId: () => ask(ids.triggerAsyncId),
  executionAsyncResource: () => ask(ids.executionAsyncResource),
  asyncWrapProviders: Object.freeze({ __proto__: null }),
};
