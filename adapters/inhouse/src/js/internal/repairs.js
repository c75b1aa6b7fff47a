'use strict';
// Where QuickJS-NG 0.16 departs from ECMA-262 and a repair outside the engine is sound.

// ---- Array.fromAsync ------------------------------------------------------------------------
// The engine's own does not await the results of sync iterators as an AsyncFromSyncIterator does (a promise job too few), and closes
// iterators that are exhausted. ECMA-262, Array.fromAsync.

const { apply } = Reflect;
const { iterator, asyncIterator } = host.engine;

// ToLength, with the errors that the conversion of a symbol or a BigInt throws.
function toLength(value) {
  const number = Math.trunc(+value);
  return Math.min(Math.max(number || 0, 0), Number.MAX_SAFE_INTEGER);
}

async function fromAsync(Constructor, items, mapper, thisArg) {
  if (mapper !== undefined && typeof mapper !== 'function') throw new TypeError('Array.fromAsync: the mapper is not a function');
  const usable = typeof Constructor === 'function' && isConstructor(Constructor);
  const asyncMethod = items[asyncIterator];
  const syncMethod = asyncMethod === undefined || asyncMethod === null ? items[iterator] : undefined;
  if ((asyncMethod ?? syncMethod) === undefined || (asyncMethod ?? syncMethod) === null) {
    const like = Object(items);
    const length = toLength(like.length);
    const result = usable ? new Constructor(length) : new Array(length);
    for (let index = 0; index < length; index++) {
      const value = await like[index];
      put(result, index, mapper === undefined ? value : await apply(mapper, thisArg, [value, index]));
    }
    result.length = length;
    return result;
  }
  const result = usable ? new Constructor() : [];
  // Without a prototype: what a program has put on Object.prototype is not for this object.
  const source = asyncMethod === undefined || asyncMethod === null
    ? { __proto__: null, [iterator]: () => apply(syncMethod, items, []) }
    : { __proto__: null, [asyncIterator]: () => apply(asyncMethod, items, []) };
  let index = 0;
  for await (const value of source) {
    if (mapper === undefined) put(result, index, value);
    else put(result, index, await apply(mapper, thisArg, [value, index]));
    index++;
  }
  result.length = index;
  return result;
}

function put(result, index, value) {
  Object.defineProperty(result, index, { value, writable: true, enumerable: true, configurable: true });
}

function isConstructor(value) {
  try {
    Reflect.construct(Object, [], value);
    return true;
  } catch {
    return false;
  }
}

// ---- Requests to a completed async generator ------------------------------------------------
// When an async generator completes while further requests are queued, the engine settles the first of them and leaves the others for
// ever (ECMA-262, AsyncGeneratorDrainQueue goes on). Each further native call settles one more; so a generator that has completed
// with requests left is poked once for each, in the promise job in which it completed. From then on its requests are answered here.

const NEXT = 0;
const RETURN = 1;
const THROW = 2;

// Requests not seen settled yet, by generator, in order: { promise, kind, value }, with { resolve, reject } if answered here.
const requests = new WeakMap();
// Generators with more than one request.
const watched = new Set();
// Generators whose requests are answered here, since the engine's queue holds pokes.
const taken = new WeakSet();

let nativeNext;

function install() {
  const prototype = Object.getPrototypeOf((async function* () {}).prototype);
  const methods = { next: NEXT, return: RETURN, throw: THROW };
  nativeNext = prototype.next;
  for (const [name, kind] of Object.entries(methods)) {
    const native = prototype[name];
    const method = {
      [name](value) {
        if (taken.has(this)) return request(this, kind, value);
        const promise = Reflect.apply(native, this, arguments);
        watch(this, { promise, kind, value });
        return promise;
      },
    }[name];
    Object.defineProperty(prototype, name, { value: method, writable: true, enumerable: false, configurable: true });
  }
}

function watch(generator, entry) {
  if (generator === null || typeof generator !== 'object') return;
  const list = requests.get(generator);
  if (list === undefined) {
    requests.set(generator, [entry]);
    return;
  }
  while (list.length > 0 && !isPending(list[0])) list.shift();
  list.push(entry);
  if (list.length > 1) {
    watched.add(generator);
    host.util.watch(true);
  }
}

const isPending = ({ promise }) => host.util.promiseState(promise)[0] === 0;

// A request that nobody queues behind a poke.
function request(generator, kind, value) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const list = requests.get(generator);
  list.push({ promise, kind, value, resolve, reject });
  if (list.length === 1) answer(generator, list);
  return promise;
}

// Called after a promise job while any generator is watched.
function check() {
  for (const generator of watched) {
    const list = requests.get(generator);
    let completed = taken.has(generator);
    while (list.length > 0 && !isPending(list[0])) {
      const [state, result] = host.util.promiseState(list.shift().promise);
      completed ||= state === 2 || result.done === true;
    }
    if (completed && list.length > 0) {
      taken.add(generator);
      answer(generator, list);
    }
    if (list.length < 2 && !(completed && list.length > 0)) watched.delete(generator);
  }
  if (watched.size === 0) host.util.watch(false);
}

// Settles the requests of a completed generator in order, up to the first `return`, which awaits its value first.
function answer(generator, list) {
  while (list.length > 0) {
    const [entry] = list;
    if (entry.poked) return;
    entry.poked = true;
    if (entry.resolve === undefined) nativeNext.call(generator);
    else settle(generator, entry);
    if (isPending(entry)) {
      watched.add(generator);
      host.util.watch(true);
      return;
    }
    list.shift();
  }
}

function settle(generator, { kind, value, resolve, reject }) {
  if (kind === NEXT) resolve({ value: undefined, done: true });
  else if (kind === THROW) reject(value);
  else new Promise((done) => done(value)).then((result) => resolve({ value: result, done: true }), reject);
}

module.exports = { fromAsync, install, check };
