// An engine as a pair of streams.
//
//   client's output --> toServer --> server's input
//   client's input  <-- toClient <-- server's output
//                        noise   --> standard error
//
// It looks into no byte. A write is answered when the engine has taken all of it, and the engine is
// asked for bytes only while a reader wants some: so a side that does not read stops its writer.
//
// Each write is one call of the addon, which takes the chunk, judges, and copies out what is ready
// for all receivers into a slab; what is pushed are views of it.

import { Readable, Transform } from 'node:stream';

import { Engine, Policy, monotonicMs, native } from './native.mjs';

const { CLIENT, SERVER, NOISE } = native;

/** What a reader may be behind before its lane stands, and what one read of a pipe brings. */
const WATER_BYTES = 64 << 10;
/** Large enough for several writes, small enough to lie idle in each session. */
const SLAB_BYTES = 256 << 10;
/** With less left of it, the slab is left to those who hold views of it. */
const SLAB_BYTES_MIN = 64 << 10;
/** The longest that a timer of Node waits. */
const TIMER_MS_MAX = 2 ** 31 - 1;

// The places of what `pump` tells: `enum state` in src/engine.c.
const TAKEN = 0;
const MOVED = 1;
const LEFT = 4;
const DEADLINE = 5;
const ENDED = 6;
const FINISHED = 7;
const STATE_COUNT = 8;

const nothing = () => {};

/** One direction: what `from` writes goes in, what is for `to` comes out. */
class Lane extends Transform {
  #core;
  #from;
  to;
  /** Whether the reader wants more. */
  isHungry = false;
  isGone = false;
  /** What was written and is not taken yet. */
  chunk = undefined;
  offset = 0;
  #written = nothing;
  /** Set while the writer has ended, and that is not seen yet. */
  #flushed = undefined;
  #isFinished = false;

  constructor(core, from, to) {
    super({ highWaterMark: WATER_BYTES });
    this.#core = core;
    this.#from = from;
    this.to = to;
  }

  _transform(chunk, _encoding, callback) {
    this.chunk = chunk;
    this.offset = 0;
    this.#written = callback;
    this.#core.run();
  }

  _flush(callback) {
    this.#flushed = callback;
    this.#core.closeSide(this.#from);
    this.#core.run();
  }

  _read(size) {
    super._read(size);
    this.isHungry = true;
    this.#core.run();
  }

  _destroy(error, callback) {
    this.isGone = true;
    this.isHungry = true;
    this.chunk = undefined;
    this.#core.lose(this, this.#from, error);
    callback(error);
  }

  /** Hands out bytes; those for a reader that is gone count as read. */
  deliver(bytes) {
    if (!this.isGone) this.isHungry = this.push(bytes);
  }

  /** Says to the writer that all it wrote was taken. */
  settle() {
    const written = this.#written;
    this.chunk = undefined;
    this.#written = nothing;
    written();
  }

  /** Says to the reader that nothing more comes, and to the writer that its end was seen. */
  finish() {
    if (this.isGone) return;
    if (!this.#isFinished) {
      this.#isFinished = true;
      this.push(null);
    }
    this.#flushed?.();
    this.#flushed = undefined;
  }

  /** Whether the writer has ended, and waits for that to have an effect. */
  get hasFlushed() {
    return this.#flushed !== undefined;
  }
}

class Noise extends Readable {
  #core;
  isHungry = false;

  constructor(core) {
    super({ highWaterMark: WATER_BYTES });
    this.#core = core;
  }

  _read() {
    this.isHungry = true;
    this.#core.run();
  }

  deliver(bytes) {
    this.isHungry = this.push(bytes);
  }
}

/** The engine, and what moves between it and the streams. */
class Core {
  #engine;
  #onEvent;
  #slab = Buffer.alloc(0);
  #used = 0;
  #state = new Float64Array(STATE_COUNT);
  #timer = undefined;
  #timerAt = Infinity;
  #isRunning = false;
  #again = false;
  #hasEnded = false;
  #isClosed = false;
  #closed = [false, false];

  constructor(engine, onEvent) {
    this.#engine = engine;
    this.#onEvent = onEvent;
    this.toServer = new Lane(this, CLIENT, SERVER);
    this.toClient = new Lane(this, SERVER, CLIENT);
    this.noise = new Noise(this);
  }

  /** Moves what can be moved. Streams call back from within; what they ask for is done next. */
  run() {
    this.#again = true;
    if (this.#isRunning || this.#isClosed) return;
    this.#isRunning = true;
    try {
      while (this.#again && !this.#isClosed) {
        this.#again = false;
        this.#turn();
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.#isRunning = false;
    }
  }

  #turn() {
    const { toServer, toClient } = this;
    if (this.#hasEnded) return this.#drop();
    // A copy of both: while one lane moves, its writer may bring the next chunk.
    const first = toServer.chunk !== undefined;
    const second = toClient.chunk !== undefined;
    if (first) this.#step(toServer, CLIENT);
    if (second && !this.#isClosed) this.#step(toClient, SERVER);
    if (!first && !second) this.#step(undefined, CLIENT);
    if (this.#isClosed) return;
    if (this.#onEvent !== undefined) this.#collect();
    if (!this.#again && !this.#isClosed) this.#settle();
  }

  /** One call of the addon: a lane's chunk in, what is ready out. */
  #step(lane, from) {
    const state = this.#state;
    const { toServer, toClient, noise } = this;
    let taken = 0;
    if (this.#onEvent !== undefined && lane !== undefined) {
      // Two calls: what is decided is told before its bytes leave.
      this.#pump(lane, from, 0);
      taken = state[TAKEN];
      this.#collect();
      if (this.#isClosed) return;
    }
    const receivers =
      (toClient.isHungry ? 1 << CLIENT : 0) |
      (toServer.isHungry ? 1 << SERVER : 0) |
      (noise.isHungry ? 1 << NOISE : 0);
    this.#pump(this.#onEvent === undefined ? lane : undefined, from, receivers);
    taken += state[TAKEN];
    // In the order in which they lie in the slab.
    const begun = this.#used;
    if (state[MOVED + CLIENT] > 0) this.#deliver(toClient, state[MOVED + CLIENT]);
    if (state[MOVED + SERVER] > 0) this.#deliver(toServer, state[MOVED + SERVER]);
    if (state[MOVED + NOISE] > 0) this.#deliver(noise, state[MOVED + NOISE]);
    if (lane !== undefined) this.#took(lane, taken);
    // What left made room, which a lane may wait for.
    const waited = toServer.chunk !== undefined || toClient.chunk !== undefined;
    if (state[LEFT] !== 0 || (waited && this.#used > begun)) this.#again = true;
  }

  #deliver(stream, count) {
    const begun = this.#used;
    this.#used += count;
    stream.deliver(this.#slab.subarray(begun, this.#used));
  }

  #took(lane, count) {
    // The stream may have been destroyed by one that it was delivered to.
    if (lane.chunk === undefined) return;
    lane.offset += count;
    if (lane.offset === lane.chunk.length) lane.settle();
    else if (count > 0) this.#again = true;
  }

  #pump(lane, from, receivers) {
    if (this.#slab.length - this.#used < SLAB_BYTES_MIN) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#used = 0;
    }
    this.#engine.pump(
      from, lane?.chunk, lane === undefined ? 0 : lane.offset, receivers,
      monotonicMs(), Date.now(), this.#slab, this.#used, this.#state,
    );
  }

  /** Hands on all events that wait. Judging may have waited for that. */
  #collect() {
    let event = this.#engine.nextEvent();
    if (event === null) return;
    do {
      this.#onEvent(event);
      if (this.#isClosed) return;
      event = this.#engine.nextEvent();
    } while (event !== null);
    this.#engine.tick(monotonicMs(), Date.now());
    this.#again = true;
  }

  /** Nothing moves: sees who has ended, and waits for the deadline. */
  #settle() {
    const state = this.#state;
    const { toServer, toClient, noise } = this;
    if (state[FINISHED] !== 0) {
      this.#hasEnded = true;
      toServer.finish();
      toClient.finish();
      noise.push(null);
      this.#wait(Infinity);
      return this.#drop();
    }
    const isRead = state[ENDED] !== 0 && toServer.hasFlushed;
    if (isRead && this.#engine.sendReady(SERVER, 0) === null) toServer.finish();
    this.#wait(state[DEADLINE]);
  }

  /** After the end what still comes is for nobody. */
  #drop() {
    if (this.toServer.chunk !== undefined) this.toServer.settle();
    if (this.toClient.chunk !== undefined) this.toClient.settle();
    this.toServer.finish();
    this.toClient.finish();
  }

  /** Sets the timer. One that rings too early does no harm, so it is moved forward only. */
  #wait(at) {
    if (this.#timer !== undefined && this.#timerAt <= at) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = at;
    // As a number NEVER is far behind all times.
    if (at > Number.MAX_SAFE_INTEGER) return;
    const wait = Math.min(Math.max(at - monotonicMs(), 1), TIMER_MS_MAX);
    this.#timer = setTimeout(() => this.#ring(), wait);
    this.#timer.unref();
  }

  #ring() {
    this.#timer = undefined;
    this.#timerAt = Infinity;
    if (this.#isClosed) return;
    this.act((engine, monotonic, wall) => engine.tick(monotonic, wall));
  }

  /** Calls verbs of the engine, then moves what they set free. */
  act(verbs) {
    try {
      return verbs(this.#engine, monotonicMs(), Date.now());
    } finally {
      this.run();
    }
  }

  closeSide(from) {
    if (this.#isClosed || this.#hasEnded || this.#closed[from]) return;
    this.#closed[from] = true;
    this.#engine.recvClose(from, monotonicMs(), Date.now());
  }

  /** A lane was destroyed: nothing more comes from its writer, and its reader is gone. */
  lose(lane, from, error) {
    if (this.#isClosed) return;
    const other = lane === this.toServer ? this.toClient : this.toServer;
    if (error) return void other.destroy(error), void this.close();
    if (other.isGone) return void this.close();
    this.closeSide(from);
    queueMicrotask(() => this.run());
  }

  fail(error) {
    this.toServer.destroy(error);
    this.toClient.destroy(error);
  }

  close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.toServer.destroy();
    this.toClient.destroy();
    if (!this.noise.readableEnded) this.noise.push(null);
    this.#engine.close();
  }
}

/** A guard: two streams, and what is said to their engine. */
class Guard {
  #core;

  constructor(core) {
    this.#core = core;
    this.toServer = core.toServer;
    this.toClient = core.toClient;
    this.noise = core.noise;
  }

  /** What was counted so far. */
  metrics() {
    return this.#core.act((engine) => engine.metrics());
  }

  /** Tells who a peer is, for the events. */
  facts(side, session, name) {
    this.#core.act((engine) => engine.facts(side, session, name));
  }

  /** Tells all that the host knows of a peer. */
  introduce(side, facts) {
    this.#core.act((engine) => engine.introduce(side, facts));
  }

  /** From the next frame on another policy decides. */
  swapPolicy(policy) {
    withPolicy(policy, (made) => this.#core.act((engine) => engine.swapPolicy(made)));
  }

  /** Answers a ticket that an event brought; false if it is not open. */
  answer(ticket, isApproved) {
    const word = isApproved ? native.ANSWER_APPROVED : native.ANSWER_DENIED;
    return this.#core.act((engine, monotonic, wall) =>
      engine.answer(ticket, word, monotonic, wall));
  }

  /** What a ticket asks; null if it is not open. */
  question(ticket) {
    return this.#core.act((engine) => engine.question(ticket));
  }

  /** Answers a ticket with a path, or with addresses; false if it is not open. */
  resolve(ticket, text) {
    return this.#core.act((engine, monotonic, wall) =>
      engine.resolve(ticket, text, monotonic, wall));
  }

  /** Begins the end: new requests are refused, open ones may be answered for so long. */
  drain(ms) {
    this.#core.act((engine, monotonic, wall) => {
      engine.beginDrain(monotonic, wall, monotonic + ms);
      engine.tick(monotonic, wall);
    });
  }

  /** Ends everything at once. */
  close() {
    this.#core.close();
  }
}

/** Makes a policy of a configuration for as long as `use` runs; a Policy is used as it is. */
function withPolicy(policy, use) {
  if (policy instanceof native.Policy) return use(policy);
  const made = new Policy(policy);
  try {
    return use(made);
  } finally {
    made.close();
  }
}

/** Makes a guard between a client and a server. */
export function createGuard(options = {}) {
  const { policy, limits, ledger, onEvent } = options;
  const { wanted = onEvent === undefined ? 0 : native.WANT_ALL } = options;
  if (wanted !== 0 && typeof onEvent !== 'function') {
    throw new TypeError('events that are wanted have to be collected: give onEvent');
  }
  const engine = withPolicy(policy, (made) => new Engine(made, { limits, wanted, ledger }));
  return new Guard(new Core(engine, wanted === 0 ? undefined : onEvent));
}
