// The verbs of an engine, through the addon.

import assert from 'node:assert/strict';
import test from 'node:test';

import * as portcullis from '../index.mjs';
import {
  CLIENT, NOISE, SERVER, World, call, line, parsed, request, result, secret,
} from './support.mjs';

const { Engine, Ledger, Policy } = portcullis;

test('clean frames pass as they came, in both directions', () => {
  const world = new World();
  const asked = Buffer.from('{"jsonrpc":"2.0", "id":1,"method":"tools/list","x":1e400}\r\n');
  const answered = result(1, { tools: [] });
  assert.equal(world.recv(CLIENT, asked), asked.length);
  assert.deepEqual(world.taken(SERVER), asked);
  world.recv(SERVER, answered);
  assert.deepEqual(world.taken(CLIENT), answered);
  assert.deepEqual(world.engine.metrics().passed, [1, 1]);
});

test('auth_token is cut out', () => {
  const digest = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b';
  const world = new World({ auth: { tokens: [{ name: 'me', sha256: digest }] } });
  world.recv(CLIENT, line({ id: 1, method: 'initialize', params: {}, auth_token: 'secret' }));
  assert.deepEqual(world.taken(SERVER), request(1, 'initialize', {}));
});

test('a leak is redacted, and its event holds no content', () => {
  const world = new World(undefined, { wanted: portcullis.WANT_ALL });
  const leak = secret();
  world.recv(CLIENT, call(1, 'read'));
  world.taken(SERVER);
  world.events();
  world.recv(SERVER, result(1, { content: [{ type: 'text', text: `it is ${leak}.` }] }));
  const out = world.taken(CLIENT).toString();
  assert.ok(!out.includes(leak));
  assert.match(out, /"it is \[.*\]\."/);
  const [event] = world.events();
  assert.equal(event.kind, portcullis.EVENT_CHANGED);
  assert.equal(event.reason, portcullis.REASON_REDACTED);
  assert.equal(event.tool, 'read');
  assert.equal(event.count, 1);
  assert.ok(!JSON.stringify(event, (_, value) => String(value)).includes(leak));
});

test('a refusal says why, and the session goes on', () => {
  const world = new World({ tools: { deny: ['rm'] } });
  world.recv(CLIENT, call(1, 'rm'));
  assert.equal(world.engine.take(SERVER), null);
  const [{ id, error }] = parsed(world.taken(CLIENT));
  assert.equal(id, 1);
  assert.equal(error.data.reason, 'tool_denied');
  assert.equal(error.code, portcullis.reasonCode(portcullis.REASON_TOOL_DENIED));
  assert.equal(error.message, portcullis.reasonMessage(portcullis.REASON_TOOL_DENIED));
  world.recv(CLIENT, call(2, 'ls'));
  assert.equal(parsed(world.taken(SERVER))[0].id, 2);
});

test('a ticket holds a call until it is answered', () => {
  const world = new World({ tools: { ask: ['deploy'] } }, { wanted: portcullis.WANT_ALL });
  world.recv(CLIENT, Buffer.concat([call(1, 'deploy'), call(2, 'deploy')]));
  assert.equal(world.engine.take(SERVER), null);
  const tickets = world.events().map((event) => event.ticket).filter((ticket) => ticket !== 0n);
  assert.equal(tickets.length, 2);
  const { ANSWER_APPROVED, ANSWER_DENIED, ANSWER_RESOLVED } = portcullis;
  const { message, ...question } = world.engine.question(tickets[0]);
  assert.deepEqual(question, { kind: portcullis.QUESTION_CALL, text: 'deploy' });
  assert.deepEqual(Buffer.concat([message, Buffer.from('\n')]), call(1, 'deploy'));
  assert.equal(world.engine.answer(tickets[0], ANSWER_APPROVED, 1, 1), true);
  assert.equal(world.engine.answer(tickets[1], ANSWER_DENIED, 1, 1), true);
  assert.equal(world.engine.answer(tickets[0], ANSWER_APPROVED, 1, 1), false);
  assert.equal(parsed(world.taken(SERVER))[0].id, 1);
  assert.equal(parsed(world.taken(CLIENT))[0].error.data.reason, 'approval_denied');
  assert.equal(world.engine.question(tickets[0]), null);
  assert.equal(world.engine.resolve(tickets[0], '/', 1, 1), false);
  world.recv(CLIENT, call(3, 'deploy'));
  const { ticket } = world.events().at(-1);
  const wrong = () => world.engine.answer(ticket, ANSWER_RESOLVED, 1, 1);
  assert.throws(wrong, { code: 'ERR_PORTCULLIS_BAD_NUMBER' });
  assert.equal(world.engine.resolve(ticket, '/tmp', 1, 1), true);
  assert.equal(parsed(world.taken(CLIENT))[0].error.data.reason, 'approval_denied');
});

test('paths and names are resolved, and judged by the rule that asked', () => {
  const world = new World({
    arguments: [
      { name: 'files', at: '/path', path: { roots: ['/srv'] }, resolve: true },
      { name: 'web', at: '/url', url: {}, resolve: true },
    ],
  }, { wanted: portcullis.WANT_LIFECYCLE | portcullis.WANT_REFUSED });
  const ask = (id, args) => {
    world.recv(CLIENT, line({ id, method: 'tools/call', params: { name: 'x', arguments: args } }));
    return world.events()[0].ticket;
  };
  const ticket = ask(1, { path: '/srv/a' });
  const asked = { kind: portcullis.QUESTION_PATH, text: '/srv/a', message: null };
  assert.deepEqual(world.engine.question(ticket), asked);
  assert.equal(world.engine.resolve(ticket, '/srv/b', 0, 0), true);
  assert.equal(parsed(world.taken(SERVER))[0].id, 1);
  for (const [args, text, reason, rule, check] of [
    [{ path: '/srv/a' }, '/etc/shadow', 'path_denied', 'files', 'denied-path'],
    [{ url: 'https://example.com/' }, '127.0.0.1', 'url_denied', 'web', 'loopback'],
    [{ url: 'https://example.com/' }, 'nowhere', 'undecided', 'web', 'answer'],
  ]) {
    world.engine.resolve(ask(2, args), text, 0, 0);
    assert.deepEqual(parsed(world.taken(CLIENT))[0].error.data, { reason, rule, check });
    const [event] = world.events();
    assert.deepEqual([event.rule, event.check], [rule, check]);
  }
});

test('what is told of a client decides', () => {
  const policy = {
    auth: { tokens: [{ name: 'me', token: 'SECRET-1-SECRET-1' }] },
    network: { addresses: { deny: [{ net: '192.0.2.0/24' }] }, origins: { hosts: ['mcp.example.com'] } },
  };
  const credential = portcullis.readCredential(portcullis.SOURCE_BEARER, 'Bearer SECRET-1-SECRET-1', 'Bearer');
  const good = {
    session: 7n, credential, source: portcullis.SOURCE_BEARER, address: '198.51.100.7', host: 'mcp.example.com',
  };
  for (const [change, reason] of [
    [{}, undefined],
    [{ credential: null }, 'auth_required'],
    [{ credential: 'SECRET-2' }, 'auth_failed'],
    [{ source: portcullis.SOURCE_QUERY }, 'credential_source'],
    [{ address: '192.0.2.7' }, 'address_denied'],
    [{ host: '' }, 'host_denied'],
  ]) {
    const world = new World(policy);
    world.engine.introduce(CLIENT, { ...good, ...change });
    world.recv(CLIENT, request(1, 'ping'));
    assert.equal(parsed(world.taken(CLIENT))[0]?.error.data.reason, reason);
  }
  const { engine } = new World(policy);
  const code = 'ERR_PORTCULLIS_BAD_NUMBER';
  assert.throws(() => engine.introduce(CLIENT, { address: 'nowhere' }), { code });
  assert.throws(() => engine.introduce(CLIENT, { source: 9 }), { code });
  assert.throws(() => engine.introduce(CLIENT, 'me'), TypeError);
  assert.throws(() => engine.introduce(CLIENT, { name: 7 }), TypeError);
  const closing = { get host() { engine.close(); return 'x'; } };
  assert.throws(() => engine.introduce(CLIENT, closing), { code: 'ERR_PORTCULLIS_CLOSED' });
  const { SOURCE_QUERY, SOURCE_MEMBER } = portcullis;
  assert.equal(portcullis.readCredential(SOURCE_QUERY, 'token=a&token=a', 'token'), null);
  assert.throws(() => portcullis.readCredential(SOURCE_MEMBER, 'x'), { code });
});

test('a ledger bans peers, and is as large as it was made', () => {
  const ledger = new Ledger(1);
  const peer = { user: 1000 };
  assert.equal(ledger.ban(peer, 1_000, 0, 0), 0);
  assert.equal(ledger.ban({ session: 9 }, 2_000, 0, 0), 1_000);
  assert.equal(ledger.banned(peer, 999, 0), 1);
  const ping = () => {
    const world = new World(undefined, { ledger });
    world.engine.introduce(CLIENT, peer);
    world.recv(CLIENT, request(1, 'ping'));
    return world;
  };
  assert.equal(parsed(ping().taken(CLIENT))[0].error.data.reason, 'locked_out');
  assert.deepEqual([ledger.liftBan(peer), ledger.liftBan(peer)], [true, false]);
  assert.notEqual(ping().engine.take(SERVER), null);
  ledger.forgetSession(0);
  const { bytes, bytesMax } = ledger.memory();
  assert.ok(bytes > 0 && bytes <= bytesMax);
  assert.throws(() => new Ledger(0), { code: 'ERR_PORTCULLIS_BAD_NUMBER' });
});

test('a policy is exchanged between two frames, and may be closed', () => {
  const world = new World();
  world.recv(CLIENT, call(1, 'rm'));
  assert.notEqual(world.engine.take(SERVER), null);
  const stricter = new Policy({ tools: { deny: ['rm'] } });
  world.engine.swapPolicy(stricter);
  stricter.close();
  world.policy.close();
  world.recv(CLIENT, call(2, 'rm'));
  assert.equal(world.engine.take(SERVER), null);
});

test('a drain refuses what is new, and at its end what is open', () => {
  const world = new World();
  world.recv(CLIENT, call(1, 'slow'));
  world.taken(SERVER);
  world.engine.beginDrain(0, 0, 1_500);
  world.recv(CLIENT, call(2, 'late'));
  const reason = () => parsed(world.taken(CLIENT)).map(({ id, error }) => [id, error.data.reason]);
  assert.deepEqual(reason(), [[2, 'draining']]);
  assert.deepEqual(world.engine.deadline(), { atMs: 1_500, wake: portcullis.WAKE_DRAIN });
  world.tick(1_500);
  assert.deepEqual(reason(), [[1, 'draining']]);
});

test('a request that is not answered ends at its deadline', () => {
  const world = new World({ requests: { timeout_ms: 250 } });
  world.recv(CLIENT, call(1, 'slow'));
  world.taken(SERVER);
  assert.deepEqual(world.engine.deadline(), { atMs: 250, wake: portcullis.WAKE_REQUEST });
  world.tick(249);
  assert.equal(world.engine.take(CLIENT), null);
  world.tick(250);
  assert.equal(parsed(world.taken(CLIENT))[0].error.data.reason, 'timeout');
  const next = world.engine.deadline();
  assert.ok(next === null || next.atMs > 250);
});

test('a session ends when both sides have closed and all has left', () => {
  const world = new World();
  world.recv(CLIENT, call(1, 'x'));
  world.close(CLIENT);
  assert.equal(world.engine.stalled(CLIENT), portcullis.STALL_RECEIVER);
  world.taken(SERVER);
  assert.equal(world.engine.stalled(CLIENT), portcullis.STALL_ENDED);
  assert.equal(world.engine.isFinished(), false);
  world.close(SERVER);
  assert.equal(parsed(world.taken(CLIENT))[0].error.data.reason, 'server_exited');
  assert.equal(world.engine.isFinished(), true);
});

test('a lane that stands takes nothing, and goes on when its receiver reads', () => {
  const world = new World();
  const frame = line({ method: 'notifications/x', params: { text: 'x'.repeat(60_000) } });
  let given = 0;
  for (let taken; (taken = world.recv(CLIENT, frame)) === frame.length; given += taken);
  while (world.recv(CLIENT, frame.subarray(given % frame.length)) > 0);
  assert.equal(world.engine.recvSpace(CLIENT), 0);
  assert.equal(world.engine.stalled(CLIENT), portcullis.STALL_RECEIVER);
  world.taken(SERVER);
  assert.ok(world.engine.recvSpace(CLIENT) > 0);
});

test('noise has a receiver of its own, without secrets', () => {
  const world = new World();
  const leak = secret();
  world.recv(SERVER, Buffer.from(`listening with ${leak}\n`));
  assert.equal(world.engine.take(CLIENT), null);
  const noise = world.taken(NOISE).toString();
  assert.match(noise, /^listening with /);
  assert.ok(!noise.includes(leak));
});

test('what is ready can be looked at, and taken in part', () => {
  const world = new World();
  const frame = request(1, 'ping');
  world.recv(CLIENT, frame);
  assert.deepEqual(world.engine.sendReady(SERVER), frame);
  assert.deepEqual(world.engine.sendReady(SERVER, 5), frame.subarray(0, 5));
  world.engine.sendCommit(SERVER, 5);
  assert.deepEqual(world.engine.take(SERVER, 3), frame.subarray(5, 8));
  assert.deepEqual(world.taken(SERVER), frame.subarray(8));
  assert.equal(world.engine.sendReady(SERVER), null);
});

test('facts are shown in events, cut where they are too long', () => {
  const world = new World(undefined, { wanted: portcullis.WANT_PASSED });
  world.engine.facts(CLIENT, 2n ** 64n - 1n, '');
  world.engine.facts(SERVER, 0, 'é'.repeat(40));
  world.recv(CLIENT, request(1, 'ping'));
  const [event] = world.events();
  assert.equal(event.session, 2n ** 64n - 1n);
  assert.equal(event.server, 'é'.repeat(31));
  assert.equal(event.serverCut, true);
  assert.equal(event.methodCut, false);
  assert.equal(event.durationMs, null);
});

test('a ledger counts over sessions, and outlives its close in them', () => {
  const ledger = new Ledger();
  const worlds = [1, 2].map(() => new World({ tools: { deny: ['rm'] } }, { ledger }));
  for (const world of worlds) world.recv(CLIENT, call(1, 'rm'));
  assert.equal(ledger.counts().frames, 2);
  assert.equal(ledger.refusals(portcullis.REASON_TOOL_DENIED), 2);
  ledger.close();
  worlds[0].recv(CLIENT, call(2, 'rm'));
  worlds[0].engine.close();
  worlds[1].recv(CLIENT, call(2, 'ls'));
  assert.notEqual(worlds[1].engine.take(SERVER), null);
  assert.throws(() => ledger.counts(), { code: 'ERR_PORTCULLIS_CLOSED' });
});

test('limits are read by name, and refused by name', () => {
  const policy = new Policy();
  const limits = portcullis.limitsDefault();
  assert.deepEqual(limits.frameBytesMax, [1 << 24, 1 << 24]);
  assert.equal(limits.idTakenMs, 300_000);
  new Engine(policy, { limits }).close();
  const code = 'ERR_PORTCULLIS_BAD_CONFIG';
  const shallow = { limits: { frameDepthMax: 7 } };
  assert.throws(() => new Engine(policy, shallow), { code, message: /frame_depth_max/ });
  assert.throws(() => new Engine(policy, { limits: { frameDepth: 9 } }), TypeError);
  assert.throws(() => new Engine(policy, { limits: { frameBytesMax: 9 } }), TypeError);
  const small = { frameBytesMax: [4096, 4096] };
  assert.ok(portcullis.limitsMemoryMax(small) < portcullis.limitsMemoryMax());
});

test('misuse is an error with a stable code', () => {
  const { engine, policy } = new World();
  const cases = [
    ['BAD_NUMBER', () => engine.recvSpace(2)],
    ['BAD_NUMBER', () => engine.take(3)],
    ['BAD_NUMBER', () => engine.answer(1, 9, 0, 0)],
    ['BAD_NUMBER', () => new Engine(policy, { wanted: 64 })],
    ['BAD_NUMBER', () => portcullis.notice(9_999)],
    ['NOT_LENT', () => engine.sendCommit(SERVER, 1)],
    ['BAD_UTF8', () => engine.facts(CLIENT, 1, Buffer.from([0xff]))],
    ['BAD_CONFIG', () => new Policy('{"nothing": 1}')],
    ['BAD_CONFIG', () => new Policy({ redaction: { rules: { 'github-classic-pat': 'seal' } } })],
  ];
  for (const [word, misuse] of cases) {
    assert.throws(misuse, { name: 'Error', code: `ERR_PORTCULLIS_${word}` }, String(misuse));
  }
});

test('a loan that another call has ended is not committed', () => {
  const world = new World();
  world.recv(CLIENT, request(1, 'ping'));
  world.engine.sendReady(SERVER);
  world.tick(1);
  assert.throws(() => world.engine.sendCommit(SERVER, 1), { code: 'ERR_PORTCULLIS_NOT_LENT' });
});

test('a wrong type is a TypeError', () => {
  const { engine } = new World();
  const shared = new Uint8Array(new SharedArrayBuffer(4));
  for (const wrong of [undefined, null, 'text', 7, [1], new Uint16Array(2), new ArrayBuffer(2),
    new DataView(new ArrayBuffer(2)), shared]) {
    assert.throws(() => engine.recvCopy(CLIENT, wrong, 0, 0), TypeError);
  }
  for (const wrong of [undefined, '1', 0.5, -1, NaN, Infinity, 2 ** 60, 2n ** 64n, -1n]) {
    assert.throws(() => engine.tick(wrong, 0), TypeError);
  }
  assert.throws(() => engine.recvSpace(2 ** 32), TypeError);
});

test('a detached buffer is no bytes', () => {
  const { engine } = new World();
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  assert.equal(engine.recvCopy(CLIENT, bytes, 0, 0), 0);
});

test('a wrong `this` is a TypeError, whatever it is', () => {
  const made = new World();
  const objects = [made.engine, made.policy, new Ledger(), new portcullis.Finder(made.policy),
    new portcullis.Redactor(made.policy), new portcullis.NetGuard()];
  const classes = objects.map((object) => object.constructor);
  const wrongs = [undefined, null, 1, 'x', {}, [], () => {}, Object.create(made.engine),
    new Proxy(made.engine, {}), process, ...objects];
  for (const [place, type] of classes.entries()) {
    const above = Object.getPrototypeOf;
    for (let proto = type.prototype; proto !== Object.prototype; proto = above(proto)) {
      for (const name of Object.getOwnPropertyNames(proto)) {
        if (name === 'constructor' || name === 'close') continue;
        for (const wrong of wrongs.filter((object) => object !== objects[place])) {
          assert.throws(() => proto[name].call(wrong, 0, 0, 0, 0), TypeError, name);
        }
      }
    }
    assert.throws(() => type.prototype.close.call({}), TypeError);
    assert.throws(() => type(), TypeError);
  }
  assert.throws(() => new Engine({}), TypeError);
  assert.throws(() => new Engine(made.engine), TypeError);
  assert.throws(() => made.engine.swapPolicy(made.engine), TypeError);
});

test('use after close is an error, and close may be called again', () => {
  const { engine, policy } = new World();
  engine.close();
  engine.close();
  assert.throws(() => engine.metrics(), { code: 'ERR_PORTCULLIS_CLOSED' });
  policy.close();
  assert.throws(() => new Engine(policy), { code: 'ERR_PORTCULLIS_CLOSED' });
});

test('script that runs while arguments are read may close what is used', () => {
  const policy = new Policy();
  const limits = {
    get frameDepthMax() {
      policy.close();
      return 100;
    },
  };
  assert.throws(() => new Engine(policy, { limits }), { code: 'ERR_PORTCULLIS_CLOSED' });
});

test('words, versions and notices', () => {
  assert.equal(portcullis.abi(), portcullis.ABI);
  assert.match(portcullis.version(), /^\d+\.\d+\.\d+/);
  assert.equal(portcullis.receiverStr(NOISE), 'noise');
  assert.equal(portcullis.reasonStr(portcullis.REASON_NOT_JSON), 'not_json');
  assert.equal(portcullis.stallStr(999), 'unknown');
  const [{ error }] = parsed(portcullis.notice(portcullis.REASON_TOO_MANY_SESSIONS));
  assert.equal(error.data.reason, 'too_many_sessions');
});
