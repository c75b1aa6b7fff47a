'use strict';
// MessageEvent. Authority: https://html.spec.whatwg.org/multipage/comms.html#the-messageevent-interface

const {
  defineInterface, dictionary, domString, invalidThis, requireArguments, sequence, usvString,
} = require('internal/web/webidl');
const { Event } = require('internal/web/event');

class MessageEvent extends Event {
  #slots;

  constructor(type, eventInitDict = undefined) {
    requireArguments(arguments.length, 'type');
    super(type, eventInitDict);
    const { data = null, origin = '', lastEventId = '', source = null, ports = [] } = dictionary(eventInitDict, 'options');
    if (source !== null && !isPort(source)) throw noPort('source', source);
    this.#slots = {
      data,
      origin: usvString(origin),
      lastEventId: domString(lastEventId),
      source,
      ports: Object.freeze(sequence(ports, 'ports', (port, name) => {
        if (!isPort(port)) throw noPort(name, port);
        return port;
      }, () => new TypeError(`MessageEvent constructor: eventInitDict.ports (${shown(ports)}) is not iterable.`))),
    };
  }

  static #of(event) {
    if (!(#slots in event)) throw invalidThis('MessageEvent');
    return event.#slots;
  }

  get data() { return MessageEvent.#of(this).data; }

  get origin() { return MessageEvent.#of(this).origin; }

  get lastEventId() { return MessageEvent.#of(this).lastEventId; }

  get source() { return MessageEvent.#of(this).source; }

  get ports() { return MessageEvent.#of(this).ports; }
}

defineInterface(MessageEvent);

const shown = (value) => (typeof value === 'object' && value !== null ? require('internal/format').inspect(value) : `${value}`);
const noPort = (name, value) => new TypeError(
  `MessageEvent constructor: Expected eventInitDict.${name} ("${shown(value)}") to be an instance of MessagePort.`);
const isPort = (value) => require('internal/web/messaging').isMessagePort(value);

module.exports = { MessageEvent };
