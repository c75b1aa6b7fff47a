// breaks: Promise.try calls its function in a microtask
// noticed by: ordering/promise

'use strict';
Promise.try = (callback, ...args) => Promise.resolve().then(() => callback(...args));
