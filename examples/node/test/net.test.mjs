// What may be asked without an engine.

import assert from 'node:assert/strict';
import test from 'node:test';

import {
  ADDRESS_METADATA, HOST_ADDRESS, HOST_NAME, HOST_NONE, NetGuard, Policy, addressClass, addressClassStr,
} from '../index.mjs';

const guard = new NetGuard({
  paths: { roots: ['/srv/data'] },
  addresses: { deny: [{ net: '192.0.2.66', until_ms: 2_000 }], trusted: ['127.0.0.0/8'] },
  origins: { origins: ['https://*.example.com'], hosts: ['mcp.example.com'] },
  cors: { enabled: true, allowed_origins: ['https://app.example.com'] },
});

/** Holds a verdict to the rule that refuses; null: it allows. */
const says = (verdict, rule) => {
  assert.equal(verdict.rule, rule);
  assert.equal(verdict.allowed, rule === null);
  if (rule === null) assert.equal(verdict.why, null);
  else assert.match(verdict.why, / /);
};

test('URLs, and what their hosts resolve to', () => {
  const name = guard.checkUrl('https://API.example.com./v1');
  says(name, null);
  assert.deepEqual([name.hostKind, name.host], [HOST_NAME, 'api.example.com']);
  const { hostKind, host } = guard.checkUrl(Buffer.from('http://[2606:4700:0::1111]:80/'));
  assert.deepEqual([hostKind, host], [HOST_ADDRESS, '2606:4700::1111']);
  for (const [url, rule] of [
    ['http://169.254.169.254/latest/meta-data/', 'metadata'],
    ['http://2130706433/', 'loopback'],
    ['https://a:b@example.com/', 'userinfo'],
    ['https://my-internal-host.example/', 'label'],
    ['file:///etc/passwd', 'scheme'],
  ]) {
    const verdict = guard.checkUrl(url);
    says(verdict, rule);
    assert.deepEqual([verdict.hostKind, verdict.host], [HOST_NONE, '']);
  }
  says(guard.checkUpstream('http://10.0.0.1/'), null);
  says(guard.checkUpstream('ftp://10.0.0.1/'), 'scheme');
  says(guard.checkAddresses('8.8.8.8 2606:4700::1111'), null);
  says(guard.checkAddresses('8.8.8.8 10.0.0.1'), 'private');
  says(guard.checkAddresses(''), 'unresolved');
  const loose = new NetGuard({ urls: { loose_syntax: true, bytes_max: 0 } });
  const long = `${'a'.repeat(60)}.`.repeat(9);
  assert.equal(loose.checkUrl(`https://${long}com/`).host, `${long}com`);
  loose.close();
});

test('paths, as they are written and where they lead', () => {
  says(guard.checkPath('/srv/data/a'), null);
  says(guard.checkPath('/srv/data/../../etc/passwd'), 'denied-path');
  says(guard.checkPath('a\0b'), 'nul');
  says(guard.checkResolved('/srv/data/a'), null);
  says(guard.checkResolved('/home/a'), 'outside-roots');
});

test('clients, their pages, and the names under which they come', () => {
  says(guard.checkIp('192.0.2.66', 1_999), 'address-denied');
  says(guard.checkIp('192.0.2.66', 2_000n), null);
  says(guard.checkIp('192.0.2.66'), null);
  assert.equal(guard.clientAddress('127.0.0.1', '10.0.0.1, 192.0.2.66'), '192.0.2.66');
  assert.equal(guard.clientAddress('192.0.2.66', '127.0.0.1'), '192.0.2.66');
  assert.equal(guard.clientAddress('127.0.0.1'), '127.0.0.1');
  says(guard.checkOrigin(), null);
  says(guard.checkOrigin('https://app.example.com'), null);
  says(guard.checkOrigin('https://evil-example.com'), 'origin');
  says(guard.checkOrigin(''), 'origin');
  says(guard.checkOrigin('null'), 'null-origin');
  says(guard.checkHost('mcp.example.com:443'), null);
  says(guard.checkHost('rebind.evil.example'), 'host');
  says(guard.checkHost(undefined), 'host');
});

test('cross-origin requests, and the headers of every answer', () => {
  const origin = 'https://app.example.com';
  const answer = guard.cors({ method: 'POST', origin });
  says(answer, null);
  assert.equal(answer.status, 0);
  assert.deepEqual(answer.headers[0], ['Access-Control-Allow-Origin', origin]);
  assert.deepEqual(answer.headers.at(-1), ['Vary', 'Origin']);
  const preflight = { method: 'OPTIONS', origin, requestMethod: 'DELETE' };
  const permitted = guard.cors({ ...preflight, requestHeaders: 'content-type' });
  assert.equal(permitted.status, 204);
  const refused = guard.cors({ ...preflight, privateNetwork: true });
  says(refused, 'cors-private-network');
  assert.equal(refused.status, 403);
  says(guard.cors({ ...preflight, origin: 'https://evil.example' }), 'cors-origin');
  const names = (isTls) => guard.headers(isTls).map(([name]) => name);
  assert.deepEqual(names(true), [...names(), 'Strict-Transport-Security']);
  const long = new NetGuard({ headers: { frame_options: 'x'.repeat(4_096) } });
  assert.equal(long.headers()[1][1].length, 4_096);
});

test('classes of addresses', () => {
  assert.equal(addressClass('64:ff9b::169.254.169.254'), ADDRESS_METADATA);
  assert.equal(addressClassStr(ADDRESS_METADATA), 'metadata');
  assert.throws(() => addressClass('localhost'), { code: 'ERR_PORTCULLIS_BAD_NUMBER' });
});

test('a wrong guard is refused by its key, a wrong call by its code', () => {
  const code = 'ERR_PORTCULLIS_BAD_CONFIG';
  assert.throws(() => new NetGuard({ urls: { nets: ['x'] } }), { code, message: /^urls\.nets\[0\]/ });
  assert.throws(() => new NetGuard('{"nothing": 1}'), { code });
  assert.throws(() => guard.checkIp('nowhere'), { code: 'ERR_PORTCULLIS_BAD_NUMBER' });
  assert.throws(() => guard.checkPath(Buffer.from([0xff])), { code: 'ERR_PORTCULLIS_BAD_UTF8' });
  for (const wrong of [undefined, null, 7, {}]) assert.throws(() => guard.checkUrl(wrong), TypeError);
  assert.throws(() => guard.cors({ method: 'GET', privateNetwork: 1 }), TypeError);
  assert.throws(() => guard.headers(1), TypeError);
  const policy = new Policy({ network: { paths: { home: true } } });
  const of = new NetGuard(policy);
  policy.close();
  says(of.checkPath('~/a'), null);
  says(of.checkPath('/etc/passwd'), 'denied-path');
  assert.throws(() => new NetGuard(policy), { code: 'ERR_PORTCULLIS_CLOSED' });
  const closed = new NetGuard();
  closed.close();
  closed.close();
  assert.throws(() => closed.checkPath('/'), { code: 'ERR_PORTCULLIS_CLOSED' });
});
