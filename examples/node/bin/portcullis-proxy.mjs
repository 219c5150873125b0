#!/usr/bin/env node
// A guard on standard input and output: portcullis-proxy [--policy FILE] [--] COMMAND [ARG...]

import { spawn } from 'node:child_process';
import { createWriteStream, fstatSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { Transform } from 'node:stream';
import { parseArgs } from 'node:util';

import { createGuard, Policy, Redactor } from '../index.mjs';

const USAGE = `Usage: portcullis-proxy [--policy FILE] [--] COMMAND [ARG...]

Runs COMMAND, an MCP server, and stands between it and the client at standard
input and output. FILE holds a policy as JSON; without it the default decides.

Exit status: the server's; 128 + n if signal n ended it; 125 if this program
failed, 126 if COMMAND cannot be executed, 127 if it is not found.
`;

/** Clients send SIGTERM two seconds after they closed our input; so everything fits into less. */
const TERM_MS = 1_000;
const KILL_MS = 1_600;
const GO_MS = 1_900;
const DRAIN_MS = 1_500;
/** What a second signal leaves for the last bytes. */
const HASTE_MS = 100;
/** A pipe of a dead server that brings nothing for so long is at its end. */
const QUIET_MS = 50;

/** Kills the server's group when we are gone, however we ended; a word means that we did it. */
const GUARD = 'trap "" TERM INT HUP; read -r group && { read -r _ || kill -s KILL -- "-$group"; }';

class Session {
  #policy;
  #command;
  #guard;
  #output = openOutput(1);
  #errors = openOutput(2);
  #watch = undefined;
  #server = undefined;
  /** What there is to wait for: the server's end, its words, and that all was written. */
  #open = new Set(['output']);
  #status = 0;
  #signals = 0;
  #isLeaving = false;
  #isLettingGo = false;
  #hasClientEnded = false;

  constructor(policy, command) {
    this.#policy = policy;
    this.#command = command;
    this.#guard = createGuard({ policy });
  }

  run() {
    const { toServer, toClient, noise } = this.#guard;
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => this.#signalled());
    process.stdin.on('error', () => process.stdin.destroy());
    process.stdin.on('end', () => this.#clientEnded());
    process.stdin.on('close', () => this.#clientEnded());
    this.#output.on('error', () => this.#clientLost());
    this.#errors.on('error', () => noise.resume());
    toClient.pipe(this.#output);
    noise.pipe(this.#errors, { end: false });
    this.#output.on('finish', () => this.#ended('output'));
    this.#start();
    process.stdin.pipe(toServer);
  }

  #start() {
    const { toServer, toClient } = this.#guard;
    const [file, ...args] = this.#command;
    const stdio = ['pipe', 'pipe', 'pipe'];
    this.#watch = spawn('/bin/sh', ['-c', GUARD], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#watch.on('error', (error) => fail(125, `the guard cannot be started: ${error.message}`));
    this.#watch.stdin.on('error', () => {});
    const server = spawn(file, args, { detached: true, stdio });
    server.on('error', (error) => this.#notStarted(error));
    if (server.pid === undefined) return;
    this.#watch.stdin.write(`${server.pid}\n`);
    this.#server = server;
    this.#open.add('server').add('words');
    server.on('exit', (code, signal) => this.#serverExited(code, signal));
    // A server that reads no more: what is for it counts as read.
    server.stdin.on('error', () => toServer.unpipe(server.stdin).resume());
    toServer.pipe(server.stdin);
    server.stdout.pipe(toClient, { end: false });
    server.stdout.on('end', () => {
      this.#leave();
      this.#letGo(server);
    });
    server.stderr.pipe(this.#redaction()).pipe(this.#errors, { end: false });
  }

  /** The server's standard error, without secrets. */
  #redaction() {
    const redactor = new Redactor(this.#policy);
    const stream = new Transform({
      transform: (chunk, _encoding, callback) => callback(null, redactor.push(chunk)),
      flush: (callback) => callback(null, redactor.finish()),
    });
    return stream.on('end', () => this.#ended('words'));
  }

  #notStarted(error) {
    const isMissing = error.code === 'ENOENT';
    this.#status = isMissing ? 127 : 126;
    const why = isMissing ? 'not found' : `cannot be executed (${error.code})`;
    this.#errors.write(`portcullis-proxy: ${this.#command[0]}: ${why}\n`);
    this.#guard.toServer.resume();
    this.#letGo();
  }

  #serverExited(code, signal) {
    const server = this.#server;
    this.#status = code ?? 128 + constants.signals[signal];
    // What it left behind in its group goes, too, and lets go of its pipes.
    this.#kill('SIGKILL');
    this.#server = undefined;
    this.#watch.stdin.end('done\n');
    this.#ended('server');
    this.#letGo(server);
  }

  /**
   * There is no server, or none any more. Others may hold the pipes open that it wrote to, so its
   * end is seen when nothing comes any more; and what the client has asked by then is answered.
   */
  #letGo(server) {
    if (this.#isLettingGo) return;
    this.#isLettingGo = true;
    let seen = -1;
    const { toClient } = this.#guard;
    const sources = [server?.stdout, server?.stderr, process.stdin];
    const timer = setInterval(() => {
      const read = sources.reduce((sum, source) => sum + (source?.bytesRead ?? 0), 0);
      const isQuiet = read === seen && !toClient.writableNeedDrain;
      seen = read;
      if (!isQuiet) return;
      clearInterval(timer);
      toClient.end();
      this.#ended('words');
    }, QUIET_MS);
  }

  /** The way out of the server: it has until then to end by itself. */
  #leave() {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    setTimeout(() => this.#kill('SIGTERM'), TERM_MS).unref();
    setTimeout(() => this.#kill('SIGKILL'), KILL_MS).unref();
  }

  /** Our own way out, once the client has left: whatever still waits for a reader. */
  #leaveInTime() {
    this.#leave();
    setTimeout(() => this.#go(), GO_MS).unref();
  }

  #clientEnded() {
    if (this.#hasClientEnded) return;
    this.#hasClientEnded = true;
    this.#leaveInTime();
    if (!this.#guard.toServer.writableEnded) this.#guard.toServer.end();
  }

  /** Nobody reads what is for the client. */
  #clientLost() {
    this.#guard.toClient.unpipe(this.#output).resume();
    this.#ended('output');
    process.stdin.destroy();
  }

  #signalled() {
    this.#signals += 1;
    if (this.#signals > 1) {
      this.#kill('SIGKILL');
      return void setTimeout(() => this.#go(), HASTE_MS);
    }
    this.#leaveInTime();
    this.#guard.drain(DRAIN_MS);
    process.stdin.unpipe(this.#guard.toServer);
    process.stdin.pause();
    this.#guard.toServer.end();
  }

  #kill(signal) {
    if (this.#server === undefined) return;
    try {
      process.kill(-this.#server.pid, signal);
    } catch {
      // Nobody is left in the group.
    }
  }

  #ended(what) {
    this.#open.delete(what);
    if (this.#open.size === 0) this.#go();
  }

  #go() {
    this.#kill('SIGKILL');
    process.exit(this.#status);
  }
}

/** A descriptor to write to, which never blocks on a pipe that nobody reads. */
function openOutput(fd) {
  const kind = fstatSync(fd);
  if (kind.isFIFO() || kind.isSocket()) return new Socket({ fd, readable: false, writable: true });
  return createWriteStream(null, { fd, autoClose: false });
}

function fail(status, message) {
  console.error(`portcullis-proxy: ${message}`);
  process.exit(status);
}

/** Our own options end at the first word that is none. */
function readArguments(words) {
  let end = words.findIndex((word, at) => !word.startsWith('-') && words[at - 1] !== '--policy');
  const dashes = words.indexOf('--');
  if (dashes >= 0 && (end < 0 || dashes < end)) end = dashes;
  const own = end < 0 ? words : words.slice(0, end);
  const command = end < 0 ? [] : words.slice(words[end] === '--' ? end + 1 : end);
  const options = { policy: { type: 'string' }, help: { type: 'boolean', short: 'h' } };
  return { ...parseArgs({ args: own, options }).values, command };
}

function readPolicy(file) {
  try {
    return new Policy(file === undefined ? undefined : readFileSync(file));
  } catch (error) {
    return fail(125, file === undefined ? error.message : `${file}: ${error.message}`);
  }
}

let given;
try {
  given = readArguments(process.argv.slice(2));
} catch (error) {
  fail(2, error.message);
}
if (given.help) {
  process.stdout.write(USAGE);
} else if (given.command.length === 0) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  new Session(readPolicy(given.policy), given.command).run();
}
