'use strict';
// Of WebAssembly its memories alone, because streams and messages have to refuse their buffers. There is nothing that could run a module.
// Authority: https://webassembly.github.io/spec/js-api/#memories

const PAGE = 65536;
// 32-bit addresses.
const MOST_PAGES = 65536;

// The buffers that only their memory may detach: those with an [[ArrayBufferDetachKey]].
const fixed = new WeakSet();

const moved = ArrayBuffer.prototype.transfer;

for (const name of ['transfer', 'transferToFixedLength']) {
  const plain = ArrayBuffer.prototype[name];
  const guarded = {
    [name](...args) {
      if (fixed.has(this)) throw new TypeError('the buffer of a WebAssembly.Memory cannot be detached');
      return Reflect.apply(plain, this, args);
    },
  }[name];
  Object.defineProperty(guarded, 'length', { value: 0, configurable: true });
  Object.defineProperty(ArrayBuffer.prototype, name, { value: guarded, writable: true, configurable: true });
}

// An unsigned long with [EnforceRange].
function pages(value, name) {
  const number = Math.trunc(Number(value));
  if (!(number >= 0 && number <= 2 ** 32 - 1)) throw new TypeError(`${name} must be a whole number of pages`);
  return number;
}

class Memory {
  #buffer;
  #maximum;

  constructor(descriptor) {
    if (descriptor === null || typeof descriptor !== 'object') throw new TypeError('a memory is described by an object');
    if (descriptor.initial === undefined) throw new TypeError('a memory needs an initial size');
    const initial = pages(descriptor.initial, 'initial');
    const maximum = descriptor.maximum === undefined ? undefined : pages(descriptor.maximum, 'maximum');
    if (maximum !== undefined && maximum < initial) throw new RangeError('maximum is less than initial');
    if (initial > MOST_PAGES || (maximum !== undefined && maximum > MOST_PAGES)) throw new RangeError('a memory has at most 65536 pages');
    this.#maximum = maximum ?? MOST_PAGES;
    if (descriptor.shared) {
      if (maximum === undefined) throw new TypeError('a shared memory needs a maximum');
      this.#buffer = Object.freeze(new SharedArrayBuffer(initial * PAGE));
    } else {
      this.#hold(new ArrayBuffer(initial * PAGE));
    }
  }

  #hold(buffer) {
    fixed.add(buffer);
    this.#buffer = buffer;
  }

  get buffer() {
    return this.#buffer;
  }

  // The number of pages before. The buffer until now is detached, also by zero pages.
  grow(delta) {
    const before = this.#buffer.byteLength / PAGE;
    const after = before + pages(delta, 'delta');
    // What shares a memory would have to see the same bytes at two lengths, which this engine cannot do: as good as no room.
    const isShared = this.#buffer instanceof SharedArrayBuffer;
    if (after > this.#maximum || (isShared && after !== before)) throw new RangeError('the memory cannot grow by that much');
    if (!isShared) this.#hold(Reflect.apply(moved, this.#buffer, [after * PAGE]));
    return before;
  }
}

Object.defineProperty(Memory.prototype, Symbol.toStringTag, { value: 'WebAssembly.Memory', configurable: true });
for (const name of ['buffer', 'grow']) Object.defineProperty(Memory.prototype, name, { enumerable: true });

const WebAssembly = Object.defineProperty({}, Symbol.toStringTag, { value: 'WebAssembly', configurable: true });
Object.defineProperty(WebAssembly, 'Memory', { value: Memory, writable: true, configurable: true });

module.exports = { WebAssembly, isFixed: (buffer) => fixed.has(buffer) };
