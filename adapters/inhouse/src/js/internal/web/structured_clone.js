'use strict';
// Structured cloning: from a value to a record, from a record to a new value.
// Authority: https://html.spec.whatwg.org/multipage/structured-data.html
//
// The record is plain data, so that it can lie in a message queue or be carried to another engine: a primitive is
// itself; an object is an array [tag, …]. Objects are numbered in the order in which the serializer met them (that is
// the standard's `memory`), and ['ref', n] stands for one that was met before. Tags:
//   boolean|number|bigint|string value · date time · regexp source flags · error name message stack cause?
//   buffer ArrayBuffer · shared SharedArrayBuffer · view type buffer-record offset length
//   map [key, value, …] · set [value, …] · array length [key, value, …] · object [key, value, …]
//   platform interface data · transfer index
// Only `buffer` and `shared` hold objects of the engine; the buffer is a copy that belongs to the record.
// A serialized message is { root, moved }: `moved` holds, in the order of the transfer list, ['buffer', ArrayBuffer]
// or [interface, data holder].

const { coded, isObject, dictionary, objectElement, requireArguments, sequence } = require('internal/web/webidl');
const { untransferable, uncloneable: markedUncloneable, interfaceOf, interfaceNamed, isPlatformObject } =
  require('internal/web/transferable');

const { apply } = Reflect;
const { classOf, isProxy } = host.util;
const getter = (object, key) => Function.prototype.call.bind(Object.getOwnPropertyDescriptor(object, key).get);
const method = (object, key) => Function.prototype.call.bind(object[key]);

const TypedArray = Object.getPrototypeOf(Uint8Array);
const bufferOf = getter(TypedArray.prototype, 'buffer');
const offsetOf = getter(TypedArray.prototype, 'byteOffset');
const lengthOf = getter(TypedArray.prototype, 'length');
const typeOf = getter(TypedArray.prototype, Symbol.toStringTag);
const validateTypedArray = method(TypedArray.prototype, 'keys');
const viewBufferOf = getter(DataView.prototype, 'buffer');
const viewOffsetOf = getter(DataView.prototype, 'byteOffset');
const viewLengthOf = getter(DataView.prototype, 'byteLength');
const isDetached = getter(ArrayBuffer.prototype, 'detached');
const isResizable = getter(ArrayBuffer.prototype, 'resizable');
const byteLengthOf = getter(ArrayBuffer.prototype, 'byteLength');
const maxByteLengthOf = getter(ArrayBuffer.prototype, 'maxByteLength');
const isGrowable = getter(SharedArrayBuffer.prototype, 'growable');
const moveBuffer = method(ArrayBuffer.prototype, 'transfer');
const forEachOfMap = method(Map.prototype, 'forEach');
const forEachOfSet = method(Set.prototype, 'forEach');
const timeOf = method(Date.prototype, 'getTime');
const sourceOf = getter(RegExp.prototype, 'source');
const flagsOf = getter(RegExp.prototype, 'flags');
const hasOwn = Object.hasOwn;

const WRAPPERS = {
  __proto__: null,
  Boolean: ['boolean', method(Boolean.prototype, 'valueOf')],
  Number: ['number', method(Number.prototype, 'valueOf')],
  String: ['string', method(String.prototype, 'valueOf')],
  BigInt: ['bigint', method(BigInt.prototype, 'valueOf')],
};

const ERRORS = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

function dataCloneError(message) {
  const { DOMException } = require('internal/web/dom_exception');
  return new DOMException(message, 'DataCloneError');
}

// The value as V8 describes it in its messages: programs print them.
function describe(value) {
  if (typeof value !== 'object') return String(value);
  const { constructor } = value;
  return typeof constructor === 'function' && constructor.name !== ''
    ? `#<${constructor.name}>`
    : apply(Object.prototype.toString, value, []);
}

const uncloneable = (value) => dataCloneError(`${describe(value)} could not be cloned.`);

// ---- StructuredSerializeInternal --------------------------------------------------------------

class Serializer {
  constructor() {
    this.memory = new Map();
    this.count = 0;
  }

  // Step "Set memory[value] to serialized": the record is made before the parts it is filled with.
  remember(value, record) {
    this.memory.set(value, ['ref', this.count++]);
    return record;
  }

  serialize(value) {
    if (typeof value === 'symbol' || typeof value === 'function') throw uncloneable(value);
    if (typeof value !== 'object' || value === null) return value;
    const known = this.memory.get(value);
    if (known !== undefined) return known;
    if (isProxy(value) || markedUncloneable.has(value)) throw uncloneable(value);
    if (ArrayBuffer.isView(value)) return this.serializeView(value);
    const platform = interfaceOf(value);
    if (platform !== undefined) return this.serializePlatform(value, platform);
    const type = classOf(value);
    switch (type) {
      case 'Boolean': case 'Number': case 'String': case 'BigInt': {
        const [tag, valueOf] = WRAPPERS[type];
        return this.remember(value, [tag, valueOf(value)]);
      }
      case 'Date': return this.remember(value, ['date', timeOf(value)]);
      case 'RegExp': return this.remember(value, ['regexp', sourceOf(value), flagsOf(value)]);
      case 'SharedArrayBuffer': return this.remember(value, ['shared', value]);
      case 'ArrayBuffer': return this.remember(value, ['buffer', copyOfBuffer(value)]);
      case 'Map': return this.serializeMap(value);
      case 'Set': return this.serializeSet(value);
      case 'Error': return this.serializeError(value);
      case 'Array': {
        const entries = [];
        const record = this.remember(value, ['array', value.length, entries]);
        this.serializeProperties(value, entries);
        return record;
      }
      case 'Object': {
        if (isPlatformObject(value)) throw uncloneable(value);
        const entries = [];
        const record = this.remember(value, ['object', entries]);
        this.serializeProperties(value, entries);
        return record;
      }
      default: // internal slots that the algorithm does not know
        throw uncloneable(value);
    }
  }

  // "for each key in ! EnumerableOwnProperties": a getter may remove a later key.
  serializeProperties(value, entries) {
    for (const key of Object.keys(value)) {
      if (hasOwn(value, key)) entries.push(key, this.serialize(value[key]));
    }
  }

  // The entries are copied first: a getter met on the way may change the map.
  serializeMap(value) {
    const copied = [];
    forEachOfMap(value, (item, key) => copied.push(key, item));
    const entries = [];
    const record = this.remember(value, ['map', entries]);
    for (const item of copied) entries.push(this.serialize(item));
    return record;
  }

  serializeSet(value) {
    const copied = [];
    forEachOfSet(value, (item) => copied.push(item));
    const entries = [];
    const record = this.remember(value, ['set', entries]);
    for (const item of copied) entries.push(this.serialize(item));
    return record;
  }

  // Beside what the standard asks for go the stack and, as in V8, an own `cause`.
  serializeError(value) {
    const name = String(value.name);
    const described = Object.getOwnPropertyDescriptor(value, 'message');
    const message = described !== undefined && 'value' in described ? String(described.value) : undefined;
    const { stack } = value;
    const record = this.remember(value, [
      'error', name in ERRORS ? name : 'Error', message, typeof stack === 'string' ? stack : undefined,
    ]);
    if (hasOwn(value, 'cause')) record.push(this.serialize(value.cause));
    return record;
  }

  serializeView(value) {
    const type = typeOf(value);
    let buffer;
    let offset;
    let length;
    try {
      if (type === undefined) {
        [buffer, offset, length] = [viewBufferOf(value), viewOffsetOf(value), viewLengthOf(value)];
      } else {
        validateTypedArray(value);
        [buffer, offset, length] = [bufferOf(value), offsetOf(value), lengthOf(value)];
      }
    } catch { // IsTypedArrayOutOfBounds, IsViewOutOfBounds, or detached
      throw dataCloneError('An ArrayBuffer is detached and could not be cloned.');
    }
    // A view that follows its buffer's length cannot be told from one that happens to reach the end; it is the common case.
    const end = offset + length * (value.BYTES_PER_ELEMENT ?? 1);
    const shared = classOf(buffer) === 'SharedArrayBuffer';
    const follows = (shared ? isGrowable(buffer) : isResizable(buffer)) && end === buffer.byteLength;
    const bufferRecord = this.serialize(buffer);
    return this.remember(value, ['view', type ?? 'DataView', bufferRecord, offset, follows ? undefined : length]);
  }

  serializePlatform(value, platform) {
    if (platform.serialize === undefined) {
      throw dataCloneError(platform.transfer === undefined
        ? `${describe(value)} could not be cloned.`
        : 'Object that needs transfer was found in message but not listed in transferList');
    }
    const record = this.remember(value, ['platform', platform.name, undefined]);
    record[2] = platform.serialize(value, (part) => this.serialize(part));
    return record;
  }
}

function copyOfBuffer(buffer) {
  if (isDetached(buffer)) throw dataCloneError('An ArrayBuffer is detached and could not be cloned.');
  const length = byteLengthOf(buffer);
  const copy = isResizable(buffer)
    ? new ArrayBuffer(length, { maxByteLength: maxByteLengthOf(buffer) })
    : new ArrayBuffer(length);
  new Uint8Array(copy).set(new Uint8Array(buffer));
  return copy;
}

// ---- StructuredDeserialize --------------------------------------------------------------------

class Deserializer {
  // A record that is read more than once (`copies`) keeps its buffers.
  constructor(transferred, copies = false) {
    this.objects = [];
    this.transferred = transferred;
    this.copies = copies;
  }

  // The same numbering as the serializer's: an object counts as soon as it exists.
  keep(object) {
    this.objects.push(object);
    return object;
  }

  deserialize(record) {
    if (typeof record !== 'object' || record === null) return record;
    switch (record[0]) {
      case 'ref': return this.objects[record[1]];
      case 'transfer': return this.transferred[record[1]];
      case 'boolean': case 'number': case 'string': case 'bigint': return this.keep(Object(record[1]));
      case 'date': return this.keep(new Date(record[1]));
      case 'regexp': return this.keep(new RegExp(record[1], record[2]));
      case 'shared': return this.keep(record[1]);
      case 'buffer': return this.keep(this.copies ? copyOfBuffer(record[1]) : record[1]);
      case 'view': return this.deserializeView(record);
      case 'map': {
        const map = this.keep(new Map());
        const entries = record[1];
        for (let i = 0; i < entries.length; i += 2) {
          const key = this.deserialize(entries[i]);
          map.set(key, this.deserialize(entries[i + 1]));
        }
        return map;
      }
      case 'set': {
        const set = this.keep(new Set());
        for (const entry of record[1]) set.add(this.deserialize(entry));
        return set;
      }
      case 'error': return this.deserializeError(record);
      case 'array': {
        const array = this.keep([]);
        array.length = record[1];
        this.deserializeProperties(array, record[2]);
        return array;
      }
      case 'object': {
        const object = this.keep({});
        this.deserializeProperties(object, record[1]);
        return object;
      }
      case 'platform': return this.deserializePlatform(record);
      default: throw dataCloneError('Unable to deserialize cloned data.');
    }
  }

  // CreateDataProperty: an assignment would run setters of the prototypes.
  deserializeProperties(object, entries) {
    for (let i = 0; i < entries.length; i += 2) {
      const key = entries[i];
      const value = this.deserialize(entries[i + 1]);
      if (key in object) {
        Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
      } else {
        object[key] = value;
      }
    }
  }

  deserializeView([, type, bufferRecord, offset, length]) {
    const buffer = this.deserialize(bufferRecord);
    return this.keep(new VIEWS[type](buffer, offset, length));
  }

  deserializeError([, name, message, stack, ...cause]) {
    const error = this.keep(new ERRORS[name]());
    const define = (key, value) => {
      Object.defineProperty(error, key, { value, writable: true, enumerable: false, configurable: true });
    };
    if (message !== undefined) define('message', message);
    if (stack !== undefined) define('stack', stack);
    if (cause.length > 0) define('cause', this.deserialize(cause[0]));
    return error;
  }

  deserializePlatform([, name, data]) {
    const index = this.objects.push(undefined) - 1;
    const object = interfaceNamed(name).deserialize(data, (part) => this.deserialize(part));
    this.objects[index] = object;
    return object;
  }
}

// The engine's views by name, taken before a program can replace them.
const VIEWS = Object.fromEntries([
  'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array',
  'BigInt64Array', 'BigUint64Array', 'Float16Array', 'Float32Array', 'Float64Array', 'DataView',
].map((name) => [name, globalThis[name]]));

// ---- StructuredSerializeWithTransfer, StructuredDeserializeWithTransfer -----------------------

function serializeWithTransfer(value, transferList) {
  const serializer = new Serializer();
  const { memory } = serializer;
  transferList.forEach((object, index) => {
    const transferable = !isProxy(object) && !untransferable.has(object) &&
      (classOf(object) === 'ArrayBuffer' || interfaceOf(object)?.transfer !== undefined);
    if (!transferable) throw dataCloneError('Found invalid value in transferList.');
    if (memory.has(object)) throw dataCloneError(`Transfer list contains duplicate ${describe(object).slice(2, -1)}`);
    memory.set(object, ['transfer', index]);
  });
  const root = serializer.serialize(value);
  // All are checked before the first is moved.
  for (const object of transferList) checkMovable(object);
  const moved = transferList.map((object) => {
    const platform = interfaceOf(object);
    return platform === undefined ? ['buffer', move(object)] : [platform.name, platform.transfer(object)];
  });
  return { root, moved };
}

function checkMovable(object) {
  const platform = interfaceOf(object);
  if (platform === undefined) {
    if (host.loaded('internal/web/assembly_memory')?.isFixed(object)) throw new TypeError('this buffer cannot be transferred');
    if (isDetached(object)) throw dataCloneError('Cannot transfer object of unsupported type.');
  } else if (platform.isDetached(object)) {
    throw dataCloneError(`${platform.name} in transfer list is already detached`);
  }
}

function move(buffer) {
  try {
    return moveBuffer(buffer);
  } catch { // [[ArrayBufferDetachKey]]
    throw dataCloneError('Cannot transfer object of unsupported type.');
  }
}

// The value and, in order, the objects that were transferred with it.
function deserializeWithTransfer({ root, moved }) {
  const transferred = moved.map(([name, data]) => (name === 'buffer' ? data : interfaceNamed(name).receive(data)));
  return { value: new Deserializer(transferred).deserialize(root), transferred };
}

// StructuredSerialize and StructuredDeserialize.
const serialize = (value) => new Serializer().serialize(value);
const deserialize = (record) => new Deserializer([]).deserialize(record);
const deserializeCopy = (record) => new Deserializer([], true).deserialize(record);

// The second argument of Node's postMessage: nothing, a transfer list, or "StructuredSerializeOptions".
function transferListOf(options) {
  if (options === undefined || options === null) return [];
  const unfit = (what) => () => coded(TypeError, 'ERR_INVALID_ARG_TYPE', `Optional ${what} argument must be an iterable`);
  if (!isObject(options)) throw unfit('transferList')();
  if (Symbol.iterator in options) return sequence(options, 'transferList', objectElement, unfit('transferList'));
  const { transfer } = options;
  return transfer === undefined ? [] : sequence(transfer, 'transfer', objectElement, unfit('options.transfer'));
}

// The global method. Authority: #dom-structuredclone
function structuredClone(value, options = undefined) {
  requireArguments(arguments.length, 'value');
  const fails = (what) => () => coded(TypeError, 'ERR_INVALID_ARG_TYPE', `Failed to execute 'structuredClone': ${what}`);
  if (options !== undefined && options !== null && !isObject(options)) throw fails('Options cannot be converted to a dictionary')();
  const { transfer } = dictionary(options, 'options');
  const list = transfer === undefined
    ? []
    : sequence(transfer, 'transfer', objectElement, fails('transfer in Options can not be converted to sequence.'));
  return deserializeWithTransfer(serializeWithTransfer(value, list)).value;
}

module.exports = {
  structuredClone, serialize, deserialize, deserializeCopy, serializeWithTransfer, deserializeWithTransfer, transferListOf,
  dataCloneError,
};
