// breaks: Promise.allSettled settles when the first promise has
// noticed by: ordering/promise

'use strict';
const { allSettled } = Promise;
Promise.allSettled = async (promises) => {
  const all = [...promises];
  await Promise.race(all).catch(() => {});
  return allSettled.call(Promise, all.slice(0, 1));
};
