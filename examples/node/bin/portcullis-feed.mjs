#!/usr/bin/env node
// Measures the streams: portcullis-feed TRANSCRIPT, and a line on standard input for each run.

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { CLIENT, createGuard, Ledger, Policy } from '../index.mjs';
import { records } from '../lib/transcript.mjs';

const PIECE_BYTES = 64 << 10;

/** The transcript in pieces as a pipe would bring them. */
function* pieces(transcript) {
  for (const { word, side, bytes } of records(transcript)) {
    if (word !== 'recv') throw new Error('a feed has recv records only');
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      yield { side, bytes: bytes.subarray(at, at + PIECE_BYTES) };
    }
  }
}

/** Writes; a promise if not all was taken at once, since the order of the sides is to be kept. */
function write(stream, bytes) {
  let resolve;
  stream.write(bytes, () => resolve?.());
  if (stream.writableLength === 0) return undefined;
  return new Promise((given) => {
    resolve = given;
  });
}

/** What the process has computed so far, on all threads, in nanoseconds. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
}

/** Feeds all pieces to a fresh guard; nanoseconds that went by, and of processor time. */
async function feed(policy, all) {
  const ledger = new Ledger();
  const computed = processorTime();
  const begun = process.hrtime.bigint();
  const guard = createGuard({ policy, ledger });
  guard.toServer.resume();
  guard.toClient.resume();
  for (const { side, bytes } of all) {
    const written = write(side === CLIENT ? guard.toServer : guard.toClient, bytes);
    if (written !== undefined) await written;
  }
  const spent = `${process.hrtime.bigint() - begun} ${processorTime() - computed}`;
  const { bytesIn } = guard.metrics();
  const total = all.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (bytesIn[0] + bytesIn[1] !== total) throw new Error('not every byte was taken');
  guard.close();
  ledger.close();
  return spent;
}

if (process.argv.length !== 3) {
  console.error('Usage: portcullis-feed TRANSCRIPT');
  process.exit(2);
}
const policy = new Policy();
const all = [...pieces(readFileSync(process.argv[2]))];
for await (const _line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${await feed(policy, all)}\n`);
}
