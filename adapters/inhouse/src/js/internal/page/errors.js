'use strict';
// Errors that nobody catches, in a page: an event tells the global object, and the page goes on.
// Authority: https://html.spec.whatwg.org/multipage/webappapis.html#report-an-exception and #unhandled-promise-rejections

const { defineInterface, dictionary, domString, requireArguments, usvString } = require('internal/web/webidl');
const { Event, createTrusted, fire } = require('internal/web/event_target');

class ErrorEvent extends Event {
  #slots;

  constructor(type, eventInitDict = undefined) {
    requireArguments(arguments.length, 'type');
    super(type, eventInitDict);
    const { message = '', filename = '', lineno = 0, colno = 0, error = undefined } = dictionary(eventInitDict, 'options');
    this.#slots = { message: domString(message), filename: usvString(filename), lineno: lineno >>> 0, colno: colno >>> 0, error };
  }

  get message() { return this.#slots.message; }

  get filename() { return this.#slots.filename; }

  get lineno() { return this.#slots.lineno; }

  get colno() { return this.#slots.colno; }

  get error() { return this.#slots.error; }
}

class PromiseRejectionEvent extends Event {
  #slots;

  constructor(type, eventInitDict) {
    requireArguments(arguments.length, 'type', 'eventInitDict');
    super(type, eventInitDict);
    const { promise, reason } = dictionary(eventInitDict, 'options');
    this.#slots = { promise, reason };
  }

  get promise() { return this.#slots.promise; }

  get reason() { return this.#slots.reason; }
}

defineInterface(ErrorEvent);
defineInterface(PromiseRejectionEvent);

function print(prefix, error) {
  let shown;
  try {
    shown = require('internal/format').inspect(error);
  } catch {
    shown = 'an error that cannot be shown';
  }
  host.console.write(2, `${prefix} ${shown}\n`);
}

// An error in a listener of `error` is not reported to it again.
let reporting = false;

// "report an exception"
function report(error) {
  let handled = false;
  if (!reporting) {
    reporting = true;
    try {
      const message = error instanceof Error ? `Uncaught ${error.name}: ${error.message}` : `Uncaught ${String(error)}`;
      handled = !fire(globalThis, createTrusted(ErrorEvent, 'error', { cancelable: true, message, error }));
    } finally {
      reporting = false;
    }
  }
  if (!handled) print('Uncaught', error);
}

// "notify about rejected promises": a task of its own, by which time some may have got a handler.
function notifyRejected(promises) {
  host.loop.postTask(() => {
    for (const { promise, reason, isHandled, reported } of promises) {
      if (isHandled()) continue;
      const event = createTrusted(PromiseRejectionEvent, 'unhandledrejection', { cancelable: true, promise, reason });
      if (fire(globalThis, event)) print('Uncaught (in promise)', reason);
      if (!isHandled()) reported();
    }
  });
}

// A rejection that was reported has got a handler.
function notifyHandled(promise, reason) {
  host.loop.postTask(() => {
    fire(globalThis, createTrusted(PromiseRejectionEvent, 'rejectionhandled', { promise, reason }));
  });
}

module.exports = { ErrorEvent, PromiseRejectionEvent, report, notifyRejected, notifyHandled };
