// What several tests need. Time is a number here; nothing sleeps.

import { CLIENT, Engine, Finder, NOISE, Policy, SERVER } from '../index.mjs';

export const WALL_MS = 1_795_000_000_000;

export const line = (message) => Buffer.from(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
export const request = (id, method, params) => line({ id, method, params });
export const call = (id, name, args = {}) => request(id, 'tools/call', { name, arguments: args });
export const result = (id, value) => line({ id, result: value });
export const parsed = (bytes) =>
  bytes.toString().split('\n').filter(Boolean).map((text) => JSON.parse(text));

/** A secret that exists nowhere else, and the text that it stands in. */
export function secret(name = 'github-classic-pat', seed = 7) {
  const policy = new Policy();
  const finder = new Finder(policy);
  const rule = policy.rules().find((known) => known.name === name);
  const { text, start, end } = finder.example(rule.id, seed);
  finder.close();
  policy.close();
  return Buffer.from(text).subarray(start, end).toString();
}

/** An engine with a clock that tests move. */
export class World {
  now = 0;

  constructor(config, options = {}) {
    this.policy = new Policy(config);
    this.engine = new Engine(this.policy, { ...options, monotonicMs: 0, wallMs: WALL_MS });
  }

  recv(from, bytes) {
    return this.engine.recvCopy(from, bytes, this.now, WALL_MS + this.now);
  }

  close(from) {
    this.engine.recvClose(from, this.now, WALL_MS + this.now);
  }

  tick(now) {
    this.now = now;
    this.engine.tick(now, WALL_MS + now);
  }

  taken(to) {
    const pieces = [];
    for (let bytes; (bytes = this.engine.take(to)) !== null;) pieces.push(bytes);
    return Buffer.concat(pieces);
  }

  events() {
    const all = [];
    for (let event; (event = this.engine.nextEvent()) !== null;) all.push(event);
    return all;
  }
}

export { CLIENT, NOISE, SERVER };
