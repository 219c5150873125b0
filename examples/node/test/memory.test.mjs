// What is forgotten is collected, and threads have nothing in common.

import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { Engine, Finder, Ledger, Policy, Redactor } from '../index.mjs';
import { native } from '../lib/native.mjs';
import { CLIENT, call } from './support.mjs';

/** Collects until no more than so many handles are left, or for good. */
async function collected(most) {
  for (let round = 0; round < 50 && native.handles() > most; round += 1) {
    globalThis.gc();
    await setImmediate();
  }
  return native.handles() <= most;
}

test('handles that nobody closes are freed by the collector', async () => {
  assert.equal(typeof globalThis.gc, 'function', 'run with --expose-gc');
  const before = native.handles();
  const forget = () => {
    const policy = new Policy();
    const ledger = new Ledger();
    for (let count = 0; count < 20; count += 1) {
      new Engine(policy, { ledger }).recvCopy(CLIENT, call(1, 'x'), 0, 0);
      new Finder(policy);
      new Redactor(policy);
    }
  };
  forget();
  assert.equal(native.handles(), before + 62);
  assert.ok(await collected(before));
});

test('a closed handle is free at once, and its ledger with the last engine', () => {
  const before = native.handles();
  const policy = new Policy();
  const ledger = new Ledger();
  const engine = new Engine(policy, { ledger });
  policy.close();
  ledger.close();
  assert.equal(native.handles(), before + 2);
  engine.close();
  assert.equal(native.handles(), before);
});

test('the collector is told of the memory behind its objects', () => {
  const policies = Array.from({ length: 8 }, () => new Policy());
  const before = native.externalMemory();
  for (const policy of policies) policy.close();
  assert.equal(before - native.externalMemory(), 8 << 20);
});

test('workers load the addon, use it, and leave with handles open', async () => {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData.index).then(({ Engine, Policy, Ledger, CLIENT, SERVER, handles }) => {
      const engine = new Engine(new Policy(), { ledger: new Ledger() });
      engine.recvCopy(CLIENT, Buffer.from(workerData.frame), 0, 0);
      parentPort.postMessage(engine.take(SERVER).toString());
    });`;
  const frame = call(1, 'x').toString();
  const index = new URL('../index.mjs', import.meta.url).href;
  const before = native.handles();
  const work = () => new Promise((resolve, reject) => {
    const worker = new Worker(source, { eval: true, workerData: { index, frame } });
    let got;
    worker.on('message', (text) => { got = text; });
    worker.on('error', reject);
    worker.on('exit', (code) => resolve([code, got]));
  });
  for (let round = 0; round < 3; round += 1) {
    const ends = await Promise.all([work(), work()]);
    assert.deepEqual(ends, [[0, frame], [0, frame]]);
  }
  assert.ok(native.handles() <= before);
});
