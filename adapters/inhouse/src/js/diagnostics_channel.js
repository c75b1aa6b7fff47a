'use strict';
// Node's `diagnostics_channel`. Authority: https://nodejs.org/api/diagnostics_channel.html

const { codes } = require('internal/errors');
const validate = require('internal/validate');

const channels = new Map();

// Errors of subscribers are the process's, not the publisher's.
function guarded(call) {
  try {
    call();
  } catch (error) {
    process.nextTick(() => { throw error; });
  }
}

class Channel {
  #subscribers = [];
  #stores = new Map();

  constructor(name) { this.name = name; }

  get hasSubscribers() { return this.#subscribers.length > 0 || this.#stores.size > 0; }

  subscribe(subscriber) {
    validate.func(subscriber, 'subscription');
    // A publication that is under way keeps to those it began with.
    this.#subscribers = [...this.#subscribers, subscriber];
  }

  unsubscribe(subscriber) {
    const index = this.#subscribers.indexOf(subscriber);
    if (index === -1) return false;
    this.#subscribers = this.#subscribers.toSpliced(index, 1);
    return true;
  }

  bindStore(store, transform) { this.#stores.set(store, transform); }

  unbindStore(store) { return this.#stores.delete(store); }

  publish(data) {
    for (const subscriber of this.#subscribers) guarded(() => subscriber(data, this.name));
  }

  runStores(data, callback, thisArg, ...args) {
    let run = () => {
      this.publish(data);
      return Reflect.apply(callback, thisArg, args);
    };
    for (const [store, transform] of this.#stores) {
      const inner = run;
      run = () => {
        let context = data;
        if (transform !== undefined) {
          try {
            context = transform(data);
          } catch (error) {
            process.nextTick(() => { throw error; });
            return inner();
          }
        }
        return store.run(context, inner);
      };
    }
    return run();
  }
}

function channel(name) {
  const known = channels.get(name);
  if (known !== undefined) return known;
  if (typeof name !== 'string' && typeof name !== 'symbol') {
    throw new codes.ERR_INVALID_ARG_TYPE('channel', ['string', 'symbol'], name);
  }
  const made = new Channel(name);
  channels.set(name, made);
  return made;
}

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];

// The five channels around an operation. Authority: #class-tracingchannel
class TracingChannel {
  constructor(nameOrChannels) {
    for (const event of EVENTS) {
      const given = typeof nameOrChannels === 'string' ? channel(`tracing:${nameOrChannels}:${event}`) : nameOrChannels?.[event];
      if (!(given instanceof Channel)) throw new codes.ERR_INVALID_ARG_TYPE(`nameOrChannels.${event}`, ['Channel'], given);
      Object.defineProperty(this, event, { enumerable: true, value: given });
    }
  }

  get hasSubscribers() { return EVENTS.some((event) => this[event].hasSubscribers); }

  subscribe(handlers) {
    for (const event of EVENTS) if (handlers[event]) this[event].subscribe(handlers[event]);
  }

  unsubscribe(handlers) {
    let all = true;
    for (const event of EVENTS) if (handlers[event] && !this[event].unsubscribe(handlers[event])) all = false;
    return all;
  }

  traceSync(callback, context = {}, thisArg, ...args) {
    if (!this.hasSubscribers) return Reflect.apply(callback, thisArg, args);
    return this.start.runStores(context, () => {
      try {
        context.result = Reflect.apply(callback, thisArg, args);
        return context.result;
      } catch (error) {
        context.error = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }

  tracePromise(callback, context = {}, thisArg, ...args) {
    if (!this.hasSubscribers) return Reflect.apply(callback, thisArg, args);
    const settled = (name, value) => {
      context[name] = value;
      if (name === 'error') this.error.publish(context);
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
    };
    return this.start.runStores(context, () => {
      try {
        const promise = Reflect.apply(callback, thisArg, args);
        return Promise.resolve(promise).then((value) => {
          settled('result', value);
          return value;
        }, (error) => {
          settled('error', error);
          throw error;
        });
      } catch (error) {
        context.error = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }

  traceCallback(callback, position = -1, context = {}, thisArg, ...args) {
    if (!this.hasSubscribers) return Reflect.apply(callback, thisArg, args);
    const original = args.at(position);
    validate.func(original, 'callback');
    const owner = this;
    function wrapped(error, result) {
      if (error) {
        context.error = error;
        owner.error.publish(context);
      } else {
        context.result = result;
      }
      return owner.asyncStart.runStores(context, () => {
        try {
          return Reflect.apply(original, this, arguments);
        } finally {
          owner.asyncEnd.publish(context);
        }
      });
    }
    args.splice(position, 1, wrapped);
    return this.start.runStores(context, () => {
      try {
        return Reflect.apply(callback, thisArg, args);
      } catch (error) {
        context.error = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }
}

module.exports = {
  Channel, channel,
  hasSubscribers: (name) => channels.get(name)?.hasSubscribers ?? false,
  subscribe: (name, subscriber) => channel(name).subscribe(subscriber),
  unsubscribe: (name, subscriber) => channel(name).unsubscribe(subscriber),
  tracingChannel: (nameOrChannels) => new TracingChannel(nameOrChannels),
};
