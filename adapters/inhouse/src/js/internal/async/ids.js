'use strict';
// Async ids: who runs, and who caused it. Authority: https://nodejs.org/api/async_hooks.html#async_hooksexecutionasyncid
//
// 1 is the program's main body, 0 what the loop calls of itself. Resources take their numbers from 2 on.

const stack = [];
let last = 1;
let current = { id: 1, trigger: 0, resource: {} };

const next = () => ++last;
const executionAsyncId = () => current.id;
const triggerAsyncId = () => current.trigger;
const executionAsyncResource = () => current.resource;

function enter(id, trigger, resource) {
  stack.push(current);
  current = { id, trigger, resource };
}

function leave() {
  current = stack.pop();
}

module.exports = { next, enter, leave, executionAsyncId, triggerAsyncId, executionAsyncResource };
