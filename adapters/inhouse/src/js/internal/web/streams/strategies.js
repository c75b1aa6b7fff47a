'use strict';
// The two queuing strategies. Authority: https://streams.spec.whatwg.org/#blqs-class, #cqs-class

const { defineInterface, dictionary, coded, invalidThis, requireArguments } = require('internal/web/webidl');

// "byte length queuing strategy size function": GetV(chunk, "byteLength"). One for all, and no constructor.
const byteLengthSize = Object.defineProperty(({ byteLength }) => byteLength, 'name', { value: 'size' });
// "count queuing strategy size function"
const countSize = Object.defineProperty(() => 1, 'name', { value: 'size' });

// QueuingStrategyInit
function convertInit(init) {
  const { highWaterMark } = dictionary(init, 'init');
  if (highWaterMark === undefined) {
    throw coded(TypeError, 'ERR_MISSING_OPTION', 'init.highWaterMark is required');
  }
  return +highWaterMark;
}

class ByteLengthQueuingStrategy {
  #highWaterMark;

  constructor(init) {
    requireArguments(arguments.length, 'init');
    this.#highWaterMark = convertInit(init);
  }

  get highWaterMark() {
    if (!(#highWaterMark in this)) throw invalidThis('ByteLengthQueuingStrategy');
    return this.#highWaterMark;
  }

  get size() {
    if (!(#highWaterMark in this)) throw invalidThis('ByteLengthQueuingStrategy');
    return byteLengthSize;
  }
}

class CountQueuingStrategy {
  #highWaterMark;

  constructor(init) {
    requireArguments(arguments.length, 'init');
    this.#highWaterMark = convertInit(init);
  }

  get highWaterMark() {
    if (!(#highWaterMark in this)) throw invalidThis('CountQueuingStrategy');
    return this.#highWaterMark;
  }

  get size() {
    if (!(#highWaterMark in this)) throw invalidThis('CountQueuingStrategy');
    return countSize;
  }
}

defineInterface(ByteLengthQueuingStrategy);
defineInterface(CountQueuingStrategy);

module.exports = { ByteLengthQueuingStrategy, CountQueuingStrategy };
