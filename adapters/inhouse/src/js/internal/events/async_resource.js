'use strict';
// events.EventEmitterAsyncResource: listeners run in the async context of the emitter's creation.
// Authority: https://nodejs.org/api/events.html#class-eventseventemitterasyncresource-extends-eventemitter

const EventEmitter = require('events');
const { AsyncResource } = require('async_hooks');
const { codes } = require('internal/errors');
const validate = require('internal/validate');

const kEmitter = Symbol('kEventEmitter');

class EventEmitterReferencingAsyncResource extends AsyncResource {
  constructor(emitter, type, options) {
    super(type, options);
    this[kEmitter] = emitter;
  }

  get eventEmitter() {
    if (this[kEmitter] === undefined) throw new codes.ERR_INVALID_THIS('EventEmitterReferencingAsyncResource');
    return this[kEmitter];
  }
}

class EventEmitterAsyncResource extends EventEmitter {
  #resource;

  constructor(options) {
    let name;
    let resourceOptions = options;
    if (typeof options === 'string') {
      name = options;
      resourceOptions = undefined;
    } else {
      if (new.target === EventEmitterAsyncResource) validate.string(options?.name, 'options.name');
      name = options?.name || new.target.name;
    }
    super(resourceOptions);
    this.#resource = new EventEmitterReferencingAsyncResource(this, name, resourceOptions);
  }

  emit(event, ...args) {
    return this.#resource.runInAsyncScope(super.emit, this, event, ...args);
  }

  emitDestroy() { this.#resource.emitDestroy(); }

  get asyncId() { return this.#resource.asyncId(); }

  get triggerAsyncId() { return this.#resource.triggerAsyncId(); }

  get asyncResource() { return this.#resource; }
}

module.exports = { EventEmitterAsyncResource };
