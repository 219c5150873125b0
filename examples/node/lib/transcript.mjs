// Transcripts: what two peers sent and when, as records that a replay or a measurement feeds.

import { native } from './native.mjs';

const SIDES = { client: native.CLIENT, server: native.SERVER };
const NEWLINE = 0x0a;

/** The records of a transcript, in order: `{word, side, mono, bytes}`. */
export function* records(data) {
  let at = 0;
  for (let line = 1; at < data.length; line += 1) {
    const wrong = (what) => new Error(`record ${line}, at byte ${at}: ${what}`);
    const end = data.indexOf(NEWLINE, at);
    if (end < 0) throw wrong('its line does not end');
    const [word, ...fields] = data.toString('latin1', at, end).split(' ');
    const side = SIDES[fields[0]];
    const numbers = (word === 'tick' ? fields : fields.slice(1)).map(Number);
    const wanted = { recv: 2, close: 1, tick: 1 }[word];
    if (wanted === undefined) throw wrong('it is no record');
    if (word !== 'tick' && side === undefined) throw wrong('there is no such side');
    if (numbers.length !== wanted || !numbers.every(Number.isSafeInteger)) {
      throw wrong('its numbers are wrong');
    }
    const [mono, length] = numbers;
    let next = end + 1;
    let bytes;
    if (word === 'recv') {
      bytes = data.subarray(next, next + length);
      next += length + 1;
      if (data[next - 1] !== NEWLINE) throw wrong('no newline stands behind its bytes');
    }
    yield { word, side, mono, bytes };
    at = next;
  }
}
