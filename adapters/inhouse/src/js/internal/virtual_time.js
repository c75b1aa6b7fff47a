'use strict';
// In the simulated world the engine's own sources of time and chance follow the world's.

const RealDate = Date;

function VirtualDate(...args) {
  if (new.target === undefined) return new RealDate(host.clock.wall()).toString();
  return Reflect.construct(RealDate, args.length === 0 ? [host.clock.wall()] : args, new.target);
}

Object.defineProperties(VirtualDate, {
  name: { value: 'Date', configurable: true },
  length: { value: 7, configurable: true },
  prototype: { value: RealDate.prototype, writable: false },
  now: { value: { now() { return Math.floor(host.clock.wall()); } }.now, writable: true, configurable: true },
  parse: { value: RealDate.parse, writable: true, configurable: true },
  UTC: { value: RealDate.UTC, writable: true, configurable: true },
});
Object.defineProperty(RealDate.prototype, 'constructor', { value: VirtualDate, writable: true, configurable: true });
Object.defineProperty(globalThis, 'Date', { value: VirtualDate, writable: true, configurable: true });
Object.defineProperty(Math, 'random', { value: { random() { return host.clock.random(); } }.random, writable: true, configurable: true });
