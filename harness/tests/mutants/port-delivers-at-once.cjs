// breaks: postMessage calls the other port's listener before it returns
// noticed by: ordering/messagechannel

'use strict';
const Real = MessageChannel;
globalThis.MessageChannel = class {
  constructor() {
    const { port1, port2 } = new Real();
    for (const [from, to] of [[port1, port2], [port2, port1]]) {
      from.postMessage = (data) => to.dispatchEvent(new MessageEvent('message', { data }));
    }
    return { port1, port2 };
  }
};
