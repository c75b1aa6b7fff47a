'use strict';
// `dns.Resolver`: questions to name servers over UDP, without the thread pool. Authority: https://nodejs.org/api/dns.html#class-dnsresolver

const { TYPES, encodeQuery, decodeAnswer } = require('internal/dns/message');
const { codes, define } = require('internal/errors');
const { isIP } = require('internal/net/address');
const { Timeout, clear } = require('internal/timers');
const validate = require('internal/validate');

define('ERR_INVALID_IP_ADDRESS', TypeError, (address) => `Invalid IP address: ${address}`);

const SYSCALLS = { A: 'queryA', AAAA: 'queryAaaa', CNAME: 'queryCname', MX: 'queryMx', NS: 'queryNs', PTR: 'queryPtr', SOA: 'querySoa',
  SRV: 'querySrv', TXT: 'queryTxt', ANY: 'queryAny' };
const PORT = 53;

function failure(code, syscall, hostname) {
  const error = new Error(`${syscall} E${code} ${hostname}`);
  return Object.assign(error, { errno: undefined, code: `E${code}`, syscall, hostname });
}

// The servers that the system asks.
function systemServers() {
  let text = '';
  try {
    text = require('fs').readFileSync('/etc/resolv.conf', 'utf8');
  } catch {
    // Without the file the machine asks itself, as the C library does.
  }
  const found = [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, address]) => address).filter((address) => isIP(address) !== 0);
  return found.length > 0 ? found : ['127.0.0.1'];
}

function parseServer(server) {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(server) ?? /^([\d.]+)(?::(\d+))?$/.exec(server);
  const [address, port] = bracketed === null ? [server, undefined] : [bracketed[1], bracketed[2]];
  if (isIP(address) === 0) throw new codes.ERR_INVALID_IP_ADDRESS(server);
  return { address, port: port === undefined ? PORT : Number(port) };
}

class Resolver {
  #servers;
  #timeout;
  #tries;
  #pending = new Set();

  constructor(options = {}) {
    const { timeout = -1, tries = 4 } = options ?? {};
    validate.integer(timeout, 'options.timeout', -1, 2 ** 31 - 1);
    validate.integer(tries, 'options.tries', 1);
    this.#timeout = timeout < 0 ? 2000 : timeout;
    this.#tries = tries;
  }

  get #asked() { return (this.#servers ??= systemServers().map(parseServer)); }

  getServers() {
    return this.#asked.map(({ address, port }) => {
      if (port === PORT) return address;
      return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
    });
  }

  setServers(servers) {
    validate.array(servers, 'servers');
    for (const [i, server] of servers.entries()) validate.string(server, `servers[${i}]`);
    this.#servers = servers.map(parseServer);
  }

  cancel() {
    for (const stop of [...this.#pending]) stop('CANCELLED');
  }

  resolve(hostname, given, last) {
    const [type, callback] = typeof given === 'string' ? [given, last] : ['A', typeof given === 'function' ? given : last];
    if (SYSCALLS[type] === undefined) throw new codes.ERR_INVALID_ARG_VALUE('rrtype', type);
    return this.#query(type, hostname, undefined, callback);
  }

  reverse(ip, callback) {
    const family = isIP(ip);
    if (family === 0) throw failure('INVAL', 'getHostByAddr', ip);
    const name = family === 4 ? `${ip.split('.').reverse().join('.')}.in-addr.arpa` : `${expand(ip).reverse().join('.')}.ip6.arpa`;
    return this.#query('PTR', name, undefined, callback);
  }

  #query(type, hostname, options, callback) {
    validate.string(hostname, 'name');
    validate.func(callback, 'callback');
    const id = Math.floor(host.clock.random() * 0x10000);
    const query = encodeQuery(id, hostname, type);
    const syscall = SYSCALLS[type];
    if (query === undefined) {
      process.nextTick(callback, failure('BADNAME', syscall, hostname));
      return {};
    }
    this.#ask(query, id, (code, answers) => {
      const wanted = (answers ?? []).filter((answer) => answer.type === TYPES[type]);
      if (code !== undefined) callback(failure(code, syscall, hostname));
      else if (wanted.length === 0) callback(failure('NODATA', syscall, hostname));
      else callback(null, shape(type, wanted, options));
    });
    return {};
  }

  // Asks one server after the other, each so often, until one answers.
  #ask(query, id, done) {
    const servers = this.#asked;
    const { createSocket } = require('dgram');
    let round = 0;
    let socket;
    let timer;
    const stop = (code, answers) => {
      clear(timer);
      this.#pending.delete(stop);
      socket?.close();
      done(code, answers);
    };
    const attempt = () => {
      if (round === servers.length * this.#tries) {
        stop('TIMEOUT');
        return;
      }
      const { address, port } = servers[round++ % servers.length];
      socket?.close();
      socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
      const again = () => {
        clear(timer);
        attempt();
      };
      socket.on('error', () => (round === servers.length * this.#tries ? stop('CONNREFUSED') : again()));
      socket.on('message', (bytes) => {
        let message;
        try {
          message = decodeAnswer(bytes);
        } catch {
          stop('BADRESP');
          return;
        }
        if (message.id === id) stop(message.code, message.answers);
      });
      socket.connect(port, address, (error) => {
        if (error) again();
        else socket.send(query);
      });
      timer = new Timeout(again, this.#timeout, undefined, false);
    };
    this.#pending.add(stop);
    attempt();
  }

  static {
    for (const [name, type] of [['resolve4', 'A'], ['resolve6', 'AAAA'], ['resolveCname', 'CNAME'], ['resolveMx', 'MX'], ['resolveNs', 'NS'],
      ['resolvePtr', 'PTR'], ['resolveSoa', 'SOA'], ['resolveSrv', 'SRV'], ['resolveTxt', 'TXT']]) {
      const method = {
        [name](hostname, options, callback) {
          return typeof options === 'function' ? this.#query(type, hostname, undefined, options) : this.#query(type, hostname, options, callback);
        },
      }[name];
      Object.defineProperty(this.prototype, name, { value: method, writable: true, configurable: true });
    }
  }
}

function shape(type, answers, options) {
  if (type === 'SOA') return answers[0].data;
  if ((type === 'A' || type === 'AAAA') && options?.ttl) return answers.map(({ data, ttl }) => ({ address: data, ttl }));
  return answers.map(({ data }) => data);
}

// The 32 digits of an IPv6 address.
function expand(ip) {
  const [head, tail = ''] = ip.split('::');
  const groups = (text) => text.split(':').filter(Boolean);
  const middle = ip.includes('::') ? Array(8 - groups(head).length - groups(tail).length).fill('0') : [];
  return [...groups(head), ...middle, ...groups(tail)].flatMap((group) => [...group.padStart(4, '0')]);
}

const METHODS = ['resolve', 'resolve4', 'resolve6', 'resolveCname', 'resolveMx', 'resolveNs', 'resolvePtr', 'resolveSoa', 'resolveSrv',
  'resolveTxt', 'reverse'];

module.exports = { Resolver, METHODS };
