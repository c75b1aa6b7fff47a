'use strict';
// BroadcastChannel. Authority: https://html.spec.whatwg.org/multipage/web-messaging.html#broadcasting-to-other-browsing-contexts,
// https://nodejs.org/api/worker_threads.html#class-broadcastchannel-extends-eventtarget

const { defineInterface, domString, invalidThis, requireArguments } = require('internal/web/webidl');
const { EventTarget, createTrusted, defineEventHandler, fireFromLoop } = require('internal/web/event_target');
const { Inbox } = require('internal/web/inbox');
const { MessageEvent } = require('internal/web/message_event');
const { serialize, deserializeCopy } = require('internal/web/structured_clone');

// name -> the open channels of that name in this loop, in order of creation, and the endpoint that hears the other loops.
const groups = new Map();

function join(name) {
  const endpoint = host.messaging.subscribe(name);
  const channels = new Set();
  require('internal/remote_port').listen(endpoint, {
    raw: true,
    receive(record) {
      for (const channel of channels) pushRecord(channel, record);
    },
    disconnect() {},
  });
  return { channels, endpoint };
}

let isBroadcastChannel;
let takeMessage;
let pushRecord;

class BroadcastChannel extends EventTarget {
  #name;
  #inbox = new Inbox(() => true, (record) => this.#deliver(record));
  #closed = false;
  #referenced = false;

  constructor(name) {
    requireArguments(arguments.length, 'name');
    super();
    this.#name = domString(name);
    if (!groups.has(this.#name)) groups.set(this.#name, join(this.#name));
    groups.get(this.#name).channels.add(this);
    this.#setReferenced(true);
  }

  static {
    isBroadcastChannel = (value) => typeof value === 'object' && value !== null && #inbox in value;
    pushRecord = (channel, record) => channel.#inbox.push(record);
    takeMessage = (channel) =>
      (channel.#inbox.length === 0 ? undefined : { message: deserializeCopy(channel.#inbox.shift()) });
  }

  get name() { return check(this).#name; }

  // "postMessage": serialized once; each receiver makes its own copy.
  postMessage(message) {
    check(this);
    requireArguments(arguments.length, 'message');
    if (this.#closed) {
      const { DOMException } = require('internal/web/dom_exception');
      throw new DOMException('BroadcastChannel is closed.', 'InvalidStateError');
    }
    const record = serialize(message);
    const { channels, endpoint } = groups.get(this.#name);
    for (const other of channels) {
      if (other !== this) other.#inbox.push(record);
    }
    for (const other of host.messaging.others(this.#name, endpoint)) host.messaging.send(other, record);
  }

  close() {
    check(this);
    if (this.#closed) return;
    this.#closed = true;
    this.#setReferenced(false);
    this.#inbox.clear();
    const group = groups.get(this.#name);
    group.channels.delete(this);
    if (group.channels.size > 0) return;
    groups.delete(this.#name);
    host.messaging.unsubscribe(this.#name, group.endpoint);
  }

  // ---- Node's additions: whether the channel keeps the loop alive; it does from its creation ----

  ref() {
    check(this).#setReferenced(true);
    return this;
  }

  unref() {
    check(this).#setReferenced(false);
    return this;
  }

  #setReferenced(referenced) {
    if (this.#referenced === referenced || (referenced && this.#closed)) return;
    this.#referenced = referenced;
    if (referenced) host.loop.ref();
    else host.loop.unref();
  }

  #deliver(record) {
    let event;
    try {
      event = createTrusted(MessageEvent, 'message', { data: deserializeCopy(record) });
    } catch (error) {
      event = createTrusted(MessageEvent, 'messageerror', { data: error });
    }
    fireFromLoop(this, event);
  }
}

defineInterface(BroadcastChannel);
defineEventHandler(BroadcastChannel, 'message', { check });
defineEventHandler(BroadcastChannel, 'messageerror', { check });

function check(channel) {
  if (!isBroadcastChannel(channel)) throw invalidThis('BroadcastChannel');
  return channel;
}

module.exports = { BroadcastChannel, isBroadcastChannel, takeMessage };
