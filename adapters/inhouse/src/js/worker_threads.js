'use strict';
// Node's `worker_threads`. Authority: https://nodejs.org/api/worker_threads.html

const inner = require('internal/worker');
const { MessageChannel, MessagePort, receiveMessageOnPort } = require('internal/web/messaging');

const { worker } = host.process;

module.exports = {
  Worker: inner.Worker,
  MessageChannel,
  MessagePort,
  isMainThread: worker === undefined,
  isInternalThread: false,
  threadId: worker?.thread ?? 0,
  threadName: worker === undefined ? '' : 'WorkerThread',
  resourceLimits: {},
  SHARE_ENV: inner.SHARE_ENV,
  receiveMessageOnPort,
  getEnvironmentData: inner.getEnvironmentData,
  setEnvironmentData: inner.setEnvironmentData,
};
host.lazy(module.exports, 'parentPort', true, inner.getParentPort);
host.lazy(module.exports, 'workerData', true, inner.workerData);
host.lazy(module.exports, 'BroadcastChannel', true, () => require('internal/web/broadcast_channel').BroadcastChannel);
