// breaks: process.exit() lets the program go on until the next turn
// noticed by: ordering/process

'use strict';
const real = process.exit;
process.exit = (code) => void setImmediate(() => real.call(process, code));
