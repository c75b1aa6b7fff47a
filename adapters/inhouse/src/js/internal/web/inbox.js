'use strict';
// What lies between a sender's postMessage and the receiver's event: a queue, and the loop's wake-ups that empty it.
// Authority: libuv's async handles (`uv__async_io`), of which each of Node's ports has one. A wake-up looks at the handles
// in the order of their creation and lets each that is pending deliver; one that becomes pending meanwhile still has its
// turn if it comes later in that order, else in the next iteration. A port delivers what waits and what arrives meanwhile,
// up to the policy's `port_batch`, each message followed by ticks and promise jobs. With `port_batch` 1 each message is a
// task of its own, as in HTML.

const { Fifo } = require('internal/web/fifo');
const { runWith } = require('internal/async/context');

// ---- The wake-up ------------------------------------------------------------------------------

// Inboxes with something to deliver, in the order of their numbers.
let pending = [];
let running = false;
let scheduled = false;
// During a wake-up: the number of the inbox whose turn it is.
let position = 0;
// And that inbox itself.
let current;
let created = 0;

function makePending(inbox) {
  let at = pending.length;
  while (at > 0 && pending[at - 1].number > inbox.number) at -= 1;
  pending.splice(at, 0, inbox);
  if (!running) schedule();
}

function schedule() {
  if (scheduled || pending.length === 0) return;
  scheduled = true;
  // The wake-up is the loop's own: it has no part in the async context of whoever posted.
  runWith(undefined, host.loop.postTask, undefined, [() => {
    scheduled = false;
    running = true;
    position = 0;
    nextInbox();
  }]);
}

function nextInbox() {
  const index = pending.findIndex(({ number }) => number > position);
  if (index === -1) {
    running = false;
    current = undefined;
    schedule();
    return;
  }
  const [inbox] = pending.splice(index, 1);
  position = inbox.number;
  current = inbox;
  const batch = Number(host.loop.policy('port_batch'));
  deliverFrom(inbox, batch === 1 ? 1 : Math.max(inbox.length, batch));
}

// One callback of the loop for one message.
function deliverFrom(inbox, left) {
  if (left === 0 || !inbox.hasWork()) {
    inbox.settle();
    nextInbox();
    return;
  }
  host.loop.continueTask(() => deliverFrom(inbox, left - 1));
  inbox.deliverNext();
}

// ---- The queue of one receiver ----------------------------------------------------------------

class Inbox {
  #queue = new Fifo();
  #awake = false;
  #ready;
  #deliver;
  // The async context in which the receiver came to this loop; its listeners are called in it.
  #frame;

  // `ready(message)` says whether the receiver takes its next message now; `deliver(message)` hands it over.
  constructor(ready, deliver) {
    this.#ready = ready;
    this.#deliver = deliver;
    this.renew();
  }

  // Takes the last place in the order, and the async context of the moment, as a new handle does.
  renew() {
    this.number = ++created;
    this.#frame = host.context.frame;
  }

  get length() { return this.#queue.length; }

  // Whether this is the inbox's turn in a wake-up.
  get delivering() { return current === this; }

  peek() { return this.#queue.peek(); }

  shift() { return this.#queue.shift(); }

  clear() { this.#queue.drain(); }

  push(message) {
    this.#queue.push(message);
    this.wake();
  }

  hasWork() { return this.#queue.length > 0 && this.#ready(this.#queue.peek()); }

  deliverNext() { runWith(this.#frame, this.#deliver, undefined, [this.#queue.shift()]); }

  // To be called whenever the receiver may have become ready.
  wake() {
    if (this.#awake || !this.hasWork()) return;
    this.#awake = true;
    makePending(this);
  }

  // Its turn is over; what is left waits for the next wake-up.
  settle() {
    this.#awake = false;
    this.wake();
  }
}

module.exports = { Inbox };
