// The three programs, as others start them.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { call, line, parsed, request, result } from './support.mjs';

const program = (name) => fileURLToPath(new URL(`../bin/portcullis-${name}.mjs`, import.meta.url));
const run = (name, args, input = '') =>
  spawnSync(process.execPath, [program(name), ...args], { input, timeout: 20_000 });

/** A directory for one test. */
function scratch(t) {
  const path = mkdtempSync(join(tmpdir(), 'portcullis-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

const ECHO = `
process.stdin.on('data', (bytes) => {
  for (const text of bytes.toString().split('\\n').filter(Boolean)) {
    const { id, method } = JSON.parse(text);
    if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, result: { method } }));
  }
}).on('end', () => process.exit(3));`;

test('the proxy guards a server, and ends with its status', (t) => {
  const policy = join(scratch(t), 'policy.json');
  writeFileSync(policy, '{"tools": {"deny": ["rm"]}}');
  const input = Buffer.concat([request(1, 'ping'), call(2, 'rm'), call(3, 'ls')]);
  const args = ['--policy', policy, '--', process.execPath, '-e', ECHO];
  const { status, stdout } = run('proxy', args, input);
  assert.equal(status, 3);
  const answers = new Map(parsed(stdout).map((message) => [message.id, message]));
  assert.deepEqual(answers.get(1).result, { method: 'ping' });
  assert.equal(answers.get(2).error.data.reason, 'tool_denied');
  assert.deepEqual(answers.get(3).result, { method: 'tools/call' });
});

test('the proxy says why it ends', (t) => {
  const asked = request(1, 'ping');
  const directory = scratch(t);
  const policy = join(directory, 'policy.json');
  writeFileSync(policy, '{"nothing": 1}');
  const bad = run('proxy', ['--policy', policy, 'cat'], asked);
  assert.equal(bad.status, 125);
  assert.ok(bad.stderr.includes(policy) && bad.stderr.includes('nothing'));
  const missing = run('proxy', ['--', join(directory, 'nothing')], asked);
  assert.equal(missing.status, 127);
  assert.equal(parsed(missing.stdout)[0].error.data.reason, 'server_exited');
  assert.equal(run('proxy', [policy], asked).status, 126);
  assert.equal(run('proxy', ['sh', '-c', 'read -r _; kill -9 $$'], asked).status, 137);
  assert.equal(run('proxy', ['false']).status, 1);
  assert.equal(run('proxy', ['--help']).status, 0);
  assert.equal(run('proxy', []).status, 2);
  assert.equal(run('proxy', ['--nothing', 'cat']).status, 2);
});

test('nothing of the server outlives a proxy that is killed', async () => {
  // It ignores the end of its input and SIGTERM, has a child, and says both numbers.
  const stubborn = 'trap "" TERM; read -r _; sleep 600 & echo "$$ $!" >&2; wait';
  const proxy = spawn(process.execPath, [program('proxy'), '--', 'sh', '-c', stubborn]);
  proxy.stdin.write(request(1, 'ping'));
  const [said] = await once(proxy.stderr, 'data');
  const numbers = said.toString().trim().split(' ').map(Number);
  assert.equal(numbers.length, 2);
  // Its standard error is at an end when nobody holds the pipe any more.
  proxy.kill('SIGKILL');
  await once(proxy, 'exit');
  const lives = (pid) => {
    try {
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };
  while (numbers.some(lives)) await new Promise(setImmediate);
});

test('SIGTERM ends a session in order', async () => {
  const proxy = spawn(process.execPath, [program('proxy'), '--', process.execPath, '-e', ECHO]);
  proxy.stdin.write(request(1, 'ping'));
  await once(proxy.stdout, 'data');
  proxy.kill('SIGTERM');
  const [status] = await once(proxy, 'exit');
  assert.equal(status, 3);
});

/** A transcript of these records. */
const transcript = (records) => Buffer.concat(records.map(([word, ...rest]) => {
  if (word !== 'recv') return Buffer.from(`${[word, ...rest].join(' ')}\n`);
  const [side, mono, bytes] = rest;
  const head = Buffer.from(`recv ${side} ${mono} ${bytes.length}\n`);
  return Buffer.concat([head, bytes, Buffer.from('\n')]);
}));

test('a replay writes what each receiver got, and the events', (t) => {
  const directory = scratch(t);
  const path = (name) => join(directory, name);
  writeFileSync(path('policy'), '{"tools": {"ask": ["x"]}, "requests": {"timeout_ms": 50}}');
  writeFileSync(path('transcript'), transcript([
    ['recv', 'client', 1, Buffer.concat([call(1, 'x'), call(2, 'x'), call(3, 'y')])],
    ['recv', 'server', 2, Buffer.concat([result(1, {}), Buffer.from('noise\n')])],
    ['tick', 60],
    ['close', 'client', 61],
    ['close', 'server', 62],
  ]));
  const { status, stderr } = run('replay', [path('policy'), path('transcript'), path('out')]);
  assert.equal(status, 0, stderr.toString());
  const out = (name) => readFileSync(path(`out/${name}`), 'utf8');
  assert.deepEqual(parsed(out('server')).map(({ id }) => id), [3, 1, undefined]);
  assert.deepEqual(parsed(out('client')).map(({ id, error }) => [id, error?.data.reason]), [
    [2, 'approval_denied'], [1, undefined], [3, 'timeout'],
  ]);
  assert.equal(out('noise'), 'noise\n');
  const events = out('events').trimEnd().split('\n').map((text) => text.split('\t'));
  assert.ok(events.every((fields) => fields.length === 19));
  assert.deepEqual(events[0].slice(0, 2), ['lifecycle', 'client']);
  const name = Buffer.from('replay').toString('hex');
  assert.ok(events.slice(2).every((fields) => fields[6] === name));
});

test('a replay names the record that is wrong', (t) => {
  const path = join(scratch(t), 'transcript');
  const wrongs = ['jump 1\n', 'recv nobody 1 1\nx\n', 'recv client 1 9\nx\n', 'tick x\n', 'tick 1'];
  for (const wrong of wrongs) {
    writeFileSync(path, `tick 1\n${wrong}`);
    const { status, stderr } = run('replay', ['/dev/null', path, join(path, 'out')]);
    assert.equal(status, 1);
    assert.match(stderr.toString(), /record 2, at byte 7/);
  }
});

test('a feed takes every byte, as often as it is asked', (t) => {
  const path = join(scratch(t), 'transcript');
  const frame = line({ method: 'notifications/x', params: { text: 'x'.repeat(200_000) } });
  writeFileSync(path, transcript([
    ['recv', 'client', 1, frame], ['recv', 'server', 2, Buffer.concat([frame, frame])],
  ]));
  const { status, stdout } = run('feed', [path], '\n\n');
  assert.equal(status, 0);
  assert.match(stdout.toString(), /^\d+ \d+\n\d+ \d+\n$/);
});
