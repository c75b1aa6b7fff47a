'use strict';
// Node's `worker_threads`. Authority: https://nodejs.org/api/worker_threads.html

const inner = require('internal/worker');
const { MessageChannel, MessagePort, receiveMessageOnPort } = require('internal/web/messaging');

const { worker } = host.process;
const marks = () => require('internal/web/transferable');
const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

module.exports = {
  Worker: inner.Worker,
  MessageChannel,
  MessagePort,
  isMainThread: worker === undefined,
  isInternalThread: false,
  threadId: worker?.thread ?? 0,
  SHARE_ENV: inner.SHARE_ENV,
  receiveMessageOnPort,
  getEnvironmentData: inner.getEnvironmentData,
  setEnvironmentData: inner.setEnvironmentData,
  markAsUntransferable(object) { if (isObject(object)) marks().untransferable.add(object); },
  isMarkedAsUntransferable: (object) => isObject(object) && marks().untransferable.has(object),
  markAsUncloneable(object) { if (isObject(object)) marks().uncloneable.add(object); },
};
host.lazy(module.exports, 'parentPort', true, inner.getParentPort);
host.lazy(module.exports, 'workerData', true, inner.workerData);
host.lazy(module.exports, 'threadName', true, () => (worker === undefined ? '' : inner.given().name));
host.lazy(module.exports, 'resourceLimits', true, () => (worker === undefined ? {} : inner.given().resourceLimits));
host.lazy(module.exports, 'BroadcastChannel', true, () => require('internal/web/broadcast_channel').BroadcastChannel);
