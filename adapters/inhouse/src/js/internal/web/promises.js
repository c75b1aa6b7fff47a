'use strict';
// Promises as Web IDL handles them: with the intrinsics, never with what a program has put in their place.
// Authority: https://webidl.spec.whatwg.org/#js-promise-manipulation
//
// Contract: loaded before the program runs, so that the captured functions are the engine's. `upon` and `react` cost
// exactly one promise job from settlement to the call of a step, which the order of many programs depends on.

const PromiseIntrinsic = Promise;
const apply = Reflect.apply;
const then = Function.prototype.call.bind(Promise.prototype.then);
const resolveMethod = Function.prototype.call.bind(Promise.resolve, PromiseIntrinsic);
const rejectMethod = Function.prototype.call.bind(Promise.reject, PromiseIntrinsic);
const { queueMicrotask } = host;
const nothing = () => {};

// "a promise resolved with" / "a promise rejected with"
const resolvedWith = (value) => resolveMethod(value);
const rejectedWith = (reason) => rejectMethod(reason);

// "a new promise", with what settles it. `pending` answers the [[PromiseState]] questions of specifications.
class Deferred {
  constructor() {
    this.pending = true;
    this.promise = new PromiseIntrinsic((resolve, reject) => {
      this.settle = resolve;
      this.fail = reject;
    });
  }

  resolve(value) {
    this.pending = false;
    this.settle(value);
  }

  reject(reason) {
    this.pending = false;
    this.fail(reason);
  }

  // The settled forms hold the same fields, so that owners need not ask which one they have.
  static resolved(value) {
    const deferred = new Deferred();
    deferred.resolve(value);
    return deferred;
  }

  static rejected(reason) {
    const deferred = new Deferred();
    deferred.reject(reason);
    return deferred;
  }
}

// "react": the result follows what the step returns.
const react = then;

// "upon fulfillment", "upon rejection". A step that throws is a fault of ours; it shows as an unhandled rejection.
const upon = then;

// "mark as handled": [[PromiseIsHandled]] can only be set by attaching a reaction.
function markAsHandled(promise) {
  then(promise, undefined, nothing);
}

// "invoke a callback function" whose return type is a promise: a throw becomes a rejection.
function invokeForPromise(fn, thisArg, args) {
  try {
    return resolveMethod(apply(fn, thisArg, args));
  } catch (error) {
    return rejectMethod(error);
  }
}

// "get a promise to wait for all", without its list of results, which no caller here uses.
function waitForAll(promises) {
  const all = new Deferred();
  let left = promises.length;
  if (left === 0) queueMicrotask(() => all.resolve(undefined));
  for (const promise of promises) {
    upon(promise, () => {
      left -= 1;
      if (left === 0) all.resolve(undefined);
    }, (reason) => all.reject(reason));
  }
  return all.promise;
}

module.exports = {
  resolvedWith, rejectedWith, Deferred, react, upon, markAsHandled, invokeForPromise, waitForAll, queueMicrotask, apply,
};
