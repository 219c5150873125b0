// The wrapper around transports of the MCP SDK, with its own clients and servers.

import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';

import { REASON_TOOL_DENIED, guardTransport, reasonCode } from '../index.mjs';
import { makeServer } from './server.mjs';
import { secret } from './support.mjs';

/** A client whose server is behind a guard. */
async function connected(policy, options = {}) {
  const [near, far] = InMemoryTransport.createLinkedPair();
  const server = makeServer();
  await server.connect(far);
  const transport = guardTransport(near, { policy, ...options });
  const client = new Client({ name: 'client', version: '1' });
  await client.connect(transport);
  return { client, server, transport, near };
}

test('a whole session passes', async () => {
  const { client } = await connected();
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map(({ name }) => name), ['echo', 'remove']);
  const { content } = await client.callTool({ name: 'echo', arguments: { text: 'é 🚀' } });
  assert.deepEqual(content, [{ type: 'text', text: 'é 🚀' }]);
  await client.close();
});

test('a refused call is an error of the client, and the session goes on', async () => {
  const { client, transport } = await connected({ tools: { deny: ['remove'] } });
  await assert.rejects(client.callTool({ name: 'remove' }), {
    code: reasonCode(REASON_TOOL_DENIED),
    data: { reason: 'tool_denied', rule: 'tools.deny' },
  });
  assert.deepEqual((await client.listTools()).tools.map(({ name }) => name), ['echo']);
  assert.equal(transport.guard.metrics().refused[0], 1);
  await client.close();
});

test('a secret in an answer does not reach the client', async () => {
  const { client } = await connected();
  const leak = secret();
  const answer = await client.callTool({ name: 'echo', arguments: { text: leak } });
  assert.ok(!JSON.stringify(answer).includes(leak));
  await client.close();
});

test('a call waits for its ticket', async () => {
  const asked = [];
  const { client, transport } = await connected({ tools: { ask: ['remove'] } }, {
    onEvent: ({ ticket, tool }) => {
      if (ticket !== 0n) asked.push([tool, ticket]);
    },
  });
  const removed = client.callTool({ name: 'remove' });
  await client.ping();
  assert.equal(asked[0][0], 'remove');
  transport.guard.answer(asked[0][1], true);
  assert.deepEqual((await removed).content, [{ type: 'text', text: 'removed' }]);
  await client.close();
});

test('many calls at once keep their answers apart', async () => {
  const { client } = await connected();
  const calls = Array.from({ length: 200 }, (_, at) =>
    client.callTool({ name: 'echo', arguments: { text: `${at}` } }));
  const answers = await Promise.all(calls);
  assert.deepEqual(answers.map(({ content }) => content[0].text), calls.map((_, at) => `${at}`));
  await client.close();
});

test('what the SDK says besides reaches the inner transport and the client', async () => {
  const sent = [];
  const versions = [];
  const inner = {
    sessionId: 'session-1',
    start: async () => {},
    send: async (message, options) => void sent.push([message.id, options]),
    close: async () => inner.onclose(),
    setProtocolVersion: (version) => versions.push(version),
  };
  const transport = guardTransport(inner);
  const got = [];
  transport.onmessage = (message, extra) => got.push([message, extra]);
  await transport.start();
  assert.equal(transport.sessionId, 'session-1');
  transport.setProtocolVersion('2025-11-25');
  assert.deepEqual(versions, ['2025-11-25']);
  const options = { resumptionToken: 'here' };
  await transport.send({ jsonrpc: '2.0', id: 1, method: 'ping' }, options);
  assert.deepEqual(sent, [[1, options]]);
  const arrived = new Promise((resolve) => {
    transport.onmessage = (message, extra) => resolve([message, extra]);
  });
  const answer = { jsonrpc: '2.0', id: 1, result: {} };
  inner.onmessage(answer, { requestInfo: 7 });
  assert.deepEqual(await arrived, [answer, { requestInfo: 7 }]);
  await transport.close();
});

test('errors of the inner transport come to the one who sent', async () => {
  const inner = {
    start: async () => {},
    send: async () => { throw new Error('no network'); },
    close: async () => inner.onclose(),
  };
  const transport = guardTransport(inner);
  const errors = [];
  transport.onerror = (error) => errors.push(error.message);
  const ping = (id) => transport.send({ jsonrpc: '2.0', id, method: 'ping' });
  await assert.rejects(ping(1), /no network/);
  inner.onerror(new Error('later'));
  assert.deepEqual(errors, ['later']);
  assert.equal(transport.setProtocolVersion, undefined);
  await transport.close();
  await assert.rejects(ping(2), /closed/);
});

test('a server that goes leaves errors, and then the close', async () => {
  const { client, server } = await connected();
  const closed = new Promise((resolve) => { client.onclose = resolve; });
  const waits = assert.rejects(client.callTool({ name: 'echo', arguments: { text: 'hold' } }), {
    data: { reason: 'server_exited' },
  });
  await client.ping();
  await server.close();
  await waits;
  await closed;
});

test('a real server behind a pipe', async () => {
  const args = [fileURLToPath(new URL('server.mjs', import.meta.url)), '--serve'];
  const inner = new StdioClientTransport({ command: process.execPath, args });
  const client = new Client({ name: 'client', version: '1' });
  await client.connect(guardTransport(inner, { policy: { tools: { deny: ['remove'] } } }));
  const long = { text: 'x'.repeat(300_000) };
  const { content } = await client.callTool({ name: 'echo', arguments: long });
  assert.equal(content[0].text.length, 300_000);
  await assert.rejects(client.callTool({ name: 'remove' }), /denied by policy/);
  await client.close();
});
