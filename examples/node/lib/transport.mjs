// A transport of the official MCP SDK behind an engine: what its client sends and gets is judged.
//
//   Client --> GuardedTransport --> [ engine ] --> inner transport --> server
//
// Messages become lines, lines are judged, and what leaves becomes messages again. A request that
// is refused is answered as if the server had done it.

import { finished } from 'node:stream/promises';

import { createGuard } from './guard.mjs';

const NEWLINE = 0x0a;

/** Messages out of the bytes of one receiver. */
class Lines {
  #pieces = [];

  /** The messages that these bytes complete. */
  push(bytes) {
    const messages = [];
    let begun = 0;
    for (let end; (end = bytes.indexOf(NEWLINE, begun)) >= 0; begun = end + 1) {
      this.#pieces.push(bytes.subarray(begun, end));
      messages.push(JSON.parse(Buffer.concat(this.#pieces).toString()));
      this.#pieces = [];
    }
    if (begun < bytes.length) this.#pieces.push(bytes.subarray(begun));
    return messages;
  }
}

class GuardedTransport {
  onclose;
  onerror;
  onmessage;
  #inner;
  #guard;
  #over;
  #hasClosed = false;
  /** What the SDK said about a message besides; by key, since a call may wait for a ticket. */
  #options = new Map();
  #extras = new Map();
  /** One message at a time is judged, so that a failure can be told to the one who sent it. */
  #turn = Promise.resolve();
  #sending = undefined;

  constructor(inner, options) {
    this.#inner = inner;
    this.#guard = createGuard(options);
    const { toServer, toClient } = this.#guard;
    this.#listen(toServer, (message) => this.#forward(message));
    this.#listen(toClient, (message) => this.#receive(message));
    inner.onmessage = (message, extra) => this.#fromServer(message, extra);
    inner.onerror = (error) => this.onerror?.(error);
    inner.onclose = () => this.#closed();
    if (inner.setProtocolVersion !== undefined) {
      this.setProtocolVersion = (version) => inner.setProtocolVersion(version);
    }
  }

  /** The guard, for tickets, policies and counts. */
  get guard() {
    return this.#guard;
  }

  get sessionId() {
    return this.#inner.sessionId;
  }

  start() {
    return this.#inner.start();
  }

  /** Resolves when the message was judged, and what may pass at once was sent. */
  async send(message, options) {
    const judged = this.#turn.then(() => this.#judge(message, options));
    this.#turn = judged.catch(() => {});
    await Promise.all(await judged);
  }

  async close() {
    if (!this.#hasClosed) await this.#inner.close();
    await this.#closed();
  }

  #listen(stream, take) {
    const lines = new Lines();
    stream.on('data', (bytes) => lines.push(bytes).forEach(take));
    stream.on('error', (error) => this.#failed(error));
  }

  async #judge(message, options) {
    if (this.#hasClosed) throw new Error('the transport is closed');
    const key = keyOf(message);
    if (options !== undefined) this.#options.set(key, options);
    if (message.method === 'notifications/cancelled') {
      this.#options.delete(requestKey(message.params?.requestId));
    }
    const sending = [];
    this.#sending = sending;
    await write(this.#guard.toServer, message);
    this.#sending = undefined;
    if (!isRequest(message)) this.#options.delete(key);
    return sending;
  }

  /** A message that may pass goes to the server. */
  #forward(message) {
    const key = keyOf(message);
    const options = this.#options.get(key);
    const sent = Promise.resolve().then(() => this.#inner.send(message, options));
    this.#options.delete(key);
    const waiting = this.#sending;
    waiting?.push(sent);
    sent.catch((error) => {
      // Nobody waits for a call that waited for its ticket.
      if (waiting === undefined && !this.#hasClosed) this.onerror?.(error);
    });
  }

  #fromServer(message, extra) {
    const key = keyOf(message);
    if (extra !== undefined) this.#extras.set(key, extra);
    write(this.#guard.toClient, message).then(
      () => this.#extras.delete(key),
      () => this.#extras.clear(),
    );
  }

  #receive(message) {
    if (message.method === undefined) this.#options.delete(requestKey(message.id));
    try {
      this.onmessage?.(message, this.#extras.get(keyOf(message)));
    } catch (error) {
      // A fault of the host is none of the session.
      this.onerror?.(error);
    }
  }

  #failed(error) {
    if (this.#hasClosed) return;
    this.onerror?.(error);
    this.#inner.close().catch(() => {});
    this.#closed();
  }

  /** The server is gone: open requests are answered before the client hears of it. */
  #closed() {
    this.#hasClosed = true;
    this.#over ??= this.#end();
    return this.#over;
  }

  async #end() {
    const { toClient } = this.#guard;
    toClient.end();
    await finished(toClient).catch(() => {});
    this.#guard.close();
    this.onclose?.();
  }
}

/** The same for a message as it came and as it left, and for no other on its way. */
function keyOf(message) {
  return isRequest(message) ? requestKey(message.id) : `other ${typeof message.id} ${message.id}`;
}

function requestKey(id) {
  return `request ${typeof id} ${id}`;
}

function isRequest(message) {
  return message.id !== undefined && message.method !== undefined;
}

/** Writes a message as a line; resolves when it was taken. */
function write(stream, message) {
  return new Promise((resolve, reject) => {
    stream.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
  });
}

/** Puts a guard between a client of the MCP SDK and its transport. */
export function guardTransport(transport, options) {
  return new GuardedTransport(transport, options);
}
