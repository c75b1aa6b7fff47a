'use strict';
// reportError. Authority: https://html.spec.whatwg.org/multipage/webappapis.html#dom-reporterror
//
// The standard fires an event at the global object, at once; here an error that nobody catches is Node's uncaughtException.

const { requireArguments } = require('internal/web/webidl');

function reportError(error) {
  requireArguments(arguments.length, 'error');
  host.reportUncaught(error);
}

module.exports = { reportError };
