#!/usr/bin/env node
// Replays a transcript: portcullis-replay POLICY.json TRANSCRIPT OUTDIR
//
// Writes OUTDIR/client, server and noise, the bytes for each receiver, and OUTDIR/events. All hosts
// of Portcullis write the same.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as portcullis from '../index.mjs';
import { records } from '../lib/transcript.mjs';

const { CLIENT, SERVER, NOISE } = portcullis;
const WALL_MS = 1_795_000_000_000;
const RECEIVERS = [CLIENT, SERVER, NOISE];

/** A label as hexadecimal digits, `~` if it is cut, `-` if it is empty. */
function label(text, isCut) {
  return `${Buffer.from(text).toString('hex')}${isCut ? '~' : ''}` || '-';
}

function eventLine(event) {
  return [
    portcullis.eventKindStr(event.kind),
    portcullis.receiverStr(event.from),
    portcullis.messageStr(event.message),
    event.reason === 0 ? '-' : portcullis.reasonStr(event.reason),
    event.code,
    event.session,
    label(event.server, event.serverCut),
    label(event.method, event.methodCut),
    label(event.tool, event.toolCut),
    label(event.rule, event.ruleCut),
    label(event.check, false),
    event.bytesIn,
    event.bytesOut,
    event.count,
    event.idDigest.toString(16).padStart(16, '0'),
    event.durationMs ?? '-',
    event.ticket,
    event.monotonicMs,
    event.wallMs,
  ].join('\t');
}

/** An engine and what came out of it. */
class Replay {
  out = [[], [], []];
  events = [];

  constructor(policy, ledger) {
    const options = { wanted: portcullis.WANT_ALL, ledger, monotonicMs: 0, wallMs: WALL_MS };
    this.engine = new portcullis.Engine(policy, options);
    this.engine.facts(CLIENT, 7, 'replay');
    this.engine.facts(SERVER, 7, 'replay');
    this.drain(0);
  }

  apply({ word, side, mono, bytes }) {
    if (word === 'recv') return this.recv(side, bytes, mono);
    if (word === 'close') this.engine.recvClose(side, mono, WALL_MS + mono);
    else this.engine.tick(mono, WALL_MS + mono);
    this.drain(mono);
  }

  recv(side, bytes, mono) {
    for (let at = 0; at < bytes.length;) {
      // As much as a read would bring: hosts that read into the loan hand over the same pieces.
      const piece = bytes.subarray(at, at + this.engine.recvSpace(side));
      const taken = this.engine.recvCopy(side, piece, mono, WALL_MS + mono);
      at += taken;
      if (!this.drain(mono) && taken === 0) throw new Error('the lane stands');
    }
  }

  /** Takes all that is ready until nothing moves; whether anything did. */
  drain(mono) {
    let any = false;
    for (let moved = true; moved;) {
      moved = false;
      for (const to of RECEIVERS) {
        for (let bytes; (bytes = this.engine.take(to)) !== null; moved = true) {
          this.out[to].push(bytes);
        }
      }
      for (let event; (event = this.engine.nextEvent()) !== null; moved = true) {
        this.events.push(`${eventLine(event)}\n`);
        this.decide(event.ticket, mono);
      }
      if (moved) this.engine.tick(mono, WALL_MS + mono);
      any ||= moved;
    }
    return any;
  }

  /** Odd tickets are approved. */
  decide(ticket, mono) {
    if (ticket === 0n) return;
    const { ANSWER_APPROVED, ANSWER_DENIED } = portcullis;
    const word = ticket % 2n === 1n ? ANSWER_APPROVED : ANSWER_DENIED;
    this.engine.answer(ticket, word, mono, WALL_MS + mono);
  }
}

const [policyPath, transcriptPath, directory] = process.argv.slice(2);
if (directory === undefined || process.argv.length !== 5) {
  console.error('Usage: portcullis-replay POLICY.json TRANSCRIPT OUTDIR');
  process.exit(2);
}
try {
  const policy = new portcullis.Policy(readFileSync(policyPath));
  const replay = new Replay(policy, new portcullis.Ledger());
  for (const record of records(readFileSync(transcriptPath))) replay.apply(record);
  mkdirSync(directory, { recursive: true });
  for (const to of RECEIVERS) {
    writeFileSync(join(directory, portcullis.receiverStr(to)), Buffer.concat(replay.out[to]));
  }
  writeFileSync(join(directory, 'events'), replay.events.join(''));
} catch (error) {
  console.error(`portcullis-replay: ${error.message}`);
  process.exit(1);
}
