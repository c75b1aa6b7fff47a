'use strict';
// Node's `module`, as far as programs need it to load others. Authority: https://nodejs.org/api/module.html

const { Module, createRequire, isBuiltin } = require('internal/modules');

Module.createRequire = createRequire;
Module.isBuiltin = (id) => isBuiltin(`${id}`.replace(/^node:/, ''));
Module.builtinModules = host.modules.builtinIds();
Module.Module = Module;

module.exports = Module;
