'use strict';
// Node's `assert/strict` module. Authority: https://nodejs.org/api/assert.html#strict-assertion-mode

module.exports = require('assert').strict;
