'use strict';
// The engine counts references and frees a target at once; ECMA-262 keeps it alive to the end of the job that made or read
// the reference (AddToKeptObjects, ClearKeptObjects).

let kept = [];

function keep(target) {
  if (kept.length === 0) host.util.keeping(true);
  kept.push(target);
}

function clearKept() {
  kept = [];
  host.util.keeping(false);
}

const NativeWeakRef = host.engine.WeakRef;
const { deref } = NativeWeakRef.prototype;

const KeepingWeakRef = new Proxy(NativeWeakRef, {
  construct(target, args, newTarget) {
    const reference = Reflect.construct(target, args, newTarget === KeepingWeakRef ? target : newTarget);
    keep(args[0]);
    return reference;
  },
});
Object.defineProperty(NativeWeakRef.prototype, 'constructor', { value: KeepingWeakRef, writable: true, configurable: true });
Object.defineProperty(NativeWeakRef.prototype, 'deref', {
  value: {
    deref() {
      const target = deref.call(this);
      if (target !== undefined) keep(target);
      return target;
    },
  }.deref,
  writable: true,
  configurable: true,
});

module.exports = { WeakRef: KeepingWeakRef, clearKept };
