'use strict';
// Event and CustomEvent. Authority: https://dom.spec.whatwg.org/#events
//
// An event's slots are one record, reached by `stateOf`; internal/web/event_target drives it through a dispatch.

const { defineInterface, dictionary, domString, invalidThis, requireArguments } = require('internal/web/webidl');

const NONE = 0;
const CAPTURING_PHASE = 1;
const AT_TARGET = 2;
const BUBBLING_PHASE = 3;

let slots;
let isEvent;

// [LegacyUnforgeable]: an own accessor of each event, one getter for all.
const isTrusted = {
  get: Object.getOwnPropertyDescriptor({
    get isTrusted() { return stateOf(this).isTrusted; },
  }, 'isTrusted').get,
  set: undefined,
  enumerable: true,
  configurable: false,
};

class Event {
  #state;

  constructor(type, eventInitDict = undefined) {
    requireArguments(arguments.length, 'type');
    const init = dictionary(eventInitDict, 'options');
    this.#state = {
      type: domString(type),
      bubbles: Boolean(init.bubbles),
      cancelable: Boolean(init.cancelable),
      composed: Boolean(init.composed),
      initialized: true,
      isTrusted: false,
      timeStamp: host.clock.now(),
      target: null,
      currentTarget: null,
      path: [],
      phase: NONE,
      dispatching: false,
      stopPropagation: false,
      stopImmediate: false,
      canceled: false,
      inPassive: false,
      payload: undefined,
    };
    Object.defineProperty(this, 'isTrusted', isTrusted);
  }

  static {
    slots = (event) => event.#state;
    isEvent = (value) => typeof value === 'object' && value !== null && #state in value;
  }

  get type() { return stateOf(this).type; }

  get target() { return stateOf(this).target; }

  get srcElement() { return stateOf(this).target; }

  get currentTarget() { return stateOf(this).currentTarget; }

  // Without shadow trees every object of the path may be seen from every other.
  composedPath() { return [...stateOf(this).path]; }

  get eventPhase() { return stateOf(this).phase; }

  stopPropagation() { stateOf(this).stopPropagation = true; }

  get cancelBubble() { return stateOf(this).stopPropagation; }

  set cancelBubble(value) {
    const state = stateOf(this);
    if (value) state.stopPropagation = true;
  }

  stopImmediatePropagation() {
    const state = stateOf(this);
    state.stopPropagation = true;
    state.stopImmediate = true;
  }

  get bubbles() { return stateOf(this).bubbles; }

  get cancelable() { return stateOf(this).cancelable; }

  get returnValue() { return !stateOf(this).canceled; }

  set returnValue(value) {
    const state = stateOf(this);
    if (!value) setCanceled(state);
  }

  preventDefault() { setCanceled(stateOf(this)); }

  get defaultPrevented() { return stateOf(this).canceled; }

  get composed() { return stateOf(this).composed; }

  get timeStamp() { return stateOf(this).timeStamp; }

  initEvent(type, bubbles = false, cancelable = false) {
    const state = stateOf(this);
    requireArguments(arguments.length, 'type');
    if (state.dispatching) return;
    initialize(state, domString(type), Boolean(bubbles), Boolean(cancelable));
  }
}

defineInterface(Event, { constants: { NONE, CAPTURING_PHASE, AT_TARGET, BUBBLING_PHASE } });

function stateOf(event) {
  if (!isEvent(event)) throw invalidThis('Event');
  return slots(event);
}

// "set the canceled flag"
function setCanceled(state) {
  if (state.cancelable && !state.inPassive) state.canceled = true;
}

// "initialize an existing event"
function initialize(state, type, bubbles, cancelable) {
  state.initialized = true;
  state.stopPropagation = false;
  state.stopImmediate = false;
  state.canceled = false;
  state.isTrusted = false;
  state.target = null;
  state.type = type;
  state.bubbles = bubbles;
  state.cancelable = cancelable;
}

class CustomEvent extends Event {
  #detail;

  constructor(type, eventInitDict = undefined) {
    if (arguments.length === 0) requireArguments(0, 'type');
    super(type, eventInitDict);
    this.#detail = dictionary(eventInitDict, 'options').detail ?? null;
  }

  get detail() {
    if (!(#detail in this)) throw invalidThis('CustomEvent');
    return this.#detail;
  }

  initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
    const state = stateOf(this);
    requireArguments(arguments.length, 'type');
    if (state.dispatching) return;
    initialize(state, domString(type), Boolean(bubbles), Boolean(cancelable));
    this.#detail = detail;
  }
}

defineInterface(CustomEvent);

// "create an event", as the runtime itself does: trusted.
function createTrusted(Class, type, init = undefined) {
  const event = new Class(type, init);
  stateOf(event).isTrusted = true;
  return event;
}

// "report an exception"; as Node does it, the listener's caller goes on, and the exception is thrown by a tick.
function reportException(error) {
  if (host.process.page) {
    host.reportUncaught(error);
    return;
  }
  require('internal/ticks').push(() => { throw error; });
}

module.exports = {
  Event, CustomEvent, NONE, CAPTURING_PHASE, AT_TARGET, BUBBLING_PHASE, isEvent, stateOf, createTrusted, reportException,
};
