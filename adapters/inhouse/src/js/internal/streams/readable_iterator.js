'use strict';
// for await over a Readable. Authority: https://nodejs.org/api/stream.html#readablesymbolasynciterator
//
// It reads by 'readable', so that no more than the buffer is ever held; leaving the loop early
// destroys the stream, unless `destroyOnReturn` is false. Requests are answered in their order, as
// those of an async generator are, but in no more turns than needed: at once if data is there.

const { combineErrors } = require('internal/errors');
const { destroyStream } = require('internal/streams/lifecycle');
const { finished } = require('internal/streams/finished');

const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function*() {}).prototype);

function iterate(stream, options) {
  let source = stream;
  // Something older than Readable behind the same method.
  if (typeof source.read !== 'function') source = require('internal/streams/readable').wrap(source, { objectMode: true });

  const requests = [];
  let started = false;
  let over = false;
  let waiting = false;    // the first request waits for `wake`
  let wake = null;
  let outcome;            // of the stream. undefined: still going; null: ended well; otherwise the error
  let stopWatching;

  const onChange = () => {
    const resolve = wake;
    wake = null;
    resolve?.();
  };

  function start() {
    started = true;
    source.on('readable', onChange);
    stopWatching = finished(source, { writable: false }, (error) => {
      outcome = error ? combineErrors(outcome, error) : null;
      onChange();
    });
  }

  function leave() {
    over = true;
    if (!started) return;
    if ((outcome || options?.destroyOnReturn !== false) && (outcome === undefined || source._readableState.autoDestroy)) {
      destroyStream(source, null);
    } else {
      source.off('readable', onChange);
      stopWatching();
    }
  }

  // Whether the request is answered; if not, it waits.
  function answer({ kind, value, resolve, reject }) {
    if (kind === 'throw') {
      if (!over) {
        if (started) outcome = combineErrors(outcome, value);
        leave();
      }
      reject(value);
      return true;
    }
    if (kind === 'return') {
      if (!over) leave();
      resolve({ done: true, value });
      return true;
    }
    if (over) {
      resolve({ done: true, value: undefined });
      return true;
    }
    if (!started) start();
    const chunk = source.destroyed ? null : source.read();
    if (chunk !== null) {
      if (typeof chunk?.then === 'function') {
        awaitChunk(chunk);
        return false;
      }
      resolve({ done: false, value: chunk });
    } else if (outcome) {
      leave();
      reject(outcome);
    } else if (outcome === null) {
      leave();
      resolve({ done: true, value: undefined });
    } else return false;
    return true;
  }

  function awaitChange() {
    waiting = true;
    new Promise((resolve) => { wake = resolve; }).then(() => {
      waiting = false;
      answerAll();
    });
  }

  // A chunk that is a promise is given as its value, as `yield` would do.
  function awaitChunk(chunk) {
    waiting = true;
    Promise.resolve(chunk).then((value) => {
      waiting = false;
      requests.shift().resolve({ done: false, value });
      answerAll();
    }, (error) => {
      waiting = false;
      outcome = combineErrors(outcome, error);
      leave();
      requests.shift().reject(error);
      answerAll();
    });
  }

  function answerAll() {
    while (requests.length > 0) {
      let answered = true;
      try {
        answered = answer(requests[0]);
      } catch (error) {
        // read() of the implementation threw.
        outcome = combineErrors(outcome, error);
        leave();
        requests[0].reject(error);
      }
      if (!answered) {
        if (!waiting) awaitChange();
        return;
      }
      requests.shift();
    }
  }

  function request(kind, value) {
    return new Promise((resolve, reject) => {
      requests.push({ kind, value, resolve, reject });
      if (!waiting && requests.length === 1) answerAll();
    });
  }

  return Object.setPrototypeOf({
    next() { return request('next'); },
    return(value) { return request('return', value); },
    throw(error) { return request('throw', error); },
    stream: source,
  }, AsyncIteratorPrototype);
}

module.exports = { iterate };
