// breaks: Array.fromAsync asks for the next value before the last one has come
// noticed by: ordering/asyncgen ordering/promise

'use strict';
Array.fromAsync = async (source, map = (value) => value) => Promise.all([...(source[Symbol.iterator] ? source : [])].map(map));
