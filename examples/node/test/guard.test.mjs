// The pair of streams.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Readable, Writable } from 'node:stream';

import * as portcullis from '../index.mjs';
import { CLIENT, call, line, parsed, request, result, secret } from './support.mjs';

const { createGuard } = portcullis;

/** Rest: all that the streams put off until later has happened. */
const rest = async () => {
  for (let turn = 0; turn < 8; turn += 1) await new Promise(setImmediate);
};

/** The next message that comes out of a stream. */
async function message(stream) {
  for (;;) {
    const bytes = stream.read();
    if (bytes !== null) return parsed(bytes)[0];
    await once(stream, 'readable');
  }
}

test('frames go through both streams, in pieces of any size', async () => {
  for (const size of [1, 7, 100_000]) {
    const guard = createGuard();
    const asked = Buffer.concat([1, 2, 3].map((id) => call(id, 'x')));
    const answered = Buffer.concat([3, 1, 2].map((id) => result(id, { content: [] })));
    const cut = function* (bytes) {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    };
    Readable.from(cut(asked)).pipe(guard.toServer);
    assert.equal(await text(guard.toServer), asked.toString());
    Readable.from(cut(answered)).pipe(guard.toClient);
    assert.equal(await text(guard.toClient), answered.toString());
    guard.close();
  }
});

test('a refusal comes out at the client, and a secret does not', async () => {
  const guard = createGuard({ policy: { tools: { deny: ['rm'] } } });
  const leak = secret();
  guard.toServer.write(Buffer.concat([call(1, 'rm'), call(2, 'cat')]));
  assert.equal((await message(guard.toServer)).id, 2);
  assert.equal((await message(guard.toClient)).error.data.reason, 'tool_denied');
  guard.toClient.write(result(2, { content: [{ type: 'text', text: leak }] }));
  assert.ok(!JSON.stringify(await message(guard.toClient)).includes(leak));
  assert.equal(guard.metrics().edits, 1);
  guard.close();
});

test('a reader that does not read stops its writer, and no other', async () => {
  const guard = createGuard();
  const frame = line({ method: 'notifications/x', params: { text: 'x'.repeat(60_000) } });
  let written = 0;
  const next = () => guard.toServer.write(frame, (error) => {
    if (error) return;
    written += 1;
    next();
  });
  next();
  await rest();
  const held = written;
  // The stream, the engine, the stream again: each holds what its limit allows.
  assert.ok(held * frame.length < 1 << 20, `${held} frames were taken`);
  await rest();
  assert.equal(written, held);
  guard.toClient.write(result(1, {}));
  guard.toClient.write(line({ method: 'notifications/y' }));
  assert.equal((await message(guard.toClient)).method, 'notifications/y');
  guard.toServer.read();
  await rest();
  assert.ok(written > held);
  const read = guard.metrics().bytesIn[CLIENT];
  assert.ok(read >= held * frame.length);
  guard.close();
});

test('a client that does not read its refusals is read no further', async () => {
  const guard = createGuard({ policy: { tools: { deny: ['rm'] } } });
  guard.toServer.resume();
  const refused = Buffer.concat(Array.from({ length: 500 }, (_, at) => call(at, 'rm')));
  let written = 0;
  const next = () => guard.toServer.write(refused, (error) => {
    if (error) return;
    written += 1;
    next();
  });
  next();
  await rest();
  const held = written;
  assert.ok(held < 100);
  await rest();
  assert.equal(written, held);
  guard.toClient.resume();
  await rest();
  assert.ok(guard.metrics().refused[CLIENT] > 0);
  guard.close();
});

test('frames larger than every buffer of the streams go through', async () => {
  const guard = createGuard();
  const frame = line({ method: 'notifications/x', params: { text: 'x'.repeat(3 << 20) } });
  const got = [];
  const slow = new Writable({
    highWaterMark: 1,
    write: (bytes, _encoding, callback) => {
      got.push(Buffer.from(bytes));
      setImmediate(callback);
    },
  });
  await pipeline(Readable.from([frame, frame]), guard.toServer, slow);
  assert.ok(Buffer.concat(got).equals(Buffer.concat([frame, frame])));
  guard.close();
});

test('events are told before their bytes leave, and tickets are answered from within', async () => {
  const told = [];
  const guard = createGuard({
    policy: { tools: { ask: ['deploy'], deny: ['rm'] } },
    onEvent: (event) => {
      told.push(portcullis.reasonStr(event.reason));
      if (event.ticket !== 0n) assert.equal(guard.answer(event.ticket, true), true);
    },
  });
  guard.toServer.on('data', () => told.push('server'));
  guard.toClient.on('data', () => told.push('client'));
  guard.toServer.write(call(1, 'deploy'));
  await rest();
  guard.toServer.write(call(2, 'rm'));
  await rest();
  assert.deepEqual(told.filter((word) => word !== 'unknown'), [
    'approval_asked', 'server', 'tool_denied', 'client',
  ]);
  guard.close();
});

test('an error of onEvent ends both streams with it', async () => {
  const guard = createGuard({ onEvent: () => { throw new Error('the log is full'); } });
  const ends = [guard.toServer, guard.toClient].map((stream) => once(stream, 'error'));
  guard.toServer.write(request(1, 'ping'));
  for (const [error] of await Promise.all(ends)) assert.equal(error.message, 'the log is full');
});

test('noise goes to a stream of its own, and holds nothing up if nobody reads it', async () => {
  const guard = createGuard();
  guard.toClient.resume();
  for (let round = 0; round < 100; round += 1) {
    if (!guard.toClient.write('noise '.repeat(5_000) + '\n')) await once(guard.toClient, 'drain');
  }
  assert.ok(guard.metrics().noiseBytesDropped > 0);
  guard.noise.resume();
  await once(guard.noise, 'data');
  guard.close();
});

test('a server that ends first leaves the client its answers, and then ends it', async () => {
  const guard = createGuard();
  guard.toServer.resume();
  guard.toServer.write(call(1, 'x'));
  await rest();
  guard.toClient.end();
  const [answer] = parsed(Buffer.from(await text(guard.toClient)));
  assert.equal(answer.error.data.reason, 'server_exited');
  await rest();
  assert.equal(guard.toServer.readableEnded, true);
});

test('a drain refuses what is new; policies are exchanged at work', async () => {
  const guard = createGuard();
  guard.swapPolicy({ tools: { deny: ['rm'] } });
  guard.toServer.write(call(1, 'rm'));
  assert.equal((await message(guard.toClient)).error.data.reason, 'tool_denied');
  guard.toServer.write(call(2, 'slow'));
  assert.equal((await message(guard.toServer)).id, 2);
  guard.drain(60_000);
  guard.toServer.write(call(3, 'ls'));
  assert.equal((await message(guard.toClient)).error.data.reason, 'draining');
  guard.toClient.write(result(2, {}));
  assert.equal((await message(guard.toClient)).id, 2);
  guard.close();
});

test('a drain with nothing open ends both streams, and what comes then is dropped', async () => {
  const guard = createGuard();
  const streams = [guard.toServer, guard.toClient];
  const ends = streams.map((stream) => once(stream.resume(), 'end'));
  guard.drain(60_000);
  await Promise.all(ends);
  for (let round = 0; round < 10; round += 1) guard.toServer.write(call(round, 'late'));
  guard.toServer.end();
  await once(guard.toServer, 'close');
  guard.close();
});

test('a deadline is kept by a timer', async () => {
  const guard = createGuard({ policy: { requests: { timeout_ms: 1 } } });
  guard.toServer.write(call(1, 'slow'));
  assert.equal((await message(guard.toServer)).id, 1);
  // The guard's timers keep no process alive; this one does.
  const alive = setInterval(() => {}, 1_000);
  assert.equal((await message(guard.toClient)).error.data.reason, 'timeout');
  clearInterval(alive);
  guard.close();
});

test('a destroyed stream is a peer that has gone', async () => {
  const guard = createGuard();
  guard.toServer.write(call(1, 'x'));
  assert.equal((await message(guard.toServer)).id, 1);
  guard.toClient.resume();
  guard.toClient.destroy();
  await once(guard.toClient, 'close');
  guard.toServer.destroy();
  await once(guard.toServer, 'close');
  assert.throws(() => guard.metrics(), { code: 'ERR_PORTCULLIS_CLOSED' });
});

test('events that nobody collects are not asked for', () => {
  assert.throws(() => createGuard({ wanted: portcullis.WANT_ALL }), TypeError);
});
