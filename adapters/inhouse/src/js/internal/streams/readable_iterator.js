'use strict';
// for await over a Readable. Authority: https://nodejs.org/api/stream.html#readablesymbolasynciterator
//
// It reads by 'readable', so that no more than the buffer is ever held; leaving the loop early
// destroys the stream, unless `destroyOnReturn` is false.

const { combineErrors } = require('internal/errors');
const { destroyStream } = require('internal/streams/lifecycle');
const { finished } = require('internal/streams/finished');

function iterate(stream, options) {
  let source = stream;
  // Something older than Readable behind the same method.
  if (typeof source.read !== 'function') source = require('internal/streams/readable').wrap(source, { objectMode: true });
  const iterator = generate(source, options);
  iterator.stream = source;
  return iterator;
}

async function* generate(stream, options) {
  let wake = null;
  let outcome;    // undefined: still going; null: ended well; otherwise the error

  const onChange = () => {
    const waiting = wake;
    wake = null;
    waiting?.();
  };
  stream.on('readable', onChange);
  const stopWatching = finished(stream, { writable: false }, (error) => {
    outcome = error ? combineErrors(outcome, error) : null;
    onChange();
  });

  try {
    for (;;) {
      const chunk = stream.destroyed ? null : stream.read();
      if (chunk !== null) yield chunk;
      else if (outcome) throw outcome;
      else if (outcome === null) return;
      else await new Promise((resolve) => { wake = resolve; });
    }
  } catch (error) {
    outcome = combineErrors(outcome, error);
    throw outcome;
  } finally {
    if ((outcome || options?.destroyOnReturn !== false) &&
        (outcome === undefined || stream._readableState.autoDestroy)) {
      destroyStream(stream, null);
    } else {
      stream.off('readable', onChange);
      stopWatching();
    }
  }
}

module.exports = { iterate };
