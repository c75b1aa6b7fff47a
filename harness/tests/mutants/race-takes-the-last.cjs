// breaks: Promise.race settles with the promise that settles last
// noticed by: ordering/promise

'use strict';
Promise.race = async (promises) => {
  const settled = [];
  await Promise.allSettled([...promises].map((each) => Promise.resolve(each).then((value) => settled.push(() => value), (error) => settled.push(() => { throw error; }))));
  return settled.at(-1)();
};
