'use strict';
// Buffers and views as the algorithms of streams look at them: by internal slots, whatever a program has changed.
// Authority: https://streams.spec.whatwg.org/#misc-abstract-ops, ECMA-262 (typed arrays)

const getter = (object, key) => Function.prototype.call.bind(Object.getOwnPropertyDescriptor(object, key).get);
const method = (object, key) => Function.prototype.call.bind(object[key]);

const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype);
const typeOf = getter(TypedArrayPrototype, Symbol.toStringTag); // undefined for everything but typed arrays
const slots = {
  typed: {
    buffer: getter(TypedArrayPrototype, 'buffer'),
    byteOffset: getter(TypedArrayPrototype, 'byteOffset'),
    byteLength: getter(TypedArrayPrototype, 'byteLength'),
  },
  data: {
    buffer: getter(DataView.prototype, 'buffer'),
    byteOffset: getter(DataView.prototype, 'byteOffset'),
    byteLength: getter(DataView.prototype, 'byteLength'),
  },
};
const slotsOf = (view) => (typeOf(view) === undefined ? slots.data : slots.typed);

const isView = ArrayBuffer.isView;
const isDetachedBuffer = getter(ArrayBuffer.prototype, 'detached');
const bufferByteLength = getter(ArrayBuffer.prototype, 'byteLength');
const transfer = method(ArrayBuffer.prototype, 'transferToFixedLength');
const slice = method(ArrayBuffer.prototype, 'slice');

const viewedBuffer = (view) => slotsOf(view).buffer(view);

// A DataView on a detached buffer has no length to read; it is 0, as that of a typed array.
function viewByteLength(view) {
  if (typeOf(view) === undefined && isDetachedBuffer(slots.data.buffer(view))) return 0;
  return slotsOf(view).byteLength(view);
}

function viewByteOffset(view) {
  if (typeOf(view) === undefined && isDetachedBuffer(slots.data.buffer(view))) return 0;
  return slotsOf(view).byteOffset(view);
}

const constructors = { __proto__: null };
for (const name of ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array',
  'BigInt64Array', 'BigUint64Array', 'Float16Array', 'Float32Array', 'Float64Array']) {
  constructors[name] = globalThis[name];
}
const IntrinsicDataView = DataView;
const viewConstructor = (view) => constructors[typeOf(view)] ?? IntrinsicDataView;

// TransferArrayBuffer: throws for a buffer that cannot be detached.
function transferArrayBuffer(buffer) {
  if (host.loaded('internal/web/assembly_memory')?.isFixed(buffer)) throw new TypeError('this buffer cannot be transferred');
  return transfer(buffer);
}

// CloneArrayBuffer
const cloneArrayBuffer = (buffer, byteOffset, byteLength) => slice(buffer, byteOffset, byteOffset + byteLength);

// CloneAsUint8Array
function cloneAsUint8Array(view) {
  return new Uint8Array(cloneArrayBuffer(viewedBuffer(view), viewByteOffset(view), viewByteLength(view)));
}

module.exports = {
  isView, isDetachedBuffer, bufferByteLength, viewedBuffer, viewByteLength, viewByteOffset, viewConstructor, transferArrayBuffer,
  cloneArrayBuffer, cloneAsUint8Array, typeOf,
};
