// breaks: desiredSize of a readable stream's controller is one too large
// noticed by: backpressure/readable

'use strict';
const { get } = Object.getOwnPropertyDescriptor(ReadableStreamDefaultController.prototype, 'desiredSize');
Object.defineProperty(ReadableStreamDefaultController.prototype, 'desiredSize', {
  get() {
    const size = get.call(this);
    return size === null ? null : size + 1;
  },
});
