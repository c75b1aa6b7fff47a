// breaks: a reaction of a promise runs one turn late
// noticed by: ordering/promise

'use strict';
const real = Promise.prototype.then;
Promise.prototype.then = function then(...reactions) {
  const late = (reaction) => (typeof reaction === 'function' ? (value) => real.call(Promise.resolve(), () => reaction(value)) : reaction);
  return real.call(this, ...reactions.map(late));
};
