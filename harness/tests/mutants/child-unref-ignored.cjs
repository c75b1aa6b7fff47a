// breaks: unref() of a child does nothing
// noticed by: blocking/liveness/child-unref

'use strict';
require('node:child_process').ChildProcess.prototype.unref = function unref() {};
