'use strict';
// Node's `readline`. Authority: https://nodejs.org/api/readline.html

const { Interface } = require('internal/readline/interface');

module.exports = {
  Interface,
  createInterface: (input, output, completer, terminal) => new Interface(input, output, completer, terminal),
};
for (const name of ['cursorTo', 'moveCursor', 'clearLine', 'clearScreenDown']) {
  host.lazy(module.exports, name, true, () => require('internal/readline/terminal')[name]);
}
host.lazy(module.exports, 'promises', true, () => require('readline/promises'));
