// Not run: the compiler reads it to see that the types can be used as README says.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

import {
  CLIENT, Engine, EVENT_REFUSED, Finder, Ledger, NEVER, Policy, Redactor, createGuard,
  guardTransport, limitsDefault, reasonStr, type Event, type Limits, type PortcullisError,
} from 'portcullis';

const policy = new Policy({ tools: { deny: ['rm'] } }, { sealKey: new Uint8Array(32) });
const limits: Limits = { ...limitsDefault(), eventsMax: 8 };
const ledger = new Ledger();
const engine = new Engine(policy, { limits, wanted: 31, ledger, monotonicMs: 0, wallMs: 0n });
const taken: number = engine.recvCopy(CLIENT, Buffer.from(''), 1, 1);
const event: Event | null = engine.nextEvent();
if (event?.kind === EVENT_REFUSED) console.log(reasonStr(event.reason), event.ticket > 0n, taken);
const places: number[] = new Finder(policy).find('text', null).map((match) => match.start);
const out: Buffer = new Redactor(policy).push('text');
const never: bigint = NEVER;

const guard = createGuard({ policy, limits: { eventsMax: 9 }, onEvent: ({ tool }) => tool });
process.stdin.pipe(guard.toServer).pipe(process.stdout);
guard.noise.resume();

const transport = guardTransport(new StdioClientTransport({ command: 'server' }), { policy });
const checked: Transport = transport;
await new Client({ name: 'client', version: '1' }).connect(transport);
transport.guard.swapPolicy({});
console.log(places, out, never, checked, (null as unknown as PortcullisError).code);

// @ts-expect-error: a side is a number
engine.stalled('client');
