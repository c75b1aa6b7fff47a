'use strict';
// Async ids: who runs, and who caused it. Authority: https://nodejs.org/api/async_hooks.html#async_hooksexecutionasyncid
//
// 1 is the program's main body. Resources take their numbers from 2 on.

const { context } = host;
const stack = [];
let last = 1;
const main = { id: 1, trigger: 0, resource: {} };
// Who runs as far as it was announced; undefined where nobody was.
let current;
// A callback that nobody announced (it was registered before ids were asked for) has a number from the first question on.
let stray;

const next = () => ++last;

function running() {
  if (current !== undefined) return current;
  if (context.main) return main;
  return stray ??= { id: next(), trigger: 0, resource: {} };
}

function enter(id, trigger, resource) {
  stack.push(current);
  current = { id, trigger, resource };
}

function leave() {
  current = stack.pop();
}

// Whether anybody was announced.
const isInside = () => current !== undefined;

// Whether the one that runs was announced with this resource.
const isRunning = (resource) => current !== undefined && current.resource === resource;

// The number of the unannounced callback that ends now, if anybody asked for it.
function endStray() {
  const id = current === undefined ? stray?.id : undefined;
  if (id !== undefined) stray = undefined;
  return id;
}

module.exports = {
  next, enter, leave, isInside, isRunning, endStray,
  executionAsyncId: () => running().id,
  triggerAsyncId: () => running().trigger,
  executionAsyncResource: () => running().resource,
};
