'use strict';
// Ends of channels whose other end lies in another loop: messages are carried as plain data by `host.messaging`.
//
// A port that is transferred to another loop leaves an endpoint behind: the local other end then speaks to that endpoint instead of
// to the port itself. `PortEnd`s inside a message travel as ['port', endpoint, messages that were waiting for it].

// Receivers of this loop by endpoint: objects with `receive(message)`, `disconnect()` and perhaps `exited(code)`. Those that are `raw`
// take messages as they come, without ports in them.
const receivers = new Map();

class RemotePeer {
  constructor(endpoint) {
    this.endpoint = endpoint;
  }

  receive(message) {
    host.messaging.send(this.endpoint, encode(message));
  }

  disconnect() {
    receivers.delete(this.endpoint);
    host.messaging.close(this.endpoint);
  }
}

function listen(endpoint, receiver) {
  receivers.set(endpoint, receiver);
  host.messaging.bind(endpoint);
}

// Lets `end` speak through `endpoint`.
function attach(end, endpoint) {
  end.peer = new RemotePeer(endpoint);
  listen(endpoint, end);
}

// Takes `end` out of this loop: what stands for it elsewhere.
function detach(end) {
  const { peer } = end;
  const waiting = [];
  while (end.inbox.length > 0) {
    const message = end.inbox.shift();
    if (message.root !== undefined || message.moved !== undefined) waiting.push(encode(message));
  }
  if (peer === null) return ['port', 0, waiting];
  end.peer = null;
  if (peer instanceof RemotePeer) {
    receivers.delete(peer.endpoint);
    host.messaging.unbind(peer.endpoint);
    return ['port', peer.endpoint, waiting];
  }
  const [near, far] = host.messaging.pair();
  attach(peer, near);
  return ['port', far, waiting];
}

function arrive([, endpoint, waiting]) {
  const { PortEnd } = require('internal/web/messaging');
  const end = new PortEnd();
  for (const message of waiting) end.receive(decode(message));
  if (endpoint === 0) end.disconnect();
  else attach(end, endpoint);
  return end;
}

// Replaces the ends of ports within plain data, in both directions.
function mapEnds(data, isEnd, replace) {
  if (data === null || typeof data !== 'object') return data;
  if (isEnd(data)) return replace(data);
  if (Array.isArray(data)) return data.map((part) => mapEnds(part, isEnd, replace));
  if (Object.getPrototypeOf(data) !== Object.prototype) return data;
  return Object.fromEntries(Object.entries(data).map(([key, part]) => [key, mapEnds(part, isEnd, replace)]));
}

function encode({ root, moved }) {
  if (moved.length === 0) return { root, moved };
  const { PortEnd } = require('internal/web/messaging');
  return { root, moved: moved.map(([name, data]) => [name, mapEnds(data, (part) => part instanceof PortEnd, detach)]) };
}

function decode({ root, moved }) {
  const isPort = (part) => Array.isArray(part) && part[0] === 'port';
  return { root, moved: moved.map(([name, data]) => [name, mapEnds(data, isPort, arrive)]) };
}

// What the loop calls when something has come to an endpoint.
function receive(endpoint) {
  for (const [kind, value] of host.messaging.receive(endpoint)) {
    const receiver = receivers.get(endpoint);
    if (receiver === undefined) return;
    if (kind === 0) receiver.receive(receiver.raw ? value : decode(value));
    else if (kind === 1) receiver.disconnect();
    else receiver.exited(value);
  }
}

module.exports = { attach, listen, receive, encode, decode };
