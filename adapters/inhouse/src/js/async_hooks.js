'use strict';
// Node's `async_hooks`. Authority: https://nodejs.org/api/async_context.html, https://nodejs.org/api/async_hooks.html

const { AsyncLocalStorage } = require('internal/async/local_storage');
const ids = require('internal/async/ids');
const { AsyncResource } = require('internal/async/resource');
const { createHook } = require('internal/async/hooks');

module.exports = {
  AsyncLocalStorage,
  AsyncResource,
  createHook,
  executionAsyncId: ids.executionAsyncId,
  triggerAsyncId: ids.triggerAsyncId,
  executionAsyncResource: ids.executionAsyncResource,
  asyncWrapProviders: Object.freeze({ __proto__: null }),
};
