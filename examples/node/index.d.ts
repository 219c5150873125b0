// Types of Portcullis for Node.js. What a number means stands in portcullis.h, under the same name.

import type { Readable, Transform } from 'node:stream';

/** A text, or its bytes in UTF-8. Bytes in shared memory are refused. */
export type Text = string | Uint8Array;

/** A whole number from 0; a bigint where it may be above 2 ** 53. */
export type Whole = number | bigint;

/** Two numbers, by side: client, server. */
export type Pair = [client: number, server: number];

/** What is thrown where the library refuses; a wrong type is a TypeError with a code. */
export interface PortcullisError extends Error {
  code:
    | 'ERR_PORTCULLIS_ARGUMENT'
    | 'ERR_PORTCULLIS_BAD_ABI'
    | 'ERR_PORTCULLIS_BAD_CONFIG'
    | 'ERR_PORTCULLIS_BAD_NUMBER'
    | 'ERR_PORTCULLIS_BAD_STRUCT_SIZE'
    | 'ERR_PORTCULLIS_BAD_UTF8'
    | 'ERR_PORTCULLIS_CLOSED'
    | 'ERR_PORTCULLIS_MEMORY'
    | 'ERR_PORTCULLIS_NODE_API'
    | 'ERR_PORTCULLIS_NOT_LENT'
    | 'ERR_PORTCULLIS_NULL'
    | 'ERR_PORTCULLIS_PANICKED'
    | 'ERR_PORTCULLIS_POISONED'
    | 'ERR_PORTCULLIS_TOO_SMALL'
    | 'ERR_PORTCULLIS_UNKNOWN';
}

/** The limits of one engine; those that are left out have their defaults. */
export interface Limits {
  frameBytesMax: Pair;
  frameDepthMax: number;
  idBytesMax: number;
  membersMax: number;
  requestsOpenMax: number;
  answersOwedMax: number;
  batchWindow: number;
  batchesMax: number;
  ticketsMax: number;
  eventsMax: number;
  refusedInARowMax: number;
  idsTakenMax: number;
  listensMax: number;
  sealsMax: number;
  frameMsMax: number;
  ticketMs: number;
  idTakenMs: number;
}

/** One fact for the audit log. Names, lengths and reasons; never content. */
export interface Event {
  kind: number;
  from: number;
  message: number;
  reason: number;
  code: number;
  monotonicMs: number;
  wallMs: number;
  session: bigint;
  bytesIn: number;
  bytesOut: number;
  count: number;
  idDigest: bigint;
  /** For an answer: how long its request was open. */
  durationMs: number | null;
  /** To be answered; 0n if nothing is asked. */
  ticket: bigint;
  /** Out of a peer's message: never trust it, and escape it where it is shown. */
  server: string;
  serverCut: boolean;
  method: string;
  methodCut: boolean;
  tool: string;
  toolCut: boolean;
  rule: string;
  ruleCut: boolean;
  /** The check of that rule that refused, by its stable word, where a rule has several. */
  check: string;
}

/** What a ticket asks. It comes from a peer: never trust it, and escape it where it is shown. */
export interface Question {
  /** One of QUESTION_... */
  kind: number;
  /** The name of the tool, whole; the path as the call gives it; or the name of a host. */
  text: string;
  /** For a call: the message as it will leave; null if it holds what is for the tool alone. */
  message: Buffer | null;
}

/** Counts of one engine. */
export interface Metrics {
  bytesIn: Pair;
  bytesOut: Pair;
  frames: Pair;
  passed: Pair;
  changed: Pair;
  refused: Pair;
  dropped: Pair;
  edits: number;
  requestsOpen: Pair;
  answersOwed: Pair;
  eventsDropped: number;
  noiseBytes: number;
  noiseBytesDropped: number;
  memoryBytes: number;
}

/** A rule in force. */
export interface Rule {
  id: number;
  name: string;
  provider: string;
  severity: number;
  group: number;
  kind: number;
  action: number;
  proven: boolean;
  checked: boolean;
  anchored: boolean;
  custom: boolean;
  slow: boolean;
  replacement: string;
  replacementJson: string;
}

/** A pattern of the host's own that was skipped. */
export interface Fault {
  index: number;
  at: number | null;
  name: string;
  reason: string;
}

/** A secret in a text; places are in bytes of UTF-8. */
export interface Match {
  rule: number;
  start: number;
  end: number;
  plain: boolean;
  /** 1 yes, 2 no, 0 if there is nothing to look at. */
  verified: number;
}

/** A stretch of text that a reader does not see; places are in bytes of UTF-8. */
export interface Unseen {
  kind: number;
  start: number;
  end: number;
}

/** What decides. It never changes; any number of engines share one. */
export class Policy {
  /** `config` is an object, JSON, or nothing for the defaults. */
  constructor(config?: Text | object | null, options?: { sealKey?: Uint8Array });
  rules(): Rule[];
  faults(): Fault[];
  /** Frees it, any number of times. What was made with it lives on. */
  close(): void;
}

/**
 * Who a peer is, as far as the host knows; it vouches for it. Of a server only the name counts, of the
 * client all but its name.
 */
export interface Facts {
  session?: Whole;
  name?: Text | null;
  /** Without a port; one out of a header only if a trusted proxy wrote it. */
  address?: Text | null;
  /** Whom the client runs as, as a Unix socket tells it. */
  user?: number | null;
  /** What `readCredential` gives; the library copies and wipes it. */
  credential?: Text | null;
  /** How it came, SOURCE_... */
  source?: number;
  origin?: Text | null;
  host?: Text | null;
}

/** Counts over all sessions, and what is left of the limits that they share. */
export class Ledger {
  /** `keysMax` is the most addresses, principals and tools that a table holds: 4,096. */
  constructor(keysMax?: number);
  /**
   * Refuses the messages of a peer until then: its address counts, else its user, else its session. Not
   * 0: as many others are banned as there are places, until then at least.
   */
  ban(peer: Facts, untilMs: Whole, monotonicMs: Whole, wallMs: Whole): number;
  /** False if there was none. */
  liftBan(peer: Facts): boolean;
  /** For how many milliseconds more. */
  banned(peer: Facts, monotonicMs: Whole, wallMs: Whole): number;
  /** Lets go what a session holds whose engine was closed in the middle of it. */
  forgetSession(session: Whole): void;
  memory(): { bytes: number; bytesMax: number };
  counts(): {
    frames: number;
    refused: number;
    changed: number;
    requestsOpen: number;
    authFailures: number;
  };
  refusals(reason: number): number;
  /** Frees it with the last engine that counts in it. */
  close(): void;
}

export interface EngineOptions {
  limits?: Partial<Limits>;
  /** A sum of WANT_...; events that are wanted have to be collected. */
  wanted?: number;
  ledger?: Ledger;
  monotonicMs?: Whole;
  wallMs?: Whole;
}

/** A guard between one client and one server, verb by verb. Bytes are copied in and out. */
export class Engine {
  constructor(policy: Policy, options?: EngineOptions);
  /** How many bytes there is room for now. */
  recvSpace(from: number): number;
  /** Takes as many bytes as there is room for; how many. */
  recvCopy(from: number, bytes: Uint8Array, monotonicMs: Whole, wallMs: Whole): number;
  recvClose(from: number, monotonicMs: Whole, wallMs: Whole): void;
  /** A copy of what is to be written; it is `sendCommit` that takes it out. */
  sendReady(to: number, max?: number): Buffer | null;
  sendCommit(to: number, count: number): void;
  /** What is to be written, taken out: `sendReady` and `sendCommit` in one. */
  take(to: number, max?: number): Buffer | null;
  nextEvent(): Event | null;
  deadline(): { atMs: number; wake: number } | null;
  tick(monotonicMs: Whole, wallMs: Whole): void;
  isFinished(): boolean;
  facts(side: number, session: Whole, name: Text): void;
  /** Tells all that the host knows of a peer; what was told before is forgotten. */
  introduce(side: number, facts: Facts): void;
  swapPolicy(policy: Policy): void;
  beginDrain(monotonicMs: Whole, wallMs: Whole, untilMs: Whole): void;
  /** What a ticket asks; null if it is not open. */
  question(ticket: Whole): Question | null;
  /** False if the ticket is not open. */
  answer(ticket: Whole, answer: number, monotonicMs: Whole, wallMs: Whole): boolean;
  /** Answers with a path, or with addresses that spaces separate; false if it is not open. */
  resolve(ticket: Whole, text: Text, monotonicMs: Whole, wallMs: Whole): boolean;
  stalled(from: number): number;
  metrics(): Metrics;
  close(): void;
}

/** Finds secrets, and what a reader does not see, in texts of the host. */
export class Finder {
  constructor(policy: Policy);
  /** `name` is what the text is the value of, if it has a name. */
  find(text: Text, name?: Text | null): Match[];
  unseen(text: Text): Unseen[];
  /** Makes up a text with a secret of a built-in rule, for tests. */
  example(rule: number, seed: Whole): { text: string; start: number; end: number };
  close(): void;
}

/** Takes secrets out of plain text that comes in pieces. */
export class Redactor {
  constructor(policy: Policy);
  /** What may leave: all lines that are complete. */
  push(text: Text): Buffer;
  /** The rest. What comes after that is another text. */
  finish(): Buffer;
  close(): void;
}

/** What a check comes to; it says nothing of what was checked. */
export interface Verdict {
  allowed: boolean;
  /** The stable word of the check that refused it, such as `private`; null if it is allowed. */
  rule: string | null;
  /** Why in words, and how to allow it. */
  why: string | null;
}

/** What of a request decides about cross-origin use; values of headers, left out if it has none. */
export interface CorsRequest {
  method: Text;
  origin?: Text | null;
  /** Access-Control-Request-Method */
  requestMethod?: Text | null;
  /** Access-Control-Request-Headers */
  requestHeaders?: Text | null;
  /** Access-Control-Request-Private-Network is `true`. */
  privateNetwork?: boolean;
}

/**
 * What URLs, paths, clients and their pages may be, without an engine: `portcullis_guard`. It resolves
 * no name, follows no link and reads no connection. An error allows nothing.
 */
export class NetGuard {
  /**
   * `config` is an object, JSON, or nothing for the defaults, see portcullis_guard_new; or a Policy,
   * whose part of the network counts.
   */
  constructor(config?: Policy | Text | object | null);
  /** Whether a URL may be fetched. A host that is a HOST_NAME is resolved, then checked again. */
  checkUrl(url: Text): Verdict & { host: string; hostKind: number };
  /** The same without what its host is: for servers that the operator names. */
  checkUpstream(url: Text): Verdict;
  /** What a name resolved to: all of its addresses, with spaces between them. */
  checkAddresses(addresses: Text): Verdict;
  /** A path as it is written. */
  checkPath(path: Text): Verdict;
  /** What a path was found to be, all links followed. */
  checkResolved(path: Text): Verdict;
  /** A client's address, at a time that is now if it is left out. */
  checkIp(address: Text, wallMs?: Whole): Verdict;
  /** The value of Origin, nothing if there is none; several are joined with commas. */
  checkOrigin(origin?: Text | null): Verdict;
  /** The value of Host. */
  checkHost(host?: Text | null): Verdict;
  /** The client behind trusted proxies; all X-Forwarded-For are joined with commas. */
  clientAddress(peer: Text, forwardedFor?: Text | null): string;
  /** `status` is 0 if the request goes on, else that of the whole answer. */
  cors(request: CorsRequest): Verdict & { status: number; headers: [string, string][] };
  /** The security headers of an answer. */
  headers(isTls?: boolean): [string, string][];
  /** Frees it, any number of times. */
  close(): void;
}

export interface GuardOptions {
  /** A Policy, or what one is made of. */
  policy?: Policy | Text | object | null;
  limits?: Partial<Limits>;
  ledger?: Ledger;
  /** The events that are made; all, if there is `onEvent`. */
  wanted?: number;
  /** Is told of each decision before its bytes leave. */
  onEvent?: (event: Event) => void;
}

/** An engine as a pair of streams. */
export interface Guard {
  /** In: what the client writes. Out: what the server is to read. */
  readonly toServer: Transform;
  /** In: what the server writes. Out: what the client is to read. */
  readonly toClient: Transform;
  /** Lines of the server that are no messages. What nobody reads is dropped. */
  readonly noise: Readable;
  metrics(): Metrics;
  facts(side: number, session: Whole, name: Text): void;
  /** Tells all that the host knows of a peer; what was told before is forgotten. */
  introduce(side: number, facts: Facts): void;
  swapPolicy(policy: Policy | Text | object): void;
  /** Answers the ticket of an event; false if it is not open. */
  answer(ticket: Whole, isApproved: boolean): boolean;
  /** What a ticket asks; null if it is not open. */
  question(ticket: Whole): Question | null;
  /** Answers with a path, or with addresses that spaces separate; false if it is not open. */
  resolve(ticket: Whole, text: Text): boolean;
  /** Refuses new requests; open ones may be answered for so many milliseconds. */
  drain(ms: number): void;
  /** Ends everything at once. */
  close(): void;
}

export function createGuard(options?: GuardOptions): Guard;

/** What is used of `Transport` of the MCP SDK; the SDK itself is not needed. */
export interface TransportLike {
  start(): Promise<void>;
  send(message: any, options?: any): Promise<void>;
  close(): Promise<void>;
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: any, extra?: any) => void) | undefined;
  sessionId?: string | undefined;
  setProtocolVersion?: ((version: string) => void) | undefined;
}

/** Puts a guard between a client of the MCP SDK and its transport. */
export function guardTransport(
  transport: TransportLike,
  options?: GuardOptions,
): TransportLike & { readonly guard: Guard };

/** The number of the interface that the library has. */
export function abi(): number;
/** The version of the library. */
export function version(): string;
/** The line for a client for which there is no engine. */
export function notice(reason: number): Buffer;
/**
 * The credential in the value of Authorization (`name` is its scheme), in that of another header, or
 * in the parameter of that name of a query; null if there is none that all readers read alike.
 */
export function readCredential(source: number, text: Text, name?: Text | null): Buffer | null;
export function limitsDefault(): Limits;
/** The most bytes of memory that an engine with these limits ever takes. */
export function limitsMemoryMax(limits?: Partial<Limits>): number;
/** What kind of network an address belongs to, ADDRESS_... */
export function addressClass(address: Text): number;
/** The JSON-RPC error code of a refusal for this reason; 0 where there is none. */
export function reasonCode(reason: number): number;
/** What a peer is told for this reason. */
export function reasonMessage(reason: number): string;
// The word for a number; `unknown` for one that names nothing.
export function addressClassStr(number: number): string;
export function actionStr(number: number): string;
export function eventKindStr(number: number): string;
export function groupStr(number: number): string;
export function messageStr(number: number): string;
export function reasonStr(number: number): string;
export function receiverStr(number: number): string;
export function ruleKindStr(number: number): string;
export function severityStr(number: number): string;
export function stallStr(number: number): string;
export function statusStr(number: number): string;
export function unseenKindStr(number: number): string;
export function wakeStr(number: number): string;

// The numbers of portcullis.h.
export const REASON_NOT_JSON: 1;
export const REASON_INVALID_UTF8: 2;
export const REASON_BYTE_ORDER_MARK: 3;
export const REASON_CONTROL_CHARACTER: 4;
export const REASON_BARE_CR: 10;
export const REASON_TOO_DEEP: 11;
export const REASON_LONE_SURROGATE: 12;
export const REASON_DUPLICATE_MEMBER: 13;
export const REASON_FOLDED_MEMBER: 14;
export const REASON_TOO_MANY_MEMBERS: 15;
export const REASON_NOT_AN_OBJECT: 16;
export const REASON_BAD_VERSION: 17;
export const REASON_BAD_ID: 18;
export const REASON_BAD_METHOD: 19;
export const REASON_AMBIGUOUS_MESSAGE: 20;
export const REASON_BAD_PARAMS: 21;
export const REASON_BAD_PARAMS_MEMBER: 22;
export const REASON_DUPLICATE_ID: 23;
export const REASON_WRONG_ERA: 24;
export const REASON_INITIALIZE_IN_BATCH: 25;
export const REASON_EMPTY_BATCH: 26;
export const REASON_BATCH_DISABLED: 27;
export const REASON_AUTH_REQUIRED: 40;
export const REASON_AUTH_FAILED: 41;
export const REASON_PEER_UNAUTHENTICATED: 42;
export const REASON_TOKEN_PRESENT: 43;
export const REASON_LOCKED_OUT: 44;
export const REASON_CREDENTIAL_SOURCE: 45;
export const REASON_SERVER_DENIED: 46;
export const REASON_TOOL_DENIED: 50;
export const REASON_SECRET_IN_ENVELOPE: 51;
export const REASON_SECRET_BLOCKED: 52;
export const REASON_TOO_MANY_EDITS: 53;
export const REASON_UNSEEN_BLOCKED: 54;
export const REASON_METHOD_DENIED: 55;
export const REASON_RESOURCE_DENIED: 56;
export const REASON_PROMPT_DENIED: 57;
export const REASON_ARGUMENT_DENIED: 58;
export const REASON_PATH_DENIED: 59;
export const REASON_TOO_MANY_IN_FLIGHT: 60;
export const REASON_BUSY: 61;
export const REASON_RATE_LIMITED: 62;
export const REASON_TOO_MANY_SESSIONS: 63;
export const REASON_CONCURRENCY_LIMITED: 64;
export const REASON_CIRCUIT_OPEN: 65;
export const REASON_BYTES_LIMITED: 66;
export const REASON_TIMEOUT: 70;
export const REASON_DRAINING: 71;
export const REASON_FRAME_TOO_SLOW: 72;
export const REASON_SESSION_IDLE: 73;
export const REASON_FRAME_TOO_LARGE: 80;
export const REASON_RESPONSE_TOO_LARGE: 81;
export const REASON_BATCH_TOO_LARGE: 82;
export const REASON_PEER_CLOSED: 90;
export const REASON_SERVER_EXITED: 91;
export const REASON_BAD_RESPONSE: 92;
export const REASON_APPROVAL_DENIED: 100;
export const REASON_APPROVAL_EXPIRED: 101;
export const REASON_ORPHAN_RESPONSE: 110;
export const REASON_LATE_RESPONSE: 111;
export const REASON_NOISE: 112;
export const REASON_CLOSED_IN_FRAME: 120;
export const REASON_TOO_MANY_REFUSED: 121;
export const REASON_REDACTED: 122;
export const REASON_CANCELLED: 123;
export const REASON_APPROVAL_ASKED: 124;
export const REASON_CLOSED: 125;
export const REASON_DRAIN_BEGUN: 126;
export const REASON_POLICY_SWAPPED: 127;
export const REASON_EVENTS_DROPPED: 128;
export const REASON_TOKEN_CUT: 129;
export const REASON_LIST_FILTERED: 130;
export const REASON_INTRODUCED: 131;
export const REASON_TOKEN_ATTACHED: 132;
export const REASON_SECRET_SEEN: 133;
export const REASON_MASKED: 134;
export const REASON_SEALED: 135;
export const REASON_UNSEALED: 136;
export const REASON_SANITISED: 137;
export const REASON_UNSEEN_TEXT: 138;
export const REASON_URL_DENIED: 140;
export const REASON_SCHEMA_MISMATCH: 141;
export const REASON_ADDRESS_DENIED: 142;
export const REASON_ORIGIN_DENIED: 143;
export const REASON_HOST_DENIED: 144;
export const REASON_UNDECIDED: 145;
export const REASON_NOT_INITIALIZED: 146;
export const REASON_OPEN_LONG: 150;
export const REASON_CIRCUIT_OPENED: 151;
export const REASON_CIRCUIT_CLOSED: 152;
export const REASON_PATH_ASKED: 153;
export const REASON_NAME_ASKED: 154;
export const REASON_TRUNCATED: 155;
export const ABI: 1;
export const NEVER: 18446744073709551615n;
export const CLIENT: 0;
export const SERVER: 1;
export const NOISE: 2;
export const EVENT_PASSED: 0;
export const EVENT_CHANGED: 1;
export const EVENT_REFUSED: 2;
export const EVENT_PROTOCOL: 3;
export const EVENT_LIFECYCLE: 4;
export const WANT_PASSED: 1;
export const WANT_CHANGED: 2;
export const WANT_REFUSED: 4;
export const WANT_PROTOCOL: 8;
export const WANT_LIFECYCLE: 16;
export const WANT_ALL: 31;
export const WANT_DROPPING: 2147483648;
export const MESSAGE_NONE: 0;
export const MESSAGE_REQUEST: 1;
export const MESSAGE_NOTIFICATION: 2;
export const MESSAGE_RESPONSE: 3;
export const MESSAGE_BATCH: 4;
export const ANSWER_APPROVED: 1;
export const ANSWER_DENIED: 2;
export const ANSWER_RESOLVED: 3;
export const QUESTION_NONE: 0;
export const QUESTION_CALL: 1;
export const QUESTION_PATH: 2;
export const QUESTION_NAME: 3;
export const WAKE_NONE: 0;
export const WAKE_REQUEST: 1;
export const WAKE_TICKET: 2;
export const WAKE_DRAIN: 3;
export const WAKE_MEMORY: 4;
export const WAKE_ID: 5;
export const WAKE_FRAME: 6;
export const WAKE_REPORT: 7;
export const WAKE_IDLE: 8;
export const STALL_NONE: 0;
export const STALL_RECEIVER: 1;
export const STALL_SENDER: 2;
export const STALL_HOST: 3;
export const STALL_ENDED: 4;
export const ACTION_LOG: 1;
export const ACTION_MASK: 2;
export const ACTION_REDACT: 3;
export const ACTION_SEAL: 4;
export const ACTION_BLOCK: 5;
export const SEVERITY_LOW: 1;
export const SEVERITY_MEDIUM: 2;
export const SEVERITY_HIGH: 3;
export const SEVERITY_CRITICAL: 4;
export const GROUP_SECRETS: 1;
export const GROUP_PERSONAL: 2;
export const GROUP_ENTROPY: 3;
export const RULE_TOKEN: 1;
export const RULE_CONTEXT: 2;
export const RULE_BLOCK: 3;
export const RULE_PERSONAL: 4;
export const RULE_REGEX: 5;
export const RULE_LITERAL: 6;
export const RULE_GLOB: 7;
export const UNSEEN_ZERO_WIDTH: 1;
export const UNSEEN_BIDI: 2;
export const UNSEEN_TAG: 3;
export const UNSEEN_ANSI: 4;
export const VERIFIED_UNKNOWN: 0;
export const VERIFIED_YES: 1;
export const VERIFIED_NO: 2;
export const SOURCE_MEMBER: 0;
export const SOURCE_BEARER: 1;
export const SOURCE_HEADER: 2;
export const SOURCE_QUERY: 3;
export const HOST_NONE: 0;
export const HOST_NAME: 1;
export const HOST_ADDRESS: 2;
export const ADDRESS_PUBLIC: 0;
export const ADDRESS_UNSPECIFIED: 1;
export const ADDRESS_LOOPBACK: 2;
export const ADDRESS_PRIVATE: 3;
export const ADDRESS_LINK_LOCAL: 4;
export const ADDRESS_METADATA: 5;
export const ADDRESS_CARRIER_GRADE: 6;
export const ADDRESS_MULTICAST: 7;
export const ADDRESS_BROADCAST: 8;
export const ADDRESS_DOCUMENTATION: 9;
export const ADDRESS_BENCHMARK: 10;
export const ADDRESS_RESERVED: 11;
export const ADDRESS_UNIQUE_LOCAL: 12;
export const ADDRESS_SITE_LOCAL: 13;
export const STATUS_OK: 0;
export const STATUS_NULL: 1;
export const STATUS_BAD_NUMBER: 2;
export const STATUS_BAD_STRUCT_SIZE: 3;
export const STATUS_BAD_ABI: 4;
export const STATUS_NOT_LENT: 5;
export const STATUS_BAD_CONFIG: 6;
export const STATUS_BAD_UTF8: 7;
export const STATUS_TOO_SMALL: 8;
export const STATUS_PANICKED: 9;
export const STATUS_POISONED: 10;
