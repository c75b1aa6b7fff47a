'use strict';
// The global object of a page: window, timers as numbers, animation frames, and the document, made when first looked at.
// Authority: https://html.spec.whatwg.org/multipage/nav-history-apis.html#the-window-object and
// https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#timers
//
// `install` is called by bootstrap instead of what makes Node's global object.

const { callback, invalidThis, requireArguments } = require('internal/web/webidl');
const { EventTarget, adopt, defineEventHandler } = require('internal/web/event_target');
const { Timeout, clear } = require('internal/timers');

const global = globalThis;
const { apply } = Reflect;

class Window extends EventTarget {
  constructor() {
    super();
    throw new TypeError('Illegal constructor');
  }
}

// Operations of the global object may be called without it.
for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent']) {
  const inherited = EventTarget.prototype[name];
  define(name, { [name](...args) { return apply(inherited, this ?? global, args); } }[name]);
}

function define(name, value) {
  Object.defineProperty(Window.prototype, name, { configurable: true, enumerable: true, writable: true, value });
}

// ---- Timers -----------------------------------------------------------------------------------

// A handler is a function, or the text of a script.
function handlerOf(handler) {
  if (typeof handler === 'function') return handler;
  const text = `${handler}`;
  return () => (0, eval)(text);
}

// Web IDL `long`, and no less than 0.
const delayOf = (timeout) => Math.max(0, timeout | 0);

function start(handler, timeout, args, repeats) {
  return +new Timeout(handlerOf(handler), delayOf(timeout), args.length > 0 ? args : undefined, repeats);
}

const timers = {
  setTimeout(handler, timeout = 0, ...args) {
    requireArguments(arguments.length, 'handler');
    return start(handler, timeout, args, false);
  },
  setInterval(handler, timeout = 0, ...args) {
    requireArguments(arguments.length, 'handler');
    return start(handler, timeout, args, true);
  },
  clearTimeout(id = 0) { clear(id | 0); },
  clearInterval(id = 0) { clear(id | 0); },
};

// ---- Animation frames -------------------------------------------------------------------------

// The callbacks that wait, by the numbers that the loop gave them.
const frames = new Map();

const animation = {
  requestAnimationFrame(run) {
    requireArguments(arguments.length, 'callback');
    callback(run, 'callback');
    const id = host.timers.requestFrame();
    frames.set(id, run);
    return id;
  },
  cancelAnimationFrame(id) {
    requireArguments(arguments.length, 'handle');
    const number = id >>> 0;
    if (frames.delete(number)) host.timers.cancelFrame(number);
  },
};

// What the loop calls when the display is updated; `now` is the same for all callbacks of a frame.
function runFrame(id, now) {
  const run = frames.get(id);
  frames.delete(id);
  run(now);
}

// ---- The global object ------------------------------------------------------------------------

function install() {
  Object.setPrototypeOf(global, Window.prototype);
  adopt(global);
  for (const type of ['error', 'unhandledrejection', 'rejectionhandled', 'message']) {
    defineEventHandler(Window, type, {
      check(target) {
        if ((target ?? global) !== global) throw invalidThis('Window');
      },
    });
  }
  for (const [name, value] of Object.entries({ ...timers, ...animation })) define(name, value);
  for (const name of ['window', 'self', 'frames', 'parent', 'top']) {
    Object.defineProperty(global, name, { configurable: true, enumerable: true, writable: name !== 'window', value: global });
  }
  host.lazy(global, 'document', true, () => require('internal/page/document').document);
  const nodes = ['Node', 'Element', 'Text', 'Comment', 'Document', 'DocumentFragment'];
  for (const name of nodes) host.lazy(global, name, false, () => require('internal/page/document')[name]);
  for (const name of ['MutationObserver', 'MutationRecord']) {
    host.lazy(global, name, false, () => require('internal/page/mutation_observer')[name]);
  }
  for (const name of ['ErrorEvent', 'PromiseRejectionEvent']) {
    host.lazy(global, name, false, () => require('internal/page/errors')[name]);
  }
  Object.defineProperty(global, 'Window', { configurable: true, enumerable: false, writable: true, value: Window });
}

module.exports = { install, runFrame };
