'use strict';
// Timers and immediates as programs hold them. When they run is the loop's business; here are the objects and their callbacks.
// Authority: https://nodejs.org/api/timers.html

const { context } = host;
const LONGEST = 2 ** 31 - 1;
// Waiting timers by the numbers that the loop gave them.
const timers = new Map();

// setTimeout's coercion: whole milliseconds from 1 to 2^31-1. Everything else is 0, with a warning where Node has one; the loop makes
// that the policy's minimum, which is 1 for Node.
function coerce(delay) {
  if (delay === undefined) return 0;
  const number = delay * 1;
  if (number >= 1 && number <= LONGEST) return Math.trunc(number);
  if (number > LONGEST) {
    warn(`${number} does not fit into a 32-bit signed integer.\nTimeout duration was set to 1.`, 'TimeoutOverflowWarning');
  } else if (number < 0) {
    warn(`${number} is a negative number.\nTimeout duration was set to 1.`, 'TimeoutNegativeWarning');
  } else if (Number.isNaN(number)) {
    warn(`${number} is not a number.\nTimeout duration was set to 1.`, 'TimeoutNaNWarning');
  }
  return 0;
}

// Node warns of these two once for a program, of delays that are too long each time.
const warned = new Set();

function warn(message, name) {
  if (name !== 'TimeoutOverflowWarning') {
    if (warned.has(name)) return;
    warned.add(name);
  }
  require('process').emitWarning(message, name);
}

// What the functions below need of the classes' private parts; set by static blocks.
let fire;
let clear;

class Timeout {
  // The number of the loop's timer, the async context, whether it keeps the loop alive, whether its callback made it wait again.
  #id = 0;
  #frame = host.context.frame;
  #refed = true;
  #rearmed = false;
  // Whether the loop repeats it.
  #repeats = false;
  #delay;

  constructor(callback, delay, args, repeats) {
    this.#delay = coerce(delay);
    this._idleTimeout = this.#delay || 1;
    this._idlePrev = null;
    this._idleNext = null;
    this._idleStart = null;
    this._onTimeout = callback;
    this._timerArgs = args;
    this._repeat = repeats ? this._idleTimeout : null;
    this._destroyed = false;
    this.#arm();
    if (context.observer !== undefined) context.observer.created(this, 'Timeout');
  }

  #arm() {
    this.#repeats = this._repeat !== null;
    this.#id = host.timers.start(this.#delay, this.#repeats);
    this._idleStart = host.timers.now();
    timers.set(this.#id, this);
    if (!this.#refed) host.timers.ref(this.#id, false);
  }

  #setRef(refed) {
    if (this.#refed !== refed) {
      this.#refed = refed;
      if (timers.get(this.#id) === this) host.timers.ref(this.#id, refed);
    }
    return this;
  }

  // Both do nothing on what is no timer, as Node's do.
  ref() {
    return #id in this ? this.#setRef(true) : this;
  }

  unref() {
    return #id in this ? this.#setRef(false) : this;
  }

  hasRef() {
    return this.#refed;
  }

  // Waits the whole duration again, also if it has fired; not if it was cleared.
  refresh() {
    if (this._idleTimeout < 0) return this;
    if (timers.get(this.#id) === this) {
      this.#rearmed = true;
      host.timers.restart(this.#id);
      this._idleStart = host.timers.now();
    } else {
      this._destroyed = false;
      this.#arm();
    }
    return this;
  }

  close() {
    clear(this);
    return this;
  }

  [Symbol.toPrimitive]() {
    return this.#id;
  }

  #clear() {
    this._destroyed = true;
    this._idleTimeout = -1;
    this._onTimeout = null;
    if (timers.delete(this.#id)) {
      host.timers.stop(this.#id);
      if (context.observer !== undefined) context.observer.destroyed(this);
    }
  }

  #fire() {
    this.#rearmed = false;
    context.frame = this.#frame;
    if (context.observer !== undefined) context.observer.enter(this);
    try {
      const args = this._timerArgs;
      if (args === undefined) this._onTimeout();
      else this._onTimeout(...args);
      // Not in `finally`: an error that is uncaught is handled in the timer's name.
      if (context.observer !== undefined) context.observer.leave(this);
    } finally {
      context.frame = undefined;
      // Programs turn timers into intervals, and end intervals, by these properties.
      if (this._repeat !== null && (this._idleTimeout === -1 || typeof this._onTimeout !== 'function')) {
        this.#clear();
      } else if (this._repeat && !this.#repeats) {
        timers.delete(this.#id);
        this.#delay = coerce(this._repeat);
        this.#arm();
      } else if (this._repeat !== null) {
        this._idleStart = host.timers.now();
      } else if (!this.#rearmed && !this._destroyed) {
        this._destroyed = true;
        timers.delete(this.#id);
        if (context.observer !== undefined) context.observer.destroyed(this);
      }
    }
  }

  static {
    fire = (timer) => timer.#fire();
    clear = (timer) => {
      if (timer !== null && typeof timer === 'object' && #id in timer) {
        timer.#clear();
      } else if (typeof timer === 'number' || typeof timer === 'string') {
        timers.get(Number(timer))?.#clear();
      }
    };
  }
}

// Immediates are what a program may make most of, so their path is short: no private fields, whose initialisation is a call of its own, and
// one function from the loop to the callback.
const { startImmediate } = host.timers;
// The loop's number, whether it keeps the loop alive, the async context.
const ID = Symbol('id');
const REFED = Symbol('refed');
const FRAME = Symbol('frame');
// The loop numbers immediates one by one, so they wait in an array: the one with number `id` at `id - base`.
const immediates = [];
let base = 0;
// Places at the front that may be empty before they are cut off.
const SLACK = 1024;

class Immediate {
  constructor(callback, args) {
    const id = startImmediate();
    this._onImmediate = callback;
    this[ID] = id;
    if (args !== undefined) this._argv = args;
    if (context.frame !== undefined) this[FRAME] = context.frame;
    if (immediates.length === 0) base = id;
    immediates[immediates.length] = this;
    if (context.observer !== undefined) context.observer.created(this, 'Immediate');
  }

  ref() {
    return setRef(this, true);
  }

  unref() {
    return setRef(this, false);
  }

  hasRef() {
    return this[REFED] && !this._destroyed;
  }
}

// What is the same for nearly all is not set for each.
Object.assign(Immediate.prototype, {
  _idleNext: null, _idlePrev: null, _argv: undefined, _destroyed: false, [REFED]: true, [FRAME]: undefined,
});

function setRef(immediate, refed) {
  if (immediate[ID] !== undefined && !immediate._destroyed) {
    immediate[REFED] = refed;
    host.timers.refImmediate(immediate[ID], refed);
  }
  return immediate;
}

function clearImmediate(immediate) {
  // Only an immediate has a number.
  if (immediate?.[ID] === undefined || immediate._destroyed) return;
  immediate._destroyed = true;
  immediate._onImmediate = null;
  immediates[(immediate[ID] - base) >>> 0] = undefined;
  host.timers.stopImmediate(immediate[ID]);
  if (context.observer !== undefined) context.observer.destroyed(immediate);
}

function runImmediate(id) {
  const place = (id - base) >>> 0;
  const immediate = immediates[place];
  if (place + 1 === immediates.length) {
    immediates.length = 0;
  } else if (place >= SLACK) {
    immediates.splice(0, place + 1);
    base = (id + 1) >>> 0;
  } else {
    immediates[place] = undefined;
  }
  immediate._destroyed = true;
  context.frame = immediate[FRAME];
  if (context.observer !== undefined) context.observer.enter(immediate);
  try {
    const args = immediate._argv;
    if (args === undefined) immediate._onImmediate();
    else immediate._onImmediate(...args);
    if (context.observer !== undefined) context.observer.leave(immediate);
  } finally {
    context.frame = undefined;
    immediate._onImmediate = null;
    if (context.observer !== undefined) context.observer.destroyed(immediate);
  }
}

const runTimer = (id) => fire(timers.get(id));

if (Symbol.dispose !== undefined) {
  Object.defineProperty(Timeout.prototype, Symbol.dispose, { configurable: true, writable: true, value() { clear(this); } });
  Object.defineProperty(Immediate.prototype, Symbol.dispose, { configurable: true, writable: true, value() { clearImmediate(this); } });
}

// What of this module keeps the loop alive, by Node's names.
function active() {
  const refed = (all) => all.filter((one) => one?.hasRef()).length;
  return [...Array(refed([...timers.values()])).fill('Timeout'), ...Array(refed(immediates)).fill('Immediate')];
}

module.exports = { Timeout, Immediate, clear, clearImmediate, runTimer, runImmediate, active };
