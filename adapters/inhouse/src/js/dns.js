'use strict';
// Node's `dns` module. Authority: https://nodejs.org/api/dns.html

const { lookup, lookupPromise, hints, setDefaultResultOrder, getDefaultResultOrder } = require('internal/dns/lookup');

module.exports = { lookup, ...hints, setDefaultResultOrder, getDefaultResultOrder };

Object.defineProperty(lookup, Symbol.for('nodejs.util.promisify.custom'), { value: lookupPromise, configurable: true });
Object.defineProperty(module.exports, 'promises', {
  configurable: true,
  enumerable: true,
  get: () => require('dns/promises'),
});
