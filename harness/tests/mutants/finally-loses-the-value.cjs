// breaks: finally() settles with what its callback returns
// noticed by: ordering/promise

'use strict';
Promise.prototype.finally = function (callback) { return this.then(() => callback(), () => callback()); };
