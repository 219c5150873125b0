// The header, the addon and the types say the same.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import * as portcullis from '../index.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const read = (relative) => readFileSync(path(relative), 'utf8');
const header = read('../../../include/portcullis.h');
const types = read('../index.d.ts');
const number = (text) => (text === 'UINT64_MAX' ? 2n ** 64n - 1n : BigInt(text.replace('u', '')));
const constants = [...header.matchAll(/^#define PORTCULLIS_([A-Z0-9_]+) (\d+u|UINT64_MAX)$/gm)]
  .map(([, name, value]) => [name, number(value)]);

test('every constant of the header is exported with its value', () => {
  assert.ok(constants.length > 130);
  for (const [name, value] of constants) {
    assert.equal(BigInt(portcullis[name] ?? -1), value, name);
    assert.match(types, new RegExp(`^export const ${name}: ${value}n?;$`, 'm'));
  }
  const known = new Set(constants.map(([name]) => name));
  for (const name of Object.keys(portcullis).filter((word) => /^[A-Z_]+$/.test(word))) {
    assert.ok(known.has(name), name);
  }
});

test('every function of the header is called by the addon', () => {
  const declared = [...header.matchAll(/\b(portcullis_[a-z_]+)\(/g)].map(([, name]) => name);
  const sources = ['addon', 'engine', 'facts', 'finder', 'guard', 'handle', 'limits', 'policy', 'values']
    .map((name) => read(`../src/${name}.c`)).join('');
  // The loan to read into is memory of the library, which is not lent to JavaScript.
  const left = new Set(declared.filter((name) => !new RegExp(`\\b${name}\\b`).test(sources)));
  assert.deepEqual([...left], ['portcullis_engine_recv_commit']);
});

test('everything that is exported has a type, and the types compile', () => {
  for (const name of Object.keys(portcullis)) {
    assert.match(types, new RegExp(`^export (const|function|class) ${name}\\b`, 'm'), name);
  }
  for (const [, name] of types.matchAll(/^export (?:const|function|class) (\w+)/gm)) {
    assert.ok(name in portcullis, name);
  }
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext'];
  try {
    execFileSync(process.execPath, [tsc, ...options, path('types.mts')], { stdio: 'pipe' });
  } catch (error) {
    assert.fail(String(error.stdout));
  }
});
