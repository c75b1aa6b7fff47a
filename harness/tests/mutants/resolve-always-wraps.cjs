// breaks: Promise.resolve makes a new promise of a promise
// noticed by: ordering/promise

'use strict';
Promise.resolve = (value) => new Promise((resolve) => { resolve(value); });
