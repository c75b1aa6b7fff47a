'use strict';
// Transferable streams: an identity transform whose sides are joined by a message channel.
// Authority: https://streams.spec.whatwg.org/#transferrable-streams
//
// The data holder is that of the port which goes along; see internal/web/transferable.

const { Deferred, markAsHandled, react, rejectedWith, resolvedWith } = require('internal/web/promises');
const { dataCloneError } = require('internal/web/structured_clone');
const { addListener, flattenMore } = require('internal/web/event_target');
const { PortEnd, entangle, endOf, newPort, portSteps } = require('internal/web/messaging');
const { one } = require('internal/web/streams/queue');
const readable = require('internal/web/streams/readable');
const { createReadableStream } = require('internal/web/streams/readable_controller');
const { createWritableStream, isLocked: isWritableLocked } = require('internal/web/streams/writable');
const { pipeTo } = require('internal/web/streams/pipe');

const PIPE_OPTIONS = { preventClose: false, preventAbort: false, preventCancel: false, signal: undefined };

// ---- Messages ---------------------------------------------------------------------------------

// PackAndPostMessage
function post(port, type, value) {
  endOf(port).post({ __proto__: null, type, value }, []);
}

// CrossRealmTransformSendError
function sendError(port, error) {
  try {
    post(port, 'error', error);
  } catch { /* the stream is errored already, and there is nobody else to tell */ }
}

// PackAndPostMessageHandlingError: { reason } of a failure, or undefined.
function postHandlingError(port, type, value) {
  try {
    post(port, type, value);
    return undefined;
  } catch (reason) {
    sendError(port, reason);
    return { reason };
  }
}

// The steps of both sides on a message. A side that waits does not keep the loop alive, messages under way do.
function listen(port, onMessage, onMessageError) {
  addListener(port, 'message', flattenMore(undefined, ({ data: { type, value } }) => onMessage(type, value)));
  addListener(port, 'messageerror', flattenMore(undefined, () => onMessageError(dataCloneError('A chunk could not be cloned'))));
  endOf(port).holdWhileUnderWay();
  port.start();
}

const failed = (failure) => (failure === undefined ? resolvedWith(undefined) : rejectedWith(failure.reason));

// ---- The two sides ----------------------------------------------------------------------------

// SetUpCrossRealmTransformReadable
function crossRealmReadable(port) {
  const stream = createReadableStream(() => undefined, () => {
    post(port, 'pull', undefined);
    return resolvedWith(undefined);
  }, (reason) => {
    const failure = postHandlingError(port, 'error', reason);
    port.close();
    return failed(failure);
  }, 0, one);
  const { controller } = stream;
  listen(port, (type, value) => {
    if (type === 'chunk') {
      controller.enqueue(value);
      return;
    }
    if (type === 'close') controller.close();
    else if (type === 'error') controller.error(value);
    port.close();
  }, (error) => {
    sendError(port, error);
    controller.error(error);
    port.close();
  });
  return stream;
}

// SetUpCrossRealmTransformWritable
function crossRealmWritable(port) {
  let backpressure = new Deferred();
  const release = () => {
    backpressure?.resolve(undefined);
    backpressure = undefined;
  };
  const stream = createWritableStream(() => undefined, (chunk) => {
    backpressure ??= Deferred.resolved(undefined);
    return react(backpressure.promise, () => {
      backpressure = new Deferred();
      const failure = postHandlingError(port, 'chunk', chunk);
      if (failure !== undefined) port.close();
      return failed(failure);
    });
  }, () => {
    post(port, 'close', undefined);
    port.close();
    return resolvedWith(undefined);
  }, (reason) => {
    const failure = postHandlingError(port, 'error', reason);
    port.close();
    return failed(failure);
  }, 1, one);
  const { controller } = stream;
  listen(port, (type, value) => {
    if (type === 'pull') {
      release();
    } else if (type === 'error') {
      controller.errorIfNeeded(value);
      release();
    }
  }, (error) => {
    sendError(port, error);
    controller.errorIfNeeded(error);
    port.close();
  });
  return stream;
}

// ---- Transfer steps and transfer-receiving steps ----------------------------------------------

function newChannel() {
  const here = new PortEnd();
  const other = new PortEnd();
  entangle(here, other);
  return [newPort(here), newPort(other)];
}

function transferReadable(stream) {
  if (readable.isLocked(stream)) throw dataCloneError('The ReadableStream is locked');
  const [here, there] = newChannel();
  markAsHandled(pipeTo(stream, crossRealmWritable(here), PIPE_OPTIONS));
  return portSteps.transfer(there);
}

const receiveReadable = (data) => crossRealmReadable(portSteps.receive(data));

function transferWritable(stream) {
  if (isWritableLocked(stream)) throw dataCloneError('The WritableStream is locked');
  const [here, there] = newChannel();
  markAsHandled(pipeTo(crossRealmReadable(here), stream, PIPE_OPTIONS));
  return portSteps.transfer(there);
}

const receiveWritable = (data) => crossRealmWritable(portSteps.receive(data));

function transferTransform(stream) {
  if (readable.isLocked(stream.readable)) throw dataCloneError('The ReadableStream is locked');
  if (isWritableLocked(stream.writable)) throw dataCloneError('The WritableStream is locked');
  return { readable: transferReadable(stream.readable), writable: transferWritable(stream.writable) };
}

function receiveTransform(data) {
  return { readable: receiveReadable(data.readable), writable: receiveWritable(data.writable), facade: undefined };
}

module.exports = {
  transferReadable, receiveReadable, transferWritable, receiveWritable, transferTransform, receiveTransform,
};
