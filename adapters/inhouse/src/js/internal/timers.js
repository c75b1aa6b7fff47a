'use strict';
// Timers and immediates as programs hold them. When they run is the loop's business; here are the objects and their callbacks.
// Authority: https://nodejs.org/api/timers.html

const LONGEST = 2 ** 31 - 1;
const kFrame = Symbol('frame');
const kId = Symbol('id');
const kRefed = Symbol('refed');

// Waiting timers and immediates by the numbers that the loop gave them.
const timers = new Map();
const immediates = new Map();

// setTimeout's coercion: whole milliseconds from 1 to 2^31-1; everything else is 1, with a warning where Node has one.
function coerce(delay) {
  if (delay === undefined) return 1;
  const number = delay * 1;
  if (number >= 1 && number <= LONGEST) return Math.trunc(number);
  if (number > LONGEST) {
    warn(`${number} does not fit into a 32-bit signed integer.\nTimeout duration was set to 1.`, 'TimeoutOverflowWarning');
  } else if (number < 0) {
    warn(`${number} is a negative number.\nTimeout duration was set to 1.`, 'TimeoutNegativeWarning');
  } else if (Number.isNaN(number)) {
    warn(`${number} is not a number.\nTimeout duration was set to 1.`, 'TimeoutNaNWarning');
  }
  // A policy may allow timers shorter than 1 ms; Node's has a minimum of 1, which the loop applies.
  return 0;
}

function warn(message, name) {
  require('process').emitWarning(message, name);
}

class Timeout {
  constructor(callback, delay, args, repeats) {
    this._idleTimeout = coerce(delay) || 1;
    this._idlePrev = null;
    this._idleNext = null;
    this._idleStart = null;
    this._onTimeout = callback;
    this._timerArgs = args;
    this._repeat = repeats ? this._idleTimeout : null;
    this._destroyed = false;
    hide(this, kFrame, host.context.frame);
    hide(this, kRefed, true);
    hide(this, kId, 0);
    arm(this);
  }

  ref() {
    return setRef(this, true);
  }

  unref() {
    return setRef(this, false);
  }

  hasRef() {
    return this[kRefed];
  }

  // Waits the whole duration again, also if it has fired; not if it was cleared.
  refresh() {
    if (this._idleTimeout < 0) return this;
    if (timers.get(this[kId]) === this) {
      this._rearmed = true;
      host.timers.restart(this[kId]);
      this._idleStart = host.timers.now();
    } else {
      this._destroyed = false;
      arm(this);
    }
    return this;
  }

  close() {
    clear(this);
    return this;
  }

  [Symbol.toPrimitive]() {
    return this[kId];
  }
}

function hide(object, key, value) {
  Object.defineProperty(object, key, { value, writable: true, enumerable: false, configurable: true });
}

hide(Timeout.prototype, '_rearmed', false);

function arm(timer) {
  const id = host.timers.start(timer._idleTimeout, timer._repeat !== null);
  timer[kId] = id;
  timer._idleStart = host.timers.now();
  timers.set(id, timer);
  if (!timer[kRefed]) host.timers.ref(id, false);
}

function setRef(timer, refed) {
  if (timer[kRefed] !== refed) {
    timer[kRefed] = refed;
    if (timers.get(timer[kId]) === timer) host.timers.ref(timer[kId], refed);
  }
  return timer;
}

function clear(timer) {
  if (timer instanceof Timeout) {
    const id = timer[kId];
    timer._destroyed = true;
    timer._idleTimeout = -1;
    timer._onTimeout = null;
    if (timers.delete(id)) host.timers.stop(id);
    return;
  }
  if (typeof timer === 'number' || typeof timer === 'string') {
    const known = timers.get(Number(timer));
    if (known !== undefined) clear(known);
  }
}

function runTimer(id) {
  const timer = timers.get(id);
  const repeats = timer._repeat !== null;
  if (Object.hasOwn(timer, '_rearmed')) delete timer._rearmed;
  host.context.frame = timer[kFrame];
  try {
    const args = timer._timerArgs;
    if (args === undefined) timer._onTimeout();
    else timer._onTimeout(...args);
  } finally {
    host.context.frame = undefined;
    if (repeats) {
      timer._idleStart = host.timers.now();
    } else if (!timer._rearmed && !timer._destroyed) {
      timer._destroyed = true;
      timers.delete(id);
    }
  }
}

class Immediate {
  constructor(callback, args) {
    this._idleNext = null;
    this._idlePrev = null;
    this._onImmediate = callback;
    this._argv = args;
    this._destroyed = false;
    hide(this, kFrame, host.context.frame);
    hide(this, kRefed, true);
    const id = host.timers.startImmediate();
    hide(this, kId, id);
    immediates.set(id, this);
  }

  ref() {
    return setImmediateRef(this, true);
  }

  unref() {
    return setImmediateRef(this, false);
  }

  hasRef() {
    return this[kRefed];
  }
}

function setImmediateRef(immediate, refed) {
  if (!immediate._destroyed) {
    immediate[kRefed] = refed;
    host.timers.refImmediate(immediate[kId], refed);
  }
  return immediate;
}

function clearImmediate(immediate) {
  if (!(immediate instanceof Immediate) || immediate._destroyed) return;
  immediate._destroyed = true;
  immediate._onImmediate = null;
  immediate[kRefed] = false;
  immediates.delete(immediate[kId]);
  host.timers.stopImmediate(immediate[kId]);
}

function runImmediate(id) {
  const immediate = immediates.get(id);
  immediates.delete(id);
  immediate._destroyed = true;
  immediate[kRefed] = false;
  host.context.frame = immediate[kFrame];
  try {
    const { _onImmediate: callback, _argv: args } = immediate;
    if (args === undefined) callback.call(immediate);
    else callback.apply(immediate, args);
  } finally {
    host.context.frame = undefined;
    immediate._onImmediate = null;
  }
}

if (Symbol.dispose !== undefined) {
  Object.defineProperty(Timeout.prototype, Symbol.dispose, { configurable: true, writable: true, value() { clear(this); } });
  Object.defineProperty(Immediate.prototype, Symbol.dispose, { configurable: true, writable: true, value() { clearImmediate(this); } });
}

module.exports = { Timeout, Immediate, clear, clearImmediate, runTimer, runImmediate };
