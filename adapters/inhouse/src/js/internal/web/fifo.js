'use strict';
// A first-in, first-out queue whose `shift` costs constant time however long it grows (an array's moves every element).

const { isolate } = require('internal/web/promises');

class Fifo {
  constructor() {
    this.items = [];
    this.head = 0;
  }

  get length() { return this.items.length - this.head; }

  push(item) { this.items.push(item); }

  peek() { return this.items[this.head]; }

  shift() {
    const { items, head } = this;
    const item = items[head];
    items[head] = undefined; // lets the item be collected before the array is compacted
    this.head = head + 1;
    if (this.head === items.length) {
      this.items = [];
      this.head = 0;
    } else if (this.head > 1024 && this.head * 2 > items.length) {
      this.items = items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  // Empties the queue and gives what it held, in order.
  drain() {
    const rest = this.head === 0 ? this.items : this.items.slice(this.head);
    this.items = [];
    this.head = 0;
    return rest;
  }
}

isolate(Fifo);

module.exports = { Fifo };
