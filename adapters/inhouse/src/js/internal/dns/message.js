'use strict';
// Messages of the Domain Name System. Authority: RFC 1035, sections 3 and 4.

const { Buffer } = require('buffer');

const TYPES = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, NAPTR: 35, CAA: 257, ANY: 255 };
const RCODES = ['NODATA', 'FORMERR', 'SERVFAIL', 'NOTFOUND', 'NOTIMP', 'REFUSED'];
const MAX_JUMPS = 64;

function encodeName(name) {
  const labels = name.replace(/\.$/, '').split('.');
  const parts = [];
  for (const label of labels) {
    const bytes = Buffer.from(label);
    if (bytes.length === 0 || bytes.length > 63) return undefined;
    parts.push(Buffer.from([bytes.length]), bytes);
  }
  return Buffer.concat([...parts, Buffer.from([0])]);
}

// A recursive query; undefined if the name cannot be one.
function encodeQuery(id, name, type) {
  const encoded = encodeName(name);
  if (encoded === undefined) return undefined;
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(0x0100, 2);
  head.writeUInt16BE(1, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt16BE(TYPES[type], 0);
  tail.writeUInt16BE(1, 2);
  return Buffer.concat([head, encoded, tail]);
}

function readName(bytes, start) {
  const labels = [];
  let at = start;
  let end;
  for (let jumps = 0; jumps < MAX_JUMPS;) {
    const length = bytes.readUInt8(at);
    if (length >= 0xc0) {
      end ??= at + 2;
      at = bytes.readUInt16BE(at) & 0x3fff;
      jumps++;
    } else if (length === 0) {
      return { name: labels.join('.'), end: end ?? at + 1 };
    } else {
      labels.push(bytes.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
  }
  throw new RangeError('a name points to itself');
}

function readText(bytes, start, end) {
  const texts = [];
  for (let at = start; at < end;) {
    const length = bytes.readUInt8(at);
    texts.push(bytes.toString('utf8', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return texts;
}

function readData(type, bytes, at, end) {
  switch (type) {
    case TYPES.A: return [...bytes.subarray(at, end)].join('.');
    case TYPES.AAAA: {
      const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(at + 2 * i).toString(16));
      return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
    }
    case TYPES.NS: case TYPES.CNAME: case TYPES.PTR: return readName(bytes, at).name;
    case TYPES.MX: return { exchange: readName(bytes, at + 2).name, priority: bytes.readUInt16BE(at), type: 'MX' };
    case TYPES.TXT: return readText(bytes, at, end);
    case TYPES.SRV: {
      const [priority, weight, port] = [0, 2, 4].map((offset) => bytes.readUInt16BE(at + offset));
      return { name: readName(bytes, at + 6).name, port, priority, weight };
    }
    case TYPES.SOA: {
      const nsname = readName(bytes, at);
      const hostmaster = readName(bytes, nsname.end);
      const [serial, refresh, retry, expire, minttl] = [0, 4, 8, 12, 16].map((offset) => bytes.readUInt32BE(hostmaster.end + offset));
      return { nsname: nsname.name, hostmaster: hostmaster.name, serial, refresh, retry, expire, minttl };
    }
    default: return undefined;
  }
}

// { id, code, answers: [{ type, ttl, data }] }; `code` is undefined if the server has answered. Throws for what is no message.
function decodeAnswer(bytes) {
  const [id, flags, questions, count] = [0, 2, 4, 6].map((offset) => bytes.readUInt16BE(offset));
  let at = 12;
  for (let i = 0; i < questions; i++) at = readName(bytes, at).end + 4;
  const answers = [];
  for (let i = 0; i < count; i++) {
    at = readName(bytes, at).end;
    const type = bytes.readUInt16BE(at);
    const ttl = bytes.readUInt32BE(at + 4);
    const start = at + 10;
    at = start + bytes.readUInt16BE(at + 8);
    if (at > bytes.length) throw new RangeError('a record ends behind the message');
    answers.push({ type, ttl, data: readData(type, bytes, start, at) });
  }
  const status = flags & 15;
  return { id, code: status === 0 ? undefined : RCODES[status] ?? 'SERVFAIL', answers };
}

module.exports = { TYPES, encodeQuery, decodeAnswer };
