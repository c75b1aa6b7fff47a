// breaks: ByteLengthQueuingStrategy counts chunks
// noticed by: backpressure/readable backpressure/writable backpressure/strategy

'use strict';
Object.defineProperty(ByteLengthQueuingStrategy.prototype, 'size', { get: () => () => 1 });
