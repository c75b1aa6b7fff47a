'use strict';
// Which builtin module provides which global, beside those that bootstrap itself knows.

// Globals that are enumerable properties of the global object in Node.
module.exports.functions = {};

// Classes and everything else that is not enumerable.
module.exports.classes = {};
