// breaks: finally() fulfils a promise that was rejected
// noticed by: ordering/promise

'use strict';
Promise.prototype.finally = function (callback) {
  return this.then((value) => Promise.resolve(callback()).then(() => value), () => callback());
};
