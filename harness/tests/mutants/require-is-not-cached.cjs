// breaks: a CommonJS module is evaluated each time it is required
// noticed by: ordering/modules

'use strict';
const Module = require('node:module');
const real = Module._load;
Module._load = function load(request, parent, main) {
  if (request.startsWith('.')) delete require.cache[Module._resolveFilename(request, parent, main)];
  return real.call(this, request, parent, main);
};
