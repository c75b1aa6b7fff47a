'use strict';
// MessageChannel and MessagePort, with Node's additions.
// Authority: https://html.spec.whatwg.org/multipage/web-messaging.html#message-channels,
// https://nodejs.org/api/worker_threads.html#class-messageport
//
// A port that a program holds is a facade; its end of the channel is what a transfer moves. `peer` may be any object
// with `receive(message)` and `disconnect()`, so that the other end can lie in another engine.

const { coded, defineInterface, invalidThis, requireArguments } =
  require('internal/web/webidl');
const { createTrusted, defineEventHandler, fireFromLoop, listsOf, Event, kListenersChanged } =
  require('internal/web/event_target');
const { NodeEventTarget } = require('internal/web/node_event_target');
const { Inbox } = require('internal/web/inbox');
const { runWith } = require('internal/async/context');
const { MessageEvent } = require('internal/web/message_event');
const { registerInterface } = require('internal/web/transferable');
const { serializeWithTransfer, deserializeWithTransfer, transferListOf, dataCloneError } =
  require('internal/web/structured_clone');

const construct = Symbol('construct');
// In a queue: the other end is gone.
const CLOSE = { __proto__: null };

// ---- One end of a channel ---------------------------------------------------------------------

class PortEnd {
  constructor() {
    this.peer = null;
    this.facade = null; // null while the end is being transferred
    this.started = false;
    this.closed = false;
    this.referenced = false;
    this.holding = false; // see holdWhileUnderWay
    this.inbox = new Inbox(
      (message) => this.facade !== null && (this.started || message === CLOSE),
      (message) => this.deliver(message),
    );
  }

  // "message port post message steps", without the check for the source port
  post(message, transferList) {
    const target = this.peer;
    const doomed = target !== null && transferList.some((item) => isMessagePort(item) && endOf(item) === target);
    const serialized = serializeWithTransfer(message, transferList);
    if (doomed) {
      require('process').emitWarning('The target port was posted to itself, and the communication channel was lost');
      this.close();
    } else {
      target?.receive(serialized);
    }
  }

  receive(message) {
    if (this.closed) return;
    this.inbox.push(message);
    if (this.holding) this.setReferenced(true);
  }

  // For ports of the runtime's own: messages keep the loop alive from posting to delivery, the port itself does not.
  holdWhileUnderWay() {
    this.holding = true;
    this.setReferenced(this.inbox.length > 0);
  }

  // The other end was closed: what it sent before comes first.
  disconnect() {
    this.peer = null;
    this.receive(CLOSE);
  }

  // "port message queue": the steps of one task.
  deliver(message) {
    if (message === CLOSE) {
      this.close();
      return;
    }
    let event;
    try {
      // A port that arrives belongs to no store yet, whoever listens here.
      const { value, transferred } = runWith(undefined, deserializeWithTransfer, undefined, [message]);
      event = createTrusted(MessageEvent, 'message', { data: value, ports: transferred.filter(isMessagePort) });
    } catch (error) {
      event = createTrusted(MessageEvent, 'messageerror', { data: error });
    }
    fireFromLoop(this.facade, event);
    if (this.holding) this.setReferenced(this.inbox.length > 0);
  }

  start() {
    if (this.started || this.closed) return;
    this.started = true;
    if (!this.holding && listsOf(this.facade).has('message')) this.setReferenced(true);
    this.inbox.wake();
  }

  // What is already being delivered is delivered; see Inbox.
  close() {
    if (this.closed) return;
    this.closed = true;
    this.setReferenced(false);
    if (!this.inbox.delivering) this.inbox.clear();
    this.peer?.disconnect();
    this.peer = null;
    const { facade } = this;
    if (facade !== null) host.loop.closeTask(() => fireFromLoop(facade, createTrusted(Event, 'close')));
  }

  // Whether the port keeps the loop alive.
  setReferenced(referenced) {
    if (this.referenced === referenced || (referenced && this.closed)) return;
    this.referenced = referenced;
    if (referenced) host.loop.ref();
    else host.loop.unref();
  }
}

// "entangle"
function entangle(one, other) {
  one.peer = other;
  other.peer = one;
}

// ---- MessagePort ------------------------------------------------------------------------------

let endOf;
let detach;
let isMessagePort;

class MessagePort extends NodeEventTarget {
  // The end; null once it was transferred.
  #end;

  constructor() {
    if (arguments[0] !== construct) {
      throw coded(TypeError, 'ERR_CONSTRUCT_CALL_INVALID', 'Constructor cannot be called');
    }
    super();
    this.#end = arguments[1];
    this.#end.facade = this;
  }

  static {
    endOf = (port) => port.#end;
    isMessagePort = (value) => typeof value === 'object' && value !== null && #end in value;
    detach = (port) => { port.#end = null; };
  }

  // "message port post message steps"
  postMessage(message, options = undefined) {
    const end = unwrap(this);
    requireArguments(arguments.length, 'message');
    const list = transferListOf(options);
    if (list.includes(this)) throw dataCloneError('Transfer list contains source port');
    if (end === null) serializeWithTransfer(message, list);
    else end.post(message, list);
  }

  start() { unwrap(this)?.start(); }

  // The callback is Node's addition, as are the methods below.
  close(callback = undefined) {
    const end = unwrap(this);
    if (typeof callback === 'function') this.once('close', callback);
    end?.close();
  }

  ref() { unwrap(this)?.setReferenced(true); }

  unref() { unwrap(this)?.setReferenced(false); }

  hasRef() { return unwrap(this)?.referenced ?? false; }

  // A port that listens and is started keeps the loop alive. A listener of the emitter's kind starts it.
  [kListenersChanged](type, count, added) {
    const end = this.#end;
    if (type !== 'message' || end === null || end.holding) return;
    if (added?.withPayload) end.start();
    if (!end.started) return;
    if (count === 0) end.setReferenced(false);
    else if (count === 1) end.setReferenced(true);
  }
}

defineInterface(MessagePort);
defineEventHandler(MessagePort, 'message', { check: unwrap, activated: (port) => port.start() });
defineEventHandler(MessagePort, 'messageerror', { check: unwrap });

function unwrap(port) {
  if (!isMessagePort(port)) throw invalidThis('MessagePort');
  return endOf(port);
}

function newPort(end = new PortEnd()) {
  return new MessagePort(construct, end);
}

const portSteps = {
  isInstance: (value) => isMessagePort(value),
  isDetached: (port) => endOf(port) === null || endOf(port).closed,
  // "transfer steps": the end goes, with its messages; the facade stays behind, good for nothing.
  transfer(port) {
    const end = endOf(port);
    end.setReferenced(false);
    end.started = false;
    end.holding = false;
    detach(port);
    end.facade = null;
    return end;
  },
  receive(end) {
    const port = newPort(end);
    end.inbox.renew();
    end.inbox.wake(); // the other end may have closed meanwhile
    return port;
  },
};
registerInterface('MessagePort', portSteps);

// ---- MessageChannel ---------------------------------------------------------------------------

class MessageChannel {
  #port1;
  #port2;

  constructor() {
    const one = new PortEnd();
    const other = new PortEnd();
    entangle(one, other);
    this.#port1 = newPort(one);
    this.#port2 = newPort(other);
  }

  get port1() {
    if (!(#port1 in this)) throw invalidThis('MessageChannel');
    return this.#port1;
  }

  get port2() {
    if (!(#port1 in this)) throw invalidThis('MessageChannel');
    return this.#port2;
  }
}

defineInterface(MessageChannel);

// Node's worker_threads.receiveMessageOnPort: the next message without an event, or undefined.
function receiveMessageOnPort(port) {
  if (!isMessagePort(port)) {
    const { isBroadcastChannel, takeMessage } = require('internal/web/broadcast_channel');
    if (isBroadcastChannel(port)) return takeMessage(port);
    throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "port" argument must be a MessagePort instance');
  }
  const end = endOf(port);
  if (end === null || end.closed || end.inbox.length === 0 || end.inbox.peek() === CLOSE) return undefined;
  return { message: deserializeWithTransfer(end.inbox.shift()).value };
}

module.exports = {
  MessagePort, MessageChannel, MessageEvent, isMessagePort, receiveMessageOnPort, PortEnd, entangle, newPort, portSteps,
  endOf: unwrap,
};
