// Policies, finders and redactors: texts that the host holds.

import assert from 'node:assert/strict';
import test from 'node:test';

import * as portcullis from '../index.mjs';
import { secret } from './support.mjs';

const { Finder, Policy, Redactor } = portcullis;

test('rules in force are listed, and each makes up an example that it finds', () => {
  const policy = new Policy();
  const finder = new Finder(policy);
  const rules = policy.rules();
  assert.ok(rules.length > 100);
  for (const { id, name } of rules.slice(0, 50)) {
    const { text, start, end } = finder.example(id, 3);
    assert.ok(start < end && end <= Buffer.byteLength(text), name);
    assert.deepEqual(finder.example(id, 3), { text, start, end });
    assert.ok(finder.find(text).length > 0, name);
  }
  assert.throws(() => finder.example(1 << 30, 1), { code: 'ERR_PORTCULLIS_BAD_NUMBER' });
});

test('patterns that cannot be used are told of', () => {
  const pattern = { name: 'broken', type: 'regex', pattern: 'a(', replacement: '[X]' };
  const policy = new Policy({ redaction: { patterns: [pattern] } });
  const [fault] = policy.faults();
  assert.equal(fault.name, 'broken');
  assert.equal(fault.index, 0);
  assert.ok(fault.reason.length > 0);
  const strict = { redaction: { strict: true, patterns: [pattern] } };
  assert.throws(() => new Policy(strict), { code: 'ERR_PORTCULLIS_BAD_CONFIG' });
});

test('a finder counts in bytes, in strings and in bytes alike', () => {
  const finder = new Finder(new Policy());
  const leak = secret();
  const text = `é ${leak} é`;
  const expected = { start: 3, end: 3 + leak.length };
  for (const given of [text, Buffer.from(text)]) {
    const [{ start, end, plain }] = finder.find(given);
    assert.deepEqual({ start, end }, expected);
    assert.equal(plain, true);
  }
  assert.deepEqual(finder.find('nothing here'), []);
});

test('the name of a value may say that it is a secret', () => {
  const finder = new Finder(new Policy());
  const value = 'Tr0ub4dor-and-3';
  assert.equal(finder.find(value).length, 0);
  assert.equal(finder.find(value, 'password').length, 1);
});

test('what a reader does not see is found', () => {
  const finder = new Finder(new Policy());
  const [zero, tag] = finder.unseen('a\u200bb\u{e0041}');
  assert.deepEqual(zero, { kind: portcullis.UNSEEN_ZERO_WIDTH, start: 1, end: 4 });
  assert.equal(tag.kind, portcullis.UNSEEN_TAG);
});

test('a redactor takes secrets out, however the text is cut', () => {
  const policy = new Policy();
  const leak = secret();
  const text = Buffer.from(`one ${leak} two\nthree ${leak}`);
  const whole = (pieces) => {
    const redactor = new Redactor(policy);
    const out = pieces.map((piece) => redactor.push(piece));
    return Buffer.concat([...out, redactor.finish()]).toString();
  };
  const expected = whole([text]);
  assert.ok(!expected.includes(leak));
  assert.match(expected, /^one \[.*\] two\nthree \[.*\]$/);
  assert.equal(whole([...text].map((byte) => Buffer.of(byte))), expected);
  assert.equal(whole([text.toString()]), expected);
});

test('a key seals, and its length is checked', () => {
  const config = { redaction: { rules: { 'github-classic-pat': { action: 'seal', to: ['x'] } } } };
  const policy = new Policy(config, { sealKey: Buffer.alloc(32, 7) });
  const rule = policy.rules().find(({ name }) => name === 'github-classic-pat');
  assert.equal(rule.action, portcullis.ACTION_SEAL);
  assert.throws(() => new Policy(config, { sealKey: Buffer.alloc(31) }), /./);
});
