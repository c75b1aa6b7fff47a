// breaks: the values of Promise.all stand in the order in which they came
// noticed by: ordering/promise

'use strict';
Promise.all = async (promises) => {
  const values = [];
  const each = [...promises].map((promise) => Promise.resolve(promise).then((value) => void values.push(value)));
  for (const promise of each) await promise;
  return values;
};
