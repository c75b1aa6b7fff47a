'use strict';
// Node's `os`, as far as programs about loops ask. Authority: https://nodejs.org/api/os.html

const { SIGNALS } = require('internal/signals');

const { system, arch, platform } = host.process;
const facts = (name) => system()[name];
const getter = (value) => Object.assign(() => value, { [Symbol.toPrimitive]: () => value });

function environment(name) {
  const value = require('process').env[name];
  return value === undefined || value === '' ? undefined : value;
}

function tmpdir() {
  const path = environment('TMPDIR') ?? environment('TMP') ?? environment('TEMP') ?? '/tmp';
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function userInfo() {
  const [uid, , gid] = host.process.ids();
  return { uid, gid, username: environment('USER') ?? `${uid}`, homedir: homedir(), shell: environment('SHELL') ?? null };
}

const homedir = () => environment('HOME') ?? '/';

function cpus() {
  const times = { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 };
  return Array.from({ length: facts('parallelism') }, () => ({ model: 'unknown', speed: 0, times: { ...times } }));
}

// The loopback interface alone: what else a machine has is no matter of a program that is compared with others.
function networkInterfaces() {
  const shared = { mac: '00:00:00:00:00:00', internal: true };
  const lo = [{ address: '127.0.0.1', netmask: '255.0.0.0', family: 'IPv4', ...shared, cidr: '127.0.0.1/8' }];
  if (host.process.simulated || require('fs').existsSync('/proc/net/if_inet6')) {
    const netmask = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';
    lo.push({ address: '::1', netmask, family: 'IPv6', ...shared, cidr: '::1/128', scopeid: 0 });
  }
  return { lo };
}

module.exports = {
  arch: getter(arch),
  availableParallelism: () => facts('parallelism'),
  constants: { signals: { ...SIGNALS } },
  cpus,
  devNull: '/dev/null',
  endianness: getter('LE'),
  EOL: '\n',
  freemem: () => facts('freeMemory'),
  homedir,
  hostname: () => facts('hostname'),
  loadavg: () => facts('load'),
  machine: getter(arch === 'x64' ? 'x86_64' : 'aarch64'),
  networkInterfaces,
  platform: getter(platform),
  release: () => facts('release'),
  tmpdir,
  totalmem: () => facts('totalMemory'),
  type: getter('Linux'),
  uptime: () => facts('uptime'),
  userInfo,
  version: () => facts('version'),
};
