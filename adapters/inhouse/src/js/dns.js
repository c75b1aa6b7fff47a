'use strict';
// Node's `dns` module. Authority: https://nodejs.org/api/dns.html

const { lookup, lookupPromise, hints, setDefaultResultOrder, getDefaultResultOrder } = require('internal/dns/lookup');

const METHODS = ['resolve', 'resolve4', 'resolve6', 'resolveCname', 'resolveMx', 'resolveNs', 'resolvePtr', 'resolveSoa', 'resolveSrv',
  'resolveTxt', 'reverse', 'getServers', 'setServers'];
const ERRORS = ['NODATA', 'FORMERR', 'SERVFAIL', 'NOTFOUND', 'NOTIMP', 'REFUSED', 'BADQUERY', 'BADNAME', 'BADFAMILY', 'BADRESP',
  'CONNREFUSED', 'TIMEOUT', 'EOF', 'FILE', 'NOMEM', 'DESTRUCTION', 'BADSTR', 'BADFLAGS', 'NONAME', 'BADHINTS', 'NOTINITIALIZED',
  'LOADIPHLPAPI', 'ADDRGETNETWORKPARAMS', 'CANCELLED'];

// The resolver of the functions that are no methods.
let shared;
const theShared = () => (shared ??= new (require('internal/dns/resolver').Resolver)());

module.exports = { lookup, ...hints, setDefaultResultOrder, getDefaultResultOrder };
for (const name of METHODS) {
  module.exports[name] = { [name](...args) { return theShared()[name](...args); } }[name];
}
for (const name of ERRORS) module.exports[name] = `E${name}`;

host.lazy(module.exports, 'Resolver', true, () => require('internal/dns/resolver').Resolver);
Object.defineProperty(lookup, Symbol.for('nodejs.util.promisify.custom'), { value: lookupPromise, configurable: true });
Object.defineProperty(module.exports, 'promises', {
  configurable: true,
  enumerable: true,
  get: () => require('dns/promises'),
});
