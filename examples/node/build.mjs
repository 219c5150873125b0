// Compiles the addon: cc, the headers of Node-API from npm, and the library of this repository.
//
// PORTCULLIS_LIB      another libportcullis.a, or a directory with one
// PORTCULLIS_INCLUDE  the directory of its portcullis.h
// PORTCULLIS_PKG_CONFIG=1  asks pkg-config for `portcullis` instead
// CC, CFLAGS, LDFLAGS are honoured.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const repository = join(here, '..', '..');
const words = (text) => (text ?? '').split(/\s+/).filter(Boolean);
const fail = (message) => {
  console.error(`portcullis: ${message}`);
  process.exit(1);
};

/** Where the library is, built if it is not there and can be. */
function library() {
  const given = process.env.PORTCULLIS_LIB;
  if (given) {
    const path = existsSync(given) && statSync(given).isDirectory()
      ? join(given, 'libportcullis.a')
      : given;
    return existsSync(path) ? path : fail(`PORTCULLIS_LIB: there is no ${path}`);
  }
  const target = process.env.CARGO_TARGET_DIR ?? join(repository, 'target');
  const path = join(target, 'release', 'libportcullis.a');
  if (!existsSync(path)) {
    const command = ['build', '--release', '-p', 'portcullis-ffi'];
    console.error(`portcullis: the library is not built; cargo ${command.join(' ')}`);
    const cargo = spawnSync('cargo', command, { cwd: repository, stdio: ['ignore', 2, 2] });
    if (cargo.status !== 0 || !existsSync(path)) {
      fail('run that command at the root of the repository, or set PORTCULLIS_LIB');
    }
  }
  return path;
}

/** What the compiler is told of the library. */
function linking() {
  if (process.env.PORTCULLIS_PKG_CONFIG) {
    const ask = (flag) => words(execFileSync('pkg-config', [flag, 'portcullis']).toString());
    return { compile: ask('--cflags'), link: ask('--libs') };
  }
  const include = process.env.PORTCULLIS_INCLUDE ?? join(repository, 'include');
  // What Rust's standard library needs of the system.
  const system = process.platform === 'darwin' ? [] : ['-lgcc_s', '-lpthread', '-lm', '-ldl'];
  return { compile: [`-I${include}`], link: [library(), ...system] };
}

const headers = createRequire(import.meta.url)('node-api-headers').include_dir;
const { compile, link } = linking();
const build = join(here, 'build');
const sources = readdirSync(join(here, 'src')).filter((name) => name.endsWith('.c')).sort();
const shape = process.platform === 'darwin'
  ? ['-bundle', '-undefined', 'dynamic_lookup']
  : ['-shared', '-Wl,--gc-sections', '-Wl,--exclude-libs,ALL', '-Wl,-z,now'];
const made = join(build, 'portcullis.node');
const fresh = `${made}.${process.pid}`;

mkdirSync(build, { recursive: true });
const compiler = process.env.CC ?? 'cc';
const { status, error } = spawnSync(
  compiler,
  [
    '-std=c11', '-O2', '-fPIC', '-fvisibility=hidden',
    '-Wall', '-Wextra', '-Wpedantic', '-Werror',
    ...words(process.env.CFLAGS), ...compile, `-isystem${headers}`,
    ...sources.map((name) => join(here, 'src', name)),
    ...shape, '-o', fresh, ...link, ...words(process.env.LDFLAGS),
  ],
  { stdio: ['ignore', 2, 2] },
);
if (status !== 0) {
  fail(error ? `${compiler}: ${error.message}` : 'the addon was not compiled');
}
// In one step: a process that has the old one loaded keeps it.
renameSync(fresh, made);
