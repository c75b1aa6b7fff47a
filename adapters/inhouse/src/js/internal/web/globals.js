'use strict';
// Which global of the web platform comes from which module: the runtime's start defines a lazy getter for each.
// name -> [builtin id, export name]

const globals = {
  __proto__: null,
  DOMException: ['internal/web/dom_exception', 'DOMException'],
  Event: ['internal/web/event_target', 'Event'],
  CustomEvent: ['internal/web/event_target', 'CustomEvent'],
  EventTarget: ['internal/web/event_target', 'EventTarget'],
  AbortController: ['internal/web/abort', 'AbortController'],
  AbortSignal: ['internal/web/abort', 'AbortSignal'],
  structuredClone: ['internal/web/structured_clone', 'structuredClone'],
};

// Loaded before the program runs: they capture intrinsics that a program may replace.
const eager = ['internal/web/promises'];

module.exports = { globals, eager };
