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
const rejectWith = Function.prototype.call.bind(Promise.reject, PromiseIntrinsic);
const { queueMicrotask } = host;
const { markHandled } = host.util;

// "a promise resolved with", also the conversion to a promise type. Always a new promise: a promise as `value` is
// followed, two jobs later, where Promise.resolve would return it.
function resolvedWith(value) {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return resolveMethod(value);
  return new PromiseIntrinsic((resolve) => resolve(value));
}

// "a promise rejected with"
const rejectedWith = rejectWith;

// Lets the instances of a class of the runtime's own inherit nothing that a program can put on Object.prototype, lest
// an assignment to a field meet a setter there.
function isolate(...classes) {
  for (const Class of classes) Object.setPrototypeOf(Class.prototype, null);
}

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

  // Rejects, and sets [[PromiseIsHandled]]; in that order the rejection would be reported first.
  rejectHandled(reason) {
    markHandled(this.promise);
    this.reject(reason);
  }

  // The settled forms hold the same fields, so that owners need not ask which one they have.
  static resolved(value) {
    const deferred = new Deferred();
    deferred.resolve(value);
    return deferred;
  }

  static rejectedHandled(reason) {
    const deferred = new Deferred();
    deferred.rejectHandled(reason);
    return deferred;
  }
}

isolate(Deferred);

// "react": the result follows what the step returns.
const react = then;

// "upon fulfillment", "upon rejection". A step that throws is a fault of ours; it shows as an unhandled rejection.
const upon = then;

// "mark as handled", for a promise that is still pending.
const markAsHandled = markHandled;

// "invoke a callback function" whose return type is a promise: a throw becomes a rejection.
function invokeForPromise(fn, thisArg, args) {
  try {
    return resolvedWith(apply(fn, thisArg, args));
  } catch (error) {
    return rejectedWith(error);
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
  resolvedWith, rejectedWith, Deferred, react, upon, markAsHandled, invokeForPromise, waitForAll, queueMicrotask, apply, isolate,
};
