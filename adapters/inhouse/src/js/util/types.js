'use strict';
// Node's `util/types` module: what a value is inside, whatever its prototype says.
// Authority: https://nodejs.org/api/util.html#utiltypes

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
const classOf = (value) => (isObject(value) ? host.util.classOf(value) : undefined);

const types = {};
const define = (name, test) => Object.defineProperty(types, name, {
  value: Object.defineProperty(test, 'name', { value: name }), writable: true, enumerable: true, configurable: true,
});

for (const name of ['ArrayBuffer', 'SharedArrayBuffer', 'Date', 'Map', 'Set', 'WeakMap', 'WeakSet', 'Promise', 'RegExp', 'DataView',
  'Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Uint32Array', 'Int8Array', 'Int16Array', 'Int32Array', 'Float16Array',
  'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array']) {
  define(`is${name}`, (value) => classOf(value) === name);
}
for (const name of ['BigInt', 'Boolean', 'Number', 'String', 'Symbol']) {
  define(`is${name}Object`, (value) => classOf(value) === name);
}
define('isArgumentsObject', (value) => /^(Mapped)?Arguments$/.test(classOf(value) ?? ''));
define('isNativeError', (value) => classOf(value) === 'Error');
define('isProxy', (value) => isObject(value) && host.util.isProxy(value));
define('isExternal', () => false);
define('isMapIterator', (value) => classOf(value) === 'Map Iterator');
define('isSetIterator', (value) => classOf(value) === 'Set Iterator');
define('isGeneratorObject', (value) => /^(Async)?Generator$/.test(classOf(value) ?? '') || isGeneratorByTag(value));
define('isModuleNamespaceObject', (value) => isObject(value) && Object.getPrototypeOf(value) === null &&
  Object.getOwnPropertyDescriptor(value, Symbol.toStringTag)?.value === 'Module');
define('isAnyArrayBuffer', (value) => /^(Shared)?ArrayBuffer$/.test(classOf(value) ?? ''));
define('isBoxedPrimitive', (value) => isObject(value) && /^(BigInt|Boolean|Number|String|Symbol)$/.test(classOf(value)));
define('isArrayBufferView', ArrayBuffer.isView);
define('isTypedArray', (value) => ArrayBuffer.isView(value) && classOf(value) !== 'DataView');
define('isKeyObject', () => false);
define('isCryptoKey', () => false);

// By the prototype of its kind of function: async and generator functions have no other public mark.
const AsyncFunction = Object.getPrototypeOf(async () => {});
const GeneratorFunction = Object.getPrototypeOf(function*() {});
const AsyncGeneratorFunction = Object.getPrototypeOf(async function*() {});
const isOf = (value, ...prototypes) => typeof value === 'function' &&
  prototypes.some((prototype) => Object.prototype.isPrototypeOf.call(prototype, value));
define('isAsyncFunction', (value) => isOf(value, AsyncFunction, AsyncGeneratorFunction));
define('isGeneratorFunction', (value) => isOf(value, GeneratorFunction, AsyncGeneratorFunction));

function isGeneratorByTag(value) {
  return isObject(value) && (Object.prototype.isPrototypeOf.call(GeneratorFunction.prototype, value) ||
    Object.prototype.isPrototypeOf.call(AsyncGeneratorFunction.prototype, value));
}

module.exports = types;
