'use strict';
// Node's `dns/promises` module. Authority: https://nodejs.org/api/dns.html#dns-promises-api

const { lookupPromise, setDefaultResultOrder, getDefaultResultOrder } = require('internal/dns/lookup');

module.exports = { lookup: lookupPromise, setDefaultResultOrder, getDefaultResultOrder };
