// breaks: the callback of the first then() of a promise from Promise.resolve runs at once
// noticed by: ordering/promise

'use strict';
const { resolve } = Promise;
Promise.resolve = function (value) {
  const promise = resolve.call(this, value);
  if (value instanceof Promise || typeof value?.then === 'function') return promise;
  promise.then = (callback) => resolve.call(Promise, callback ? callback(value) : value);
  return promise;
};
