'use strict';
// Node's `dns/promises` module. Authority: https://nodejs.org/api/dns.html#dns-promises-api

const dns = require('dns');
const { lookupPromise, setDefaultResultOrder, getDefaultResultOrder } = require('internal/dns/lookup');
const { Resolver: CallbackResolver, METHODS } = require('internal/dns/resolver');

const promised = (call) => new Promise((resolve, reject) => {
  call((error, value) => (error ? reject(error) : resolve(value)));
});

class Resolver {
  #resolver;

  constructor(options) { this.#resolver = new CallbackResolver(options); }

  getServers() { return this.#resolver.getServers(); }

  setServers(servers) { this.#resolver.setServers(servers); }

  cancel() { this.#resolver.cancel(); }

  static {
    for (const name of METHODS) {
      const method = { [name](...args) { return promised((callback) => this.#resolver[name](...args, callback)); } }[name];
      Object.defineProperty(this.prototype, name, { value: method, writable: true, configurable: true });
    }
  }
}

module.exports = { lookup: lookupPromise, Resolver, setDefaultResultOrder, getDefaultResultOrder };
for (const name of METHODS) {
  module.exports[name] = { [name](...args) { return promised((callback) => dns[name](...args, callback)); } }[name];
}
for (const name of ['getServers', 'setServers']) module.exports[name] = dns[name];
