'use strict';
// NodeEventTarget: an EventTarget that also answers to the names of an EventEmitter, as Node's ports and channels do.
// Authority: https://nodejs.org/api/events.html#class-nodeeventtarget
//
// `on` and `once` register listeners that get the payload (a message, say) in place of the event.

const { domString, defineInterface } = require('internal/web/webidl');
const {
  EventTarget, Event, addListener, removeListener, flattenMore, listsOf, fire, setMaxListeners, maxListenersOf, kWithPayload,
} = require('internal/web/event_target');
const { stateOf } = require('internal/web/event');

class NodeEventTarget extends EventTarget {
  addListener(type, listener) { return this.on(type, listener); }

  on(type, listener) {
    const entry = flattenMore({ [kWithPayload]: true }, listener);
    if (entry !== undefined) addListener(this, domString(type), entry);
    return this;
  }

  once(type, listener) {
    const entry = flattenMore({ [kWithPayload]: true, once: true }, listener);
    if (entry !== undefined) addListener(this, domString(type), entry);
    return this;
  }

  off(type, listener, options = undefined) {
    this.removeEventListener(type, listener, options);
    return this;
  }

  removeListener(type, listener, options = undefined) { return this.off(type, listener, options); }

  removeAllListeners(type = undefined) {
    const types = type === undefined ? [...listsOf(this).keys()] : [domString(type)];
    for (const name of types) {
      for (const listener of listsOf(this).get(name) ?? []) removeListener(this, name, listener);
    }
    return this;
  }

  // Listeners of the emitter's kind get `argument`, others an event whose `detail` it is.
  emit(type, argument) {
    const name = domString(type);
    if (!listsOf(this).has(name)) return false;
    const event = new Event(name);
    Object.defineProperty(event, 'detail', { value: argument, enumerable: true, configurable: true });
    stateOf(event).payload = [argument];
    fire(this, event);
    return true;
  }

  eventNames() { return [...listsOf(this).keys()]; }

  listenerCount(type) { return listsOf(this).get(domString(type))?.length ?? 0; }

  setMaxListeners(n) {
    setMaxListeners(this, n);
    return this;
  }

  getMaxListeners() { return maxListenersOf(this); }
}

defineInterface(NodeEventTarget);

module.exports = { NodeEventTarget };
