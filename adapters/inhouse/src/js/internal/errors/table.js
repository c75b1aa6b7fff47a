'use strict';
// The codes that many modules share, with what their messages are made of.

const { define } = require('internal/errors');

// ---- Describing values inside messages ------------------------------------------------------

function joinWords(words, conjunction) {
  if (words.length < 3) return words.join(` ${conjunction} `);
  return `${words.slice(0, -1).join(', ')}, ${conjunction} ${words[words.length - 1]}`;
}

function quote(text) {
  if (!text.includes("'")) return `'${text}'`;
  return text.includes('"') ? JSON.stringify(text) : `"${text}"`;
}

// "type string ('abc')", "an instance of Foo", "undefined": the tail of "Received …".
function describeType(value) {
  if (value === null || value === undefined) return String(value);
  switch (typeof value) {
    case 'function':
      return `function ${value.name}`;
    case 'object': {
      const name = value.constructor?.name;
      if (name) return `an instance of ${name}`;
      return require('internal/format').inspect(value, { depth: -1 });
    }
    case 'string':
      return `type string (${quote(value.length > 28 ? `${value.slice(0, 25)}...` : value)})`;
    case 'bigint':
      return `type bigint (${value}n)`;
    case 'symbol':
      return `type symbol (${String(value)})`;
    default:
      return `type ${typeof value} (${Object.is(value, -0) ? '-0' : String(value)})`;
  }
}

function shown(value) {
  const text = require('internal/format').inspect(value);
  return text.length > 128 ? `${text.slice(0, 128)}...` : text;
}

const PRIMITIVE_NAMES = new Set(
  ['string', 'function', 'number', 'object', 'Function', 'Object', 'boolean', 'bigint', 'symbol']);

function subject(name) {
  if (name.endsWith(' argument')) return `The ${name}`;
  return `The "${name}" ${name.includes('.') ? 'property' : 'argument'}`;
}

function expectation(expected) {
  const types = [];
  const classes = [];
  const others = [];
  for (const name of Array.isArray(expected) ? expected : [expected]) {
    if (PRIMITIVE_NAMES.has(name)) types.push(name.toLowerCase());
    else if (/^(?:[A-Z][a-z0-9]*)+$/.test(name)) classes.push(name);
    else others.push(name);
  }
  // "of type object or an instance of X" reads better with both on the instance side.
  const at = types.indexOf('object');
  if (classes.length > 0 && at !== -1) {
    types.splice(at, 1);
    classes.push('Object');
  }
  const parts = [];
  if (types.length > 0) parts.push(`${types.length > 1 ? 'one of type' : 'of type'} ${joinWords(types, 'or')}`);
  if (classes.length > 0) parts.push(`an instance of ${joinWords(classes, 'or')}`);
  if (others.length > 1) parts.push(`one of ${joinWords(others, 'or')}`);
  else if (others.length === 1) parts.push(`${others[0].toLowerCase() === others[0] ? '' : 'an '}${others[0]}`);
  return parts.join(' or ');
}

function withThousands(number) {
  const text = String(number);
  const sign = text.startsWith('-') ? 1 : 0;
  let head = text.length;
  let groups = '';
  for (; head >= sign + 4; head -= 3) groups = `_${text.slice(head - 3, head)}${groups}`;
  return text.slice(0, head) + groups;
}

// ---- The table ------------------------------------------------------------------------------

define('ERR_INVALID_ARG_TYPE', TypeError, (name, expected, actual) =>
  `${subject(name)} must be ${expectation(expected)}. Received ${describeType(actual)}`);
define('ERR_INVALID_ARG_VALUE', TypeError, (name, value, reason = 'is invalid') =>
  `The ${name.includes('.') ? 'property' : 'argument'} '${name}' ${reason}. Received ${shown(value)}`);
define('ERR_OUT_OF_RANGE', RangeError, (name, range, input) => {
  let received;
  if (Number.isInteger(input) && Math.abs(input) > 2 ** 32) received = withThousands(input);
  else if (typeof input === 'bigint') {
    received = input > 2n ** 32n || input < -(2n ** 32n) ? `${withThousands(input)}n` : `${input}n`;
  } else received = shown(input);
  return `The value of "${name}" is out of range. It must be ${range}. Received ${received}`;
});
define('ERR_INVALID_RETURN_VALUE', TypeError, (wanted, name, value) =>
  `Expected ${wanted} to be returned from the "${name}" function but got ${describeType(value)}.`);
define('ERR_MISSING_ARGS', TypeError, (...names) => {
  const quoted = names.map((n) => (Array.isArray(n) ? n.map((one) => `"${one}"`).join(' or ') : `"${n}"`));
  return `The ${joinWords(quoted, 'and')} argument${quoted.length > 1 ? 's' : ''} must be specified`;
});
define('ERR_INVALID_THIS', TypeError, (type) => `Value of "this" must be of type ${type}`);
define('ERR_UNKNOWN_ENCODING', TypeError, (encoding) =>
  `Unknown encoding: ${typeof encoding === 'object' ? shown(encoding) : String(encoding)}`);
define('ERR_INVALID_STATE', Error, (reason) => `Invalid state: ${reason}`);
define('ERR_ILLEGAL_CONSTRUCTOR', TypeError, 'Illegal constructor');
define('ERR_METHOD_NOT_IMPLEMENTED', Error, (method) => `The ${method} method is not implemented`);
define('ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', TypeError, (feature) =>
  `The feature ${feature} is unavailable on the current platform, which is being used to run Node.js`);
define('ERR_OPERATION_FAILED', Error, (reason) => `Operation failed: ${reason}`);
define('ERR_USE_AFTER_CLOSE', Error, (name) => `${name} was closed`);
define('ERR_MULTIPLE_CALLBACK', Error, 'Callback called multiple times');
define('ERR_FALSY_VALUE_REJECTION', Error, 'Promise was rejected with falsy value');
define('ERR_AMBIGUOUS_ARGUMENT', TypeError, (name, reason) => `The "${name}" argument is ambiguous. ${reason}`);
define('ERR_UNHANDLED_ERROR', Error, (inspected) =>
  (inspected === undefined ? 'Unhandled error.' : `Unhandled error. (${inspected})`));

// Streams.
define('ERR_STREAM_ALREADY_FINISHED', Error, (method) => `Cannot call ${method} after a stream was finished`);
define('ERR_STREAM_CANNOT_PIPE', Error, 'Cannot pipe, not readable');
define('ERR_STREAM_DESTROYED', Error, (method) => `Cannot call ${method} after a stream was destroyed`);
define('ERR_STREAM_ITER_MISSING_FLAG', TypeError, 'The stream/iter API needs a flag');
define('ERR_STREAM_NULL_VALUES', TypeError, 'May not write null values to stream');
define('ERR_STREAM_PREMATURE_CLOSE', Error, 'Premature close');
define('ERR_STREAM_PUSH_AFTER_EOF', Error, 'stream.push() after EOF');
define('ERR_STREAM_UNABLE_TO_PIPE', Error, 'Cannot pipe to a closed or destroyed stream');
define('ERR_STREAM_UNSHIFT_AFTER_END_EVENT', Error, 'stream.unshift() after end event');
define('ERR_STREAM_WRITE_AFTER_END', Error, 'write after end');

// Buffers, text, paths and URLs.
define('ERR_BUFFER_OUT_OF_BOUNDS', RangeError, (name) =>
  (name ? `"${name}" is outside of buffer bounds` : 'Attempt to access memory outside buffer bounds'));
define('ERR_BUFFER_TOO_LARGE', RangeError, (max) => `Cannot create a Buffer larger than ${max} bytes`);
define('ERR_INVALID_BUFFER_SIZE', RangeError, (size) => `Buffer size must be a multiple of ${size}`);
define('ERR_STRING_TOO_LONG', Error, (max) => `Cannot create a string longer than 0x${max.toString(16)} characters`);
define('ERR_INVALID_CHAR', TypeError, (name, field) =>
  `Invalid character in ${name}${field === undefined ? '' : ` ["${field}"]`}`);
define('ERR_INVALID_URL_SCHEME', TypeError, (scheme) => `The URL must be of scheme ${scheme}`);
define('ERR_INVALID_FILE_URL_HOST', TypeError, (platform) =>
  `File URL host must be "localhost" or empty on ${platform}`);
define('ERR_INVALID_FILE_URL_PATH', TypeError, (reason) => `File URL path ${reason}`);
define('ERR_ASYNC_CALLBACK', TypeError, (name) => `${name} must be a function`);
define('ERR_ASYNC_TYPE', TypeError, (name) => `Invalid name for async "type": ${name}`);
define('ERR_INVALID_ASYNC_ID', RangeError, (name, value) => `Invalid ${name} value: ${value}`);

module.exports = { describeType };
