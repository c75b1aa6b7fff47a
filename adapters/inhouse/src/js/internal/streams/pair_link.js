'use strict';
// A Duplex in front of other streams: what is written goes into `head`, what is read comes from
// `tail`. compose() uses the first half, Duplex.from() both.

// Writes to a Node stream: acknowledged at once while it has room, otherwise with its 'drain'.
function linkWritable(duplex, head, waits) {
  duplex._write = (chunk, encoding, callback) => {
    if (head.write(chunk, encoding)) callback();
    else waits.drain = callback;
  };
  duplex._final = (callback) => {
    head.end();
    waits.finish = callback;
  };
  head.on('drain', () => wake(waits, 'drain'));
}

// Reads from a Node stream, as far as the duplex has room.
function linkReadable(duplex, tail, waits) {
  tail.on('readable', () => wake(waits, 'readable'));
  tail.on('end', () => duplex.push(null));
  duplex._read = () => {
    for (;;) {
      const chunk = tail.read();
      if (chunk === null) {
        waits.readable = duplex._read;
        return;
      }
      if (!duplex.push(chunk)) return;
    }
  };
}

// Calls what waits for the event, once.
function wake(waits, event, ...args) {
  const waiting = waits[event];
  waits[event] = null;
  waiting?.(...args);
}

module.exports = { linkWritable, linkReadable, wake };
