// breaks: a message on a BroadcastChannel is delivered to its sender too
// noticed by: ordering/messagechannel ordering/broadcastchannel

'use strict';
const { postMessage } = BroadcastChannel.prototype;
BroadcastChannel.prototype.postMessage = function (data) {
  postMessage.call(this, data);
  setImmediate(() => this.onmessage?.(new MessageEvent('message', { data })));
};
