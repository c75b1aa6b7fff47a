// breaks: process.exitCode does not become the exit code
// noticed by: ordering/process

'use strict';
Object.defineProperty(process, 'exitCode', { value: undefined, writable: true });
