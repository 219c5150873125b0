/*
 * Portcullis: a guard between an MCP client and an MCP server.
 *
 *   read(2)                                                             write(2)
 *     |                                                                    ^
 *     v                                                                    |
 *   memory on loan ---> judged, frame by frame: pass, change, refuse ---> memory on loan
 *
 * It takes bytes, facts about the peers and the time. It gives bytes to forward, answers of its own,
 * and events for an audit log. It does no I/O, has no clock, starts no thread and calls nobody back:
 * the same calls give the same bytes.
 *
 * A HOST'S LOOP. Two lanes, PORTCULLIS_CLIENT and PORTCULLIS_SERVER, by the side that sends:
 *
 *     portcullis_policy *policy;
 *     portcullis_engine *engine;
 *     char why[1024];
 *     portcullis_policy_new(PORTCULLIS_ABI, NULL, 0, NULL, 0, why, sizeof why, &policy);
 *     portcullis_engine_new(PORTCULLIS_ABI, policy, NULL, 0, now, why, sizeof why, &engine);
 *
 *     for (;;) {
 *         for each side:
 *             portcullis_engine_recv_space(engine, side, &space, &len);
 *             if (len > 0 and the side is readable) {
 *                 count = read(fd, space, len);
 *                 if (count > 0) portcullis_engine_recv_commit(engine, NULL, side, count, now);
 *                 else if (count == 0, or the error is neither EAGAIN nor EINTR)
 *                     portcullis_engine_recv_close(engine, NULL, side, now);
 *             }
 *         for each receiver:
 *             portcullis_engine_send_ready(engine, receiver, &ready, &len);
 *             if (len > 0 and the receiver is writable) {
 *                 count = write(fd, ready, len);
 *                 if (count < 0, and the error is neither) count = len; nobody reads it any more
 *                 if (count > 0) portcullis_engine_send_commit(engine, NULL, receiver, count);
 *             }
 *         close the server's input, if portcullis_engine_stalled(engine, PORTCULLIS_CLIENT, ...) says
 *             PORTCULLIS_STALL_ENDED and nothing is ready for the server
 *         collect events, if any are wanted: portcullis_engine_next_event
 *         portcullis_engine_tick(engine, NULL, now);
 *         leave if portcullis_engine_is_finished
 *         wait for what may be read or written, at most until portcullis_engine_deadline
 *     }
 *
 * THE TEN RULES
 *  1. Any order of calls is legal. A lane stands only while its receiver does not read, its sender
 *     does not read what it is owed, or its host does not collect the events it asked for;
 *     portcullis_engine_stalled says which.
 *  2. A loan lives until the next call on the same handle, those aside that take it as `const`. There
 *     is one loan at a time: commit it, or let it go by any other call; one that fails leaves it as it
 *     was. Memory on loan is never handed back to the same handle as input.
 *  3. Interest follows state. Watch for readable exactly while recv_space is not empty; for writable
 *     exactly while send_ready is not empty.
 *  4. A frame, one line of JSON, is judged whole, once, in order of arrival.
 *  5. A byte leaves only if its frame was judged and passed, or if the engine wrote it itself.
 *  6. Room for the answer is kept free before a frame is judged. A lane never waits for the other.
 *  7. Every buffer, queue and table has a limit. At the limit: back-pressure or a refusal.
 *  8. After a tick the deadline is later than its time, or there is none.
 *  9. Same calls, same result: bytes, events, order.
 * 10. A frame refused is not a session ended. Only a close in the middle of a frame, a frame whose end
 *     does not come in time, and too many refused frames in a row end one.
 *
 * CONVENTIONS
 *  - Every call gives a status, PORTCULLIS_STATUS_...; outputs come last, and are written only if it is
 *    PORTCULLIS_STATUS_OK. Exceptions: the _free calls, the _str calls, portcullis_reason_code,
 *    portcullis_reason_message, portcullis_abi, portcullis_version. "Nothing there" is no error: a length or a count of 0 says so.
 *  - A _new makes a handle, its _free is the only call that ends it, and NULL may be freed. Each handle
 *    may be freed before those that were made with it.
 *  - A struct of this header that begins with struct_size is filled in by the library, or read by it,
 *    only if struct_size is its sizeof. Set it before each call. Nothing else need be set in a struct
 *    that the library fills in.
 *  - A pointer must not be NULL unless its call says so. Where a length stands beside it, length 0 is
 *    no bytes, whatever the pointer.
 *  - Texts are UTF-8. Numbers that name nothing are refused, never guessed at.
 *  - A `ledger` may be NULL everywhere: then the engine counts in one of its own.
 *  - Handles may move between threads, one call at a time on each (a policy: any number at a time).
 *    Nothing here takes a lock or looks at which thread it is on.
 *  - A defect in the library never unwinds into C: the call gives PORTCULLIS_STATUS_PANICKED, and the
 *    handle can only be freed afterwards. What the peers send never does that. (Rust's runtime prints
 *    where the defect is to standard error, never what was in the bytes.)
 *  - Out of memory ends the process, as in every Rust library.
 *
 * Made by cbindgen from the sources in ffi/; do not edit. Licence: MIT or Apache-2.0.
 */


#ifndef PORTCULLIS_H
#define PORTCULLIS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Why a frame did not pass as it came, or what else an event tells of. The number and the word
 * (`portcullis_reason_str`) are stable; 0 is no reason. In brackets the JSON-RPC error code that
 * a peer gets with it, where one does.
 */
/** the line is not one JSON text [-32700] */
#define PORTCULLIS_REASON_NOT_JSON 1u
/** the line is not UTF-8 [-32700] */
#define PORTCULLIS_REASON_INVALID_UTF8 2u
/** the line starts with a byte order mark [-32700] */
#define PORTCULLIS_REASON_BYTE_ORDER_MARK 3u
/** a control character stands in the line unescaped [-32700] */
#define PORTCULLIS_REASON_CONTROL_CHARACTER 4u
/** a carriage return stands inside the message [-32600] */
#define PORTCULLIS_REASON_BARE_CR 10u
/** the message is nested deeper than limits.frame_depth_max [-32600] */
#define PORTCULLIS_REASON_TOO_DEEP 11u
/** a name or a protocol member holds a lone surrogate [-32600] */
#define PORTCULLIS_REASON_LONE_SURROGATE 12u
/** two members have the same name; parsers disagree on which one counts [-32600] */
#define PORTCULLIS_REASON_DUPLICATE_MEMBER 13u
/** a member's name differs from one of the protocol by case only [-32600] */
#define PORTCULLIS_REASON_FOLDED_MEMBER 14u
/** an object of the message has more members than limits.members_max [-32600] */
#define PORTCULLIS_REASON_TOO_MANY_MEMBERS 15u
/** a message is an object [-32600] */
#define PORTCULLIS_REASON_NOT_AN_OBJECT 16u
/** jsonrpc has to be "2.0" [-32600] */
#define PORTCULLIS_REASON_BAD_VERSION 17u
/** an id is a string or an integer, no longer than limits.id_bytes_max [-32600] */
#define PORTCULLIS_REASON_BAD_ID 18u
/** method has to be a string [-32600] */
#define PORTCULLIS_REASON_BAD_METHOD 19u
/** a message is exactly one of request, notification and response [-32600] */
#define PORTCULLIS_REASON_AMBIGUOUS_MESSAGE 20u
/** params has to be an object [-32602] */
#define PORTCULLIS_REASON_BAD_PARAMS 21u
/** a member of params has the wrong type [-32602] */
#define PORTCULLIS_REASON_BAD_PARAMS_MEMBER 22u
/** a request with this id is open already [-32600] */
#define PORTCULLIS_REASON_DUPLICATE_ID 23u
/** this protocol revision has no such message from this side [-32600] */
#define PORTCULLIS_REASON_WRONG_ERA 24u
/** initialize must not be part of a batch [-32600] */
#define PORTCULLIS_REASON_INITIALIZE_IN_BATCH 25u
/** a batch has at least one member [-32600] */
#define PORTCULLIS_REASON_EMPTY_BATCH 26u
/** batches are switched off here; send one message a line [-32600] */
#define PORTCULLIS_REASON_BATCH_DISABLED 27u
/** authentication required [-32604] */
#define PORTCULLIS_REASON_AUTH_REQUIRED 40u
/** authentication failed [-32605] */
#define PORTCULLIS_REASON_AUTH_FAILED 41u
/** the client has not authenticated yet [-31600] */
#define PORTCULLIS_REASON_PEER_UNAUTHENTICATED 42u
/** auth_token is put in here; leave it out of the message [-31600] */
#define PORTCULLIS_REASON_TOKEN_PRESENT 43u
/** too many attempts to authenticate failed; wait, then come with a valid token [-31601] */
#define PORTCULLIS_REASON_LOCKED_OUT 44u
/** a credential is not taken in this way; present it as auth.sources says [-31600] */
#define PORTCULLIS_REASON_CREDENTIAL_SOURCE 45u
/** this token is not for this server; add the server to its list to allow it [-31600] */
#define PORTCULLIS_REASON_SERVER_DENIED 46u
/** this tool is denied by policy; take it off the list to allow it [-31600] */
#define PORTCULLIS_REASON_TOOL_DENIED 50u
/** a secret stands where the protocol reads names; switch its rule off to let it pass [-31600] */
#define PORTCULLIS_REASON_SECRET_IN_ENVELOPE 51u
/** a secret stands where nothing may be changed, or its rule blocks it; set its rule to log to let it pass [-31600] */
#define PORTCULLIS_REASON_SECRET_BLOCKED 52u
/** the message holds more secrets than can be cut out of it; send it in parts [-31600] */
#define PORTCULLIS_REASON_TOO_MANY_EDITS 53u
/** the message holds characters that a reader does not see; set them to strip or log to let it pass [-31600] */
#define PORTCULLIS_REASON_UNSEEN_BLOCKED 54u
/** this method is denied by policy; a rule of rights would have to allow it [-31600] */
#define PORTCULLIS_REASON_METHOD_DENIED 55u
/** this resource is denied by policy; a rule of rights would have to allow it [-31600] */
#define PORTCULLIS_REASON_RESOURCE_DENIED 56u
/** this prompt is denied by policy; a rule of rights would have to allow it [-31600] */
#define PORTCULLIS_REASON_PROMPT_DENIED 57u
/** an argument of this call is not what a rule of arguments demands [-31600] */
#define PORTCULLIS_REASON_ARGUMENT_DENIED 58u
/** a path in the arguments leads where a rule of arguments does not let it [-31600] */
#define PORTCULLIS_REASON_PATH_DENIED 59u
/** too many requests are open; wait for answers, or raise limits.requests_open_max [-31601] */
#define PORTCULLIS_REASON_TOO_MANY_IN_FLIGHT 60u
/** too much is waiting already; try again [-31601] */
#define PORTCULLIS_REASON_BUSY 61u
/** more messages come than a rate limit lets through; wait, or raise that limit [-31601] */
#define PORTCULLIS_REASON_RATE_LIMITED 62u
/** too many clients are connected; try again when one has left [-31601] */
#define PORTCULLIS_REASON_TOO_MANY_SESSIONS 63u
/** as many calls are open at once as policy allows; wait for answers [-31601] */
#define PORTCULLIS_REASON_CONCURRENCY_LIMITED 64u
/** the server failed too often and gets no calls for a while; try again later [-31601] */
#define PORTCULLIS_REASON_CIRCUIT_OPEN 65u
/** more bytes come than policy lets through; wait, or send less [-31601] */
#define PORTCULLIS_REASON_BYTES_LIMITED 66u
/** no answer came within the time that requests or quotas.timeouts give [-31602] */
#define PORTCULLIS_REASON_TIMEOUT 70u
/** the session is ending: it takes no new requests, and waits no longer for open ones [-31602] */
#define PORTCULLIS_REASON_DRAINING 71u
/** the message did not end within limits.frame_ms_max; send it at once, or raise the limit [-31602] */
#define PORTCULLIS_REASON_FRAME_TOO_SLOW 72u
/** the session was idle for longer than policy allows [-31602] */
#define PORTCULLIS_REASON_SESSION_IDLE 73u
/** the message is larger than limits.frame_bytes_max [-31603] */
#define PORTCULLIS_REASON_FRAME_TOO_LARGE 80u
/** the response is larger than limits.frame_bytes_max, or than policy lets it be [-31603] */
#define PORTCULLIS_REASON_RESPONSE_TOO_LARGE 81u
/** the answers to this batch would not fit in one message; send fewer at once [-31603] */
#define PORTCULLIS_REASON_BATCH_TOO_LARGE 82u
/** the other side has closed the session [-31604] */
#define PORTCULLIS_REASON_PEER_CLOSED 90u
/** the server has exited, was ended, or could not be started [-31604] */
#define PORTCULLIS_REASON_SERVER_EXITED 91u
/** the response to this request was refused [-31604] */
#define PORTCULLIS_REASON_BAD_RESPONSE 92u
/** the call was not approved [-31605] */
#define PORTCULLIS_REASON_APPROVAL_DENIED 100u
/** nobody approved the call in time [-31605] */
#define PORTCULLIS_REASON_APPROVAL_EXPIRED 101u
/** a response to no open request was dropped */
#define PORTCULLIS_REASON_ORPHAN_RESPONSE 110u
/** a response that came too late was dropped */
#define PORTCULLIS_REASON_LATE_RESPONSE 111u
/** a line that is no message was kept away from the client */
#define PORTCULLIS_REASON_NOISE 112u
/** the peer closed in the middle of a frame */
#define PORTCULLIS_REASON_CLOSED_IN_FRAME 120u
/** too many frames in a row were refused */
#define PORTCULLIS_REASON_TOO_MANY_REFUSED 121u
/** a secret was taken out */
#define PORTCULLIS_REASON_REDACTED 122u
/** the request was cancelled */
#define PORTCULLIS_REASON_CANCELLED 123u
/** the call waits for approval */
#define PORTCULLIS_REASON_APPROVAL_ASKED 124u
/** the peer will send no more */
#define PORTCULLIS_REASON_CLOSED 125u
/** the drain began */
#define PORTCULLIS_REASON_DRAIN_BEGUN 126u
/** the policy was exchanged */
#define PORTCULLIS_REASON_POLICY_SWAPPED 127u
/** events were dropped because nobody collected them */
#define PORTCULLIS_REASON_EVENTS_DROPPED 128u
/** the auth_token member was cut out */
#define PORTCULLIS_REASON_TOKEN_CUT 129u
/** denied items were taken out of the list */
#define PORTCULLIS_REASON_LIST_FILTERED 130u
/** the host said who a peer is */
#define PORTCULLIS_REASON_INTRODUCED 131u
/** the credential was put in as auth_token */
#define PORTCULLIS_REASON_TOKEN_ATTACHED 132u
/** a secret was seen and passed, as its rule says */
#define PORTCULLIS_REASON_SECRET_SEEN 133u
/** a secret was masked */
#define PORTCULLIS_REASON_MASKED 134u
/** a secret was sealed */
#define PORTCULLIS_REASON_SEALED 135u
/** a sealed secret was handed to a tool that its rule names */
#define PORTCULLIS_REASON_UNSEALED 136u
/** characters that a reader does not see were taken out */
#define PORTCULLIS_REASON_SANITISED 137u
/** characters that a reader does not see passed */
#define PORTCULLIS_REASON_UNSEEN_TEXT 138u
/** a URL in the arguments leads where a rule of arguments does not let it [-31600] */
#define PORTCULLIS_REASON_URL_DENIED 140u
/** the arguments are not what the tool's inputSchema says [-31600] */
#define PORTCULLIS_REASON_SCHEMA_MISMATCH 141u
/** this address is denied by policy [-31600] */
#define PORTCULLIS_REASON_ADDRESS_DENIED 142u
/** this origin is denied by policy [-31600] */
#define PORTCULLIS_REASON_ORIGIN_DENIED 143u
/** this host name is denied by policy [-31600] */
#define PORTCULLIS_REASON_HOST_DENIED 144u
/** a rule could not be decided, and what cannot be decided is refused [-31600] */
#define PORTCULLIS_REASON_UNDECIDED 145u
/** the policy demands initialize first; send it, or switch require_initialize off [-31600] */
#define PORTCULLIS_REASON_NOT_INITIALIZED 146u
/** a call is open for a long time */
#define PORTCULLIS_REASON_OPEN_LONG 150u
/** the server failed too often; its calls are refused */
#define PORTCULLIS_REASON_CIRCUIT_OPENED 151u
/** the server works again; its calls pass */
#define PORTCULLIS_REASON_CIRCUIT_CLOSED 152u
/** the call waits for the host to resolve a path */
#define PORTCULLIS_REASON_PATH_ASKED 153u
/** the call waits for the host to resolve a name */
#define PORTCULLIS_REASON_NAME_ASKED 154u
/** a response was cut to the size that policy allows */
#define PORTCULLIS_REASON_TRUNCATED 155u


/**
 * The number of this interface. It changes when something that compiled or linked before would mean
 * something else. Every `_new` takes it, and refuses another.
 */
#define PORTCULLIS_ABI 1u

/**
 * No such time: nothing is due, or nothing was measured.
 */
#define PORTCULLIS_NEVER UINT64_MAX

/**
 * The MCP client: it asks for tools, and a model reads what it gets. A side that bytes come from,
 * and a receiver that bytes are for. Numbers above 1 are kept for several servers behind one engine.
 */
#define PORTCULLIS_CLIENT 0u

/**
 * The MCP server: it runs the tools. A side and a receiver.
 */
#define PORTCULLIS_SERVER 1u

/**
 * The host's standard error: lines of a server that are no MCP messages, with secrets taken out. A
 * receiver only. What nobody takes is dropped and counted, and holds nothing up.
 */
#define PORTCULLIS_NOISE 2u

/**
 * A frame passed as it came.
 */
#define PORTCULLIS_EVENT_PASSED 0u

/**
 * A frame passed, changed.
 */
#define PORTCULLIS_EVENT_CHANGED 1u

/**
 * A frame, or a request in flight, was refused.
 */
#define PORTCULLIS_EVENT_REFUSED 2u

/**
 * Something that the protocol does not foresee was dropped: answers to nobody, noise.
 */
#define PORTCULLIS_EVENT_PROTOCOL 3u

/**
 * The session changed: opened, closed, drained, policy exchanged, a ticket asked for.
 */
#define PORTCULLIS_EVENT_LIFECYCLE 4u

/**
 * Which events are made is a sum of bits: this one is for `PORTCULLIS_EVENT_PASSED`. 0 is none.
 */
#define PORTCULLIS_WANT_PASSED 1u

/**
 * Make `PORTCULLIS_EVENT_CHANGED`.
 */
#define PORTCULLIS_WANT_CHANGED 2u

/**
 * Make `PORTCULLIS_EVENT_REFUSED`.
 */
#define PORTCULLIS_WANT_REFUSED 4u

/**
 * Make `PORTCULLIS_EVENT_PROTOCOL`.
 */
#define PORTCULLIS_WANT_PROTOCOL 8u

/**
 * Make `PORTCULLIS_EVENT_LIFECYCLE`.
 */
#define PORTCULLIS_WANT_LIFECYCLE 16u

/**
 * Make every kind of event that there is.
 */
#define PORTCULLIS_WANT_ALL 31u

/**
 * Besides the kinds: when the events that are kept (`events_max`) are not collected, drop and count
 * what finds no room. Without it judging stops until the host collects: no decision without its
 * record.
 */
#define PORTCULLIS_WANT_DROPPING 2147483648u

/**
 * Not a message, or not known.
 */
#define PORTCULLIS_MESSAGE_NONE 0u

/**
 * Asks, and is owed an answer.
 */
#define PORTCULLIS_MESSAGE_REQUEST 1u

/**
 * Tells, and is never answered.
 */
#define PORTCULLIS_MESSAGE_NOTIFICATION 2u

/**
 * Answers.
 */
#define PORTCULLIS_MESSAGE_RESPONSE 3u

/**
 * An array of the others (revision 2025-03-26).
 */
#define PORTCULLIS_MESSAGE_BATCH 4u

/**
 * The call may go on.
 */
#define PORTCULLIS_ANSWER_APPROVED 1u

/**
 * The call is refused: with `approval_denied`, or with `undecided` where a path or a name was to be
 * resolved.
 */
#define PORTCULLIS_ANSWER_DENIED 2u

/**
 * What was asked for is known. `portcullis_engine_resolve` says it, with the text that goes with it;
 * `portcullis_engine_answer` takes no such answer.
 */
#define PORTCULLIS_ANSWER_RESOLVED 3u

/**
 * The ticket is not open (any more).
 */
#define PORTCULLIS_QUESTION_NONE 0u

/**
 * Whether a call may go on: to be approved or denied.
 */
#define PORTCULLIS_QUESTION_CALL 1u

/**
 * Where a path leads once links are followed: to be resolved with that path, absolute; for a file
 * that does not exist, where its directory leads, and its name.
 */
#define PORTCULLIS_QUESTION_PATH 2u

/**
 * The addresses of a name: to be resolved with all of them, separated by spaces. The host connects to
 * these and no others, or a later answer of the name server would lead elsewhere.
 */
#define PORTCULLIS_QUESTION_NAME 3u

/**
 * Nothing is due.
 */
#define PORTCULLIS_WAKE_NONE 0u

/**
 * A request in flight reaches its deadline.
 */
#define PORTCULLIS_WAKE_REQUEST 1u

/**
 * A ticket reaches its deadline.
 */
#define PORTCULLIS_WAKE_TICKET 2u

/**
 * A drain reaches its end.
 */
#define PORTCULLIS_WAKE_DRAIN 3u

/**
 * A buffer that is empty gives memory back.
 */
#define PORTCULLIS_WAKE_MEMORY 4u

/**
 * The id of a request that ended without its answer becomes free.
 */
#define PORTCULLIS_WAKE_ID 5u

/**
 * The beginning of a client's frame has waited for its end as long as it may.
 */
#define PORTCULLIS_WAKE_FRAME 6u

/**
 * A request is open for so long that it is told.
 */
#define PORTCULLIS_WAKE_REPORT 7u

/**
 * A session says nothing for as long as it may.
 */
#define PORTCULLIS_WAKE_IDLE 8u

/**
 * The lane does not stand.
 */
#define PORTCULLIS_STALL_NONE 0u

/**
 * Its receiver has to read what is ready for it, or to answer what keeps a batch waiting.
 */
#define PORTCULLIS_STALL_RECEIVER 1u

/**
 * Its sender has to read the answers that it is owed.
 */
#define PORTCULLIS_STALL_SENDER 2u

/**
 * The host has to collect events, and then to call a verb that judges.
 */
#define PORTCULLIS_STALL_HOST 3u

/**
 * Its sender has closed and all that it sent has left: the host may close its own end towards the
 * receiver.
 */
#define PORTCULLIS_STALL_ENDED 4u

/**
 * A secret is told of and passes.
 */
#define PORTCULLIS_ACTION_LOG 1u

/**
 * A few of its characters stay, if it is long enough.
 */
#define PORTCULLIS_ACTION_MASK 2u

/**
 * The rule's replacement stands in its place.
 */
#define PORTCULLIS_ACTION_REDACT 3u

/**
 * A placeholder stands in its place, which the engine turns back for the tools that the rule names.
 */
#define PORTCULLIS_ACTION_SEAL 4u

/**
 * The frame is refused.
 */
#define PORTCULLIS_ACTION_BLOCK 5u

/**
 * An identifier, or public by design.
 */
#define PORTCULLIS_SEVERITY_LOW 1u

/**
 * Needs a second part, or is a guess from its surroundings.
 */
#define PORTCULLIS_SEVERITY_MEDIUM 2u

/**
 * Scoped or short-lived.
 */
#define PORTCULLIS_SEVERITY_HIGH 3u

/**
 * Acts at once, without a further secret.
 */
#define PORTCULLIS_SEVERITY_CRITICAL 4u

/**
 * Credentials. On, unless switched off.
 */
#define PORTCULLIS_GROUP_SECRETS 1u

/**
 * Personal data, `pii` in a configuration. Off, unless switched on.
 */
#define PORTCULLIS_GROUP_PERSONAL 2u

/**
 * Long random values beside a word such as key or token. On, unless switched off.
 */
#define PORTCULLIS_GROUP_ENTROPY 3u

/**
 * A rule recognises its secrets by characters of the secret itself.
 */
#define PORTCULLIS_RULE_TOKEN 1u

/**
 * By the name or the word in front of the secret.
 */
#define PORTCULLIS_RULE_CONTEXT 2u

/**
 * By the lines around a block of text.
 */
#define PORTCULLIS_RULE_BLOCK 3u

/**
 * By the form and the check digits of a number, or by the form of an address.
 */
#define PORTCULLIS_RULE_PERSONAL 4u

/**
 * A regular expression of the host's own.
 */
#define PORTCULLIS_RULE_REGEX 5u

/**
 * A literal text of the host's own.
 */
#define PORTCULLIS_RULE_LITERAL 6u

/**
 * A glob of the host's own.
 */
#define PORTCULLIS_RULE_GLOB 7u

/**
 * Characters without width or ink: zero-width spaces and joiners, variation selectors, fillers, a
 * byte order mark.
 */
#define PORTCULLIS_UNSEEN_ZERO_WIDTH 1u

/**
 * Marks, embeddings, overrides and isolates of the bidirectional algorithm: the text is read in
 * another order than it stands.
 */
#define PORTCULLIS_UNSEEN_BIDI 2u

/**
 * Tag characters, a second ASCII that nobody sees.
 */
#define PORTCULLIS_UNSEEN_TAG 3u

/**
 * A control sequence of a terminal (ECMA-48).
 */
#define PORTCULLIS_UNSEEN_ANSI 4u

/**
 * The rule of a match knows of nothing in the secret to look at.
 */
#define PORTCULLIS_VERIFIED_UNKNOWN 0u

/**
 * The checksum or the structure of the secret is as its issuer makes it.
 */
#define PORTCULLIS_VERIFIED_YES 1u

/**
 * It is not.
 */
#define PORTCULLIS_VERIFIED_NO 2u

/**
 * A credential came as the member `auth_token` of a message.
 */
#define PORTCULLIS_SOURCE_MEMBER 0u

/**
 * In the `Authorization` header of a request.
 */
#define PORTCULLIS_SOURCE_BEARER 1u

/**
 * In another header.
 */
#define PORTCULLIS_SOURCE_HEADER 2u

/**
 * In the query of the URL, which logs and histories keep.
 */
#define PORTCULLIS_SOURCE_QUERY 3u

/**
 * A URL was refused: its host is of no interest.
 */
#define PORTCULLIS_HOST_NONE 0u

/**
 * Its host is a name, whose addresses are to be checked.
 */
#define PORTCULLIS_HOST_NAME 1u

/**
 * Its host is an address, which was checked.
 */
#define PORTCULLIS_HOST_ADDRESS 2u

/**
 * Anybody's: reached over the public network.
 */
#define PORTCULLIS_ADDRESS_PUBLIC 0u

/**
 * `0.0.0.0/8` and `::`: this host, as most systems read it.
 */
#define PORTCULLIS_ADDRESS_UNSPECIFIED 1u

/**
 * `127.0.0.0/8` and `::1`: this host.
 */
#define PORTCULLIS_ADDRESS_LOOPBACK 2u

/**
 * `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16` (RFC 1918).
 */
#define PORTCULLIS_ADDRESS_PRIVATE 3u

/**
 * `169.254.0.0/16` and `fe80::/10`: this link.
 */
#define PORTCULLIS_ADDRESS_LINK_LOCAL 4u

/**
 * Where clouds hand credentials to whoever asks: `169.254.169.254` and its like.
 */
#define PORTCULLIS_ADDRESS_METADATA 5u

/**
 * `100.64.0.0/10`: inside a provider's network (RFC 6598).
 */
#define PORTCULLIS_ADDRESS_CARRIER_GRADE 6u

/**
 * `224.0.0.0/4` and `ff00::/8`.
 */
#define PORTCULLIS_ADDRESS_MULTICAST 7u

/**
 * `255.255.255.255`.
 */
#define PORTCULLIS_ADDRESS_BROADCAST 8u

/**
 * Of examples: `192.0.2.0/24`, `198.51.100.0/24`, `203.0.113.0/24`, `2001:db8::/32`, `3fff::/20`.
 */
#define PORTCULLIS_ADDRESS_DOCUMENTATION 9u

/**
 * `198.18.0.0/15` and `2001:2::/48`.
 */
#define PORTCULLIS_ADDRESS_BENCHMARK 10u

/**
 * Everything else that nobody has on the public network.
 */
#define PORTCULLIS_ADDRESS_RESERVED 11u

/**
 * `fc00::/7`: private networks of IPv6 (RFC 4193).
 */
#define PORTCULLIS_ADDRESS_UNIQUE_LOCAL 12u

/**
 * `fec0::/10`: the same, before RFC 3879 ended it.
 */
#define PORTCULLIS_ADDRESS_SITE_LOCAL 13u

/**
 * Done; the outputs were written.
 */
#define PORTCULLIS_STATUS_OK 0u

/**
 * A pointer that must not be NULL is.
 */
#define PORTCULLIS_STATUS_NULL 1u

/**
 * A number names nothing: no such side, receiver, kind, answer, reason or index; a text is no
 * address; or a pointer is not aligned for its type.
 */
#define PORTCULLIS_STATUS_BAD_NUMBER 2u

/**
 * `struct_size` is not the size of any version of the struct that this library knows.
 */
#define PORTCULLIS_STATUS_BAD_STRUCT_SIZE 3u

/**
 * The header that the caller was compiled with has another ABI number than the library.
 */
#define PORTCULLIS_STATUS_BAD_ABI 4u

/**
 * More was committed than is on loan, or the loan has ended: another call came between.
 */
#define PORTCULLIS_STATUS_NOT_LENT 5u

/**
 * The configuration or a limit is refused; the message says why and how to mend it.
 */
#define PORTCULLIS_STATUS_BAD_CONFIG 6u

/**
 * A text is not UTF-8.
 */
#define PORTCULLIS_STATUS_BAD_UTF8 7u

/**
 * The buffer is too small for what has to be written into it.
 */
#define PORTCULLIS_STATUS_TOO_SMALL 8u

/**
 * This call met a defect of the library. The handle is poisoned: free it, and end the session.
 */
#define PORTCULLIS_STATUS_PANICKED 9u

/**
 * An earlier call met a defect of the library, and nothing is known of the handle any more. It can
 * only be freed.
 */
#define PORTCULLIS_STATUS_POISONED 10u

/**
 * A guard between one client and one server. It may move between threads; one call at a time.
 */
typedef struct portcullis_engine portcullis_engine;

/**
 * Finds secrets, and characters that a reader does not see, in texts that the host holds. It changes
 * nothing; `portcullis_redactor` does. It may move between threads; one call at a time.
 */
typedef struct portcullis_finder portcullis_finder;

/**
 * What URLs, paths, clients and their pages may be, for hosts that ask that alone: a gateway, a tool, a
 * test. No engine is needed. It resolves no name, follows no link, reads no clock and no connection. It
 * never changes: threads may use it at the same time.
 */
typedef struct portcullis_guard portcullis_guard;

/**
 * Counts over all sessions of a host, and what is left of the limits that they share. The host makes
 * one and hands it to the verbs that judge; where it hands over NULL, the engine uses one of its
 * own. Engines that share a ledger share its clock, and are called one at a time: from several
 * threads only under one lock. It outlives every call that it is handed to, nothing more.
 */
typedef struct portcullis_ledger portcullis_ledger;

/**
 * What passes, what is taken out, and who may send. It never changes, so any number of engines,
 * finders and redactors share one, and threads may use it at the same time. It may be freed while
 * they live: each keeps what it needs.
 */
typedef struct portcullis_policy portcullis_policy;

/**
 * Takes secrets out of plain text that comes in pieces, such as the standard error of a server. It
 * judges whole lines, and key blocks of many lines; so the pieces in which the text came change
 * nothing. A line over 64 KiB is cut, with a mark. It may move between threads; one call at a time.
 */
typedef struct portcullis_redactor portcullis_redactor;

/**
 * The limits of one engine. Fill it with `portcullis_limits_default`, then change what differs. A
 * number outside of its range is refused by `portcullis_engine_new`, which names it.
 */
typedef struct portcullis_limits {
    /**
     * `sizeof(portcullis_limits)`, set by the caller.
     */
    uint32_t struct_size;
    /**
     * Longest frame in bytes, without its newline, by the side that sends it (client, server).
     * 16 MiB; 4 KiB to 1 GiB.
     */
    uint32_t frame_bytes_max[2];
    /**
     * Deepest nesting of a frame. 128; 8 to 128.
     */
    uint32_t frame_depth_max;
    /**
     * Longest id in bytes, as it is spelled. 256; 16 to 4,096.
     */
    uint32_t id_bytes_max;
    /**
     * Most members of an object that a decision reads. 1,024; 16 to 65,536.
     */
    uint32_t members_max;
    /**
     * Most open requests in each direction. 16,384; 1 to 1,048,576. Memory is taken as needed.
     */
    uint32_t requests_open_max;
    /**
     * Most refusals that one side is owed before its lane waits. 64; 1 to 4,096.
     */
    uint32_t answers_owed_max;
    /**
     * Requests of one batch that are open at once; 0 for as many as there are slots. 100.
     */
    uint32_t batch_window;
    /**
     * Batches at work in each direction. 4; 1 to 64.
     */
    uint32_t batches_max;
    /**
     * Calls that wait for a ticket, in each direction. 16; 1 to 1,024.
     */
    uint32_t tickets_max;
    /**
     * Events kept until the host collects them. 64; 8 to 4,096.
     */
    uint32_t events_max;
    /**
     * Refused frames in a row that end a session. 1,000; 1 to 1,000,000.
     */
    uint32_t refused_in_a_row_max;
    /**
     * Ids of cancelled or timed-out requests that stay taken. 256; 1 to 65,536.
     */
    uint32_t ids_taken_max;
    /**
     * Requests that may stay open for good (`subscriptions/listen`). 256; 1 to 65,536.
     */
    uint32_t listens_max;
    /**
     * Sealed secrets that a session keeps. 64; 0 to 4,096.
     */
    uint32_t seals_max;
    /**
     * Milliseconds for which the beginning of a client's frame may wait for its end; then the session
     * ends with `frame_too_slow`. 0, the default: for ever. A host of many clients wants one, such as
     * 30,000. At most 86,400,000.
     */
    uint64_t frame_ms_max;
    /**
     * Milliseconds until an unanswered ticket is a no. 45,000; 1 to 86,400,000.
     */
    uint64_t ticket_ms;
    /**
     * Milliseconds for which the id of a request that ended without its answer stays taken.
     * 300,000; 1 to 86,400,000.
     */
    uint64_t id_taken_ms;
} portcullis_limits;

/**
 * A moment, as the host's clocks show it. The engine has no clock: the host says what time it is.
 */
typedef struct portcullis_time {
    /**
     * Milliseconds since an origin that the host chooses; never goes backwards
     * (`CLOCK_MONOTONIC`). The engine keeps the greatest that it has seen.
     */
    uint64_t monotonic_ms;
    /**
     * Milliseconds since 1970-01-01T00:00:00Z (`CLOCK_REALTIME`), for stamps in events.
     */
    uint64_t wall_ms;
} portcullis_time;

/**
 * A short text out of a peer's message: never trust it, and escape it where it is shown. It is a part
 * of an event, whose `struct_size` covers it, and stays as it is.
 */
typedef struct portcullis_label {
    /**
     * Its length in bytes, at most 62.
     */
    uint32_t len;
    /**
     * 1 if the text was longer and is cut, at a character; else 0.
     */
    uint32_t cut;
    /**
     * UTF-8, then NULs. The text itself may hold a NUL: `len` counts.
     */
    char text[64];
} portcullis_label;

/**
 * One fact for the audit log. Names, lengths and reasons; never content.
 */
typedef struct portcullis_event {
    /**
     * `sizeof(portcullis_event)`, set by the caller.
     */
    uint32_t struct_size;
    /**
     * What kind of fact, `PORTCULLIS_EVENT_...`.
     */
    uint32_t kind;
    /**
     * Who sent the frame, `PORTCULLIS_CLIENT` or `PORTCULLIS_SERVER`.
     */
    uint32_t from;
    /**
     * What the frame was, `PORTCULLIS_MESSAGE_...`.
     */
    uint32_t message;
    /**
     * Why, `PORTCULLIS_REASON_...`; 0 for a frame that passed as it came.
     */
    uint32_t reason;
    /**
     * The JSON-RPC error code that goes with the reason; 0 if there is none.
     */
    int32_t code;
    /**
     * When it was decided.
     */
    struct portcullis_time time;
    /**
     * The host's number for this session, from `portcullis_engine_facts`.
     */
    uint64_t session;
    /**
     * Length of the frame as it came, without its newline.
     */
    uint64_t bytes_in;
    /**
     * Length of the frame as it leaves; 0 if it does not.
     */
    uint64_t bytes_out;
    /**
     * How many places were changed, or how many events this one stands for.
     */
    uint64_t count;
    /**
     * A digest of the id, to tie a request to its answer; 0 if there is none.
     */
    uint64_t id_digest;
    /**
     * For an answer: milliseconds since its request was judged; else `PORTCULLIS_NEVER`.
     */
    uint64_t duration_ms;
    /**
     * The ticket: what it asks says `portcullis_engine_question`. 0 if the host is asked nothing.
     */
    uint64_t ticket;
    /**
     * The server's name, from `portcullis_engine_facts`.
     */
    struct portcullis_label server;
    /**
     * The method; for a response that of its request.
     */
    struct portcullis_label method;
    /**
     * The tool of a `tools/call`; for a response that of its request, and for the result of a task
     * that of the call that made it, where limits of tools ask for it.
     */
    struct portcullis_label tool;
    /**
     * The rule that decided, if one did.
     */
    struct portcullis_label rule;
    /**
     * The check of that rule that refused, by its stable word, where a rule has several.
     */
    struct portcullis_label check;
} portcullis_event;

/**
 * Who a peer is, as far as the host knows; the host vouches for it. Everything may be left 0. Of a
 * server only its name counts; of the client all but its name.
 */
typedef struct portcullis_facts {
    /**
     * `sizeof(portcullis_facts)`, set by the caller.
     */
    uint32_t struct_size;
    /**
     * Whether `user` is told: 0 or 1.
     */
    uint32_t has_user;
    /**
     * The user that the client runs as, by its number, as a Unix socket tells it.
     */
    uint32_t user;
    /**
     * How the credential came, `PORTCULLIS_SOURCE_...`.
     */
    uint32_t source;
    /**
     * The host's number for the session.
     */
    uint64_t session;
    /**
     * The peer's name, for events and rules, cut to 62 bytes.
     */
    const char *name;
    /**
     * Its length in bytes.
     */
    size_t name_len;
    /**
     * The client's address, without a port; of length 0 for none, as with pipes and Unix sockets. One
     * out of a header is one only if a trusted proxy wrote it: `portcullis_guard_client_address`.
     */
    const char *address;
    /**
     * Its length in bytes.
     */
    size_t address_len;
    /**
     * What the client presented beside its messages, such as a bearer token, as
     * `portcullis_credential_read` gives it; of length 0 for none, and none if it has over 16,384 bytes.
     * An `auth_token` of a message goes before it. The library copies and wipes it.
     */
    const char *credential;
    /**
     * Its length in bytes.
     */
    size_t credential_len;
    /**
     * The value of the client's `Origin`; NULL if it has none.
     */
    const char *origin;
    /**
     * Its length in bytes.
     */
    size_t origin_len;
    /**
     * The value of the client's `Host`; NULL if it has none.
     */
    const char *host;
    /**
     * Its length in bytes.
     */
    size_t host_len;
} portcullis_facts;

/**
 * What a ticket asks. The texts are on loan, as all that an engine lends; no NUL stands behind them.
 * They come from a peer.
 */
typedef struct portcullis_question {
    /**
     * `sizeof(portcullis_question)`, set by the caller.
     */
    uint32_t struct_size;
    /**
     * What is asked, `PORTCULLIS_QUESTION_...`.
     */
    uint32_t kind;
    /**
     * The name of the tool, whole; the path as the call gives it; or the name of a host.
     */
    const char *text;
    /**
     * Its length in bytes.
     */
    size_t text_len;
    /**
     * For a call: the message as it will leave, without its newline. NULL if there is none to be seen:
     * a sealed secret was opened in it, which is for the tool alone.
     */
    const uint8_t *message;
    /**
     * Its length in bytes.
     */
    size_t message_len;
} portcullis_question;

/**
 * Counts of one engine. Pairs are by the side that sent: client, server.
 */
typedef struct portcullis_metrics {
    /**
     * `sizeof(portcullis_metrics)`, set by the caller.
     */
    uint32_t struct_size;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * Bytes that were read.
     */
    uint64_t bytes_in[2];
    /**
     * Bytes that were written, by the side that they went to.
     */
    uint64_t bytes_out[2];
    /**
     * Frames that were judged; members of a batch count one each.
     */
    uint64_t frames[2];
    /**
     * Frames that passed as they came.
     */
    uint64_t passed[2];
    /**
     * Frames that passed changed.
     */
    uint64_t changed[2];
    /**
     * Frames that were refused.
     */
    uint64_t refused[2];
    /**
     * Answers to nobody, late answers, and noise.
     */
    uint64_t dropped[2];
    /**
     * Places that were changed in frames.
     */
    uint64_t edits;
    /**
     * Requests in flight, by the side that asked.
     */
    uint32_t requests_open[2];
    /**
     * Answers that are owed and not written yet, by the side that asked.
     */
    uint32_t answers_owed[2];
    /**
     * Events that were dropped, if the host chose that.
     */
    uint64_t events_dropped;
    /**
     * Bytes of lines that are no messages.
     */
    uint64_t noise_bytes;
    /**
     * Those of them that nobody took.
     */
    uint64_t noise_bytes_dropped;
    /**
     * Bytes of memory that the engine holds besides itself.
     */
    uint64_t memory_bytes;
} portcullis_metrics;

/**
 * A secret in a text.
 */
typedef struct portcullis_match {
    /**
     * `sizeof(portcullis_match)`, set by the caller.
     */
    uint32_t struct_size;
    /**
     * The number of the rule that found it, `id` in `portcullis_rule`.
     */
    uint32_t rule;
    /**
     * Where it starts, in bytes.
     */
    size_t start;
    /**
     * Where it ends, in bytes: the first byte that is no part of it.
     */
    size_t end;
    /**
     * 1 if the secret stands there as it is; 0 if it is spelled in another way, such as base64.
     */
    uint32_t plain;
    /**
     * Whether what the secret itself holds, a checksum or a structure, is as its issuer makes it,
     * `PORTCULLIS_VERIFIED_...`. A no does not clear: most examples in manuals fail.
     */
    uint32_t verified;
} portcullis_match;

/**
 * A stretch of text that a reader does not see.
 */
typedef struct portcullis_unseen {
    /**
     * `sizeof(portcullis_unseen)`, set by the caller.
     */
    uint32_t struct_size;
    /**
     * What it is, `PORTCULLIS_UNSEEN_...`.
     */
    uint32_t kind;
    /**
     * Where it starts, in bytes.
     */
    size_t start;
    /**
     * Where it ends, in bytes.
     */
    size_t end;
} portcullis_unseen;

/**
 * What a check of a guard comes to. The texts live for ever, and a NUL stands behind them; they say
 * nothing of what was checked.
 */
typedef struct portcullis_verdict {
    /**
     * `sizeof(portcullis_verdict)`, set by the caller.
     */
    uint32_t struct_size;
    /**
     * 1 if it is allowed, else 0.
     */
    uint32_t allowed;
    /**
     * The stable word of the check that refused it, such as `private` or `denied-path`; NULL if it is
     * allowed.
     */
    const char *rule;
    /**
     * Why in words, and how to allow it; NULL if it is allowed.
     */
    const char *why;
} portcullis_verdict;

/**
 * What of a request decides about cross-origin use: its method, and values of headers, NULL for one
 * that it does not have.
 */
typedef struct portcullis_cors_request {
    /**
     * `sizeof(portcullis_cors_request)`, set by the caller.
     */
    uint32_t struct_size;
    /**
     * 1 if `Access-Control-Request-Private-Network` is `true`, else 0.
     */
    uint32_t private_network;
    /**
     * The method of the request.
     */
    const char *method;
    /**
     * Its length in bytes.
     */
    size_t method_len;
    /**
     * `Origin`.
     */
    const char *origin;
    /**
     * Its length in bytes.
     */
    size_t origin_len;
    /**
     * `Access-Control-Request-Method`.
     */
    const char *request_method;
    /**
     * Its length in bytes.
     */
    size_t request_method_len;
    /**
     * `Access-Control-Request-Headers`; several joined with commas.
     */
    const char *request_headers;
    /**
     * Its length in bytes.
     */
    size_t request_headers_len;
} portcullis_cors_request;

/**
 * What a ledger has counted.
 */
typedef struct portcullis_ledger_counts {
    /**
     * `sizeof(portcullis_ledger_counts)`, set by the caller.
     */
    uint32_t struct_size;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * Frames that were judged.
     */
    uint64_t frames;
    /**
     * Frames and requests that were refused.
     */
    uint64_t refused;
    /**
     * Frames that left changed.
     */
    uint64_t changed;
    /**
     * Requests that are open, over all sessions. What an engine had open when it was freed in the
     * middle of a session stays counted.
     */
    uint64_t requests_open;
    /**
     * Wrong or missing tokens.
     */
    uint64_t auth_failures;
} portcullis_ledger_counts;

/**
 * A pattern of the host's own that was skipped, and why. The texts live as long as the policy; no
 * NUL stands behind them.
 */
typedef struct portcullis_fault {
    /**
     * `sizeof(portcullis_fault)`, set by the caller.
     */
    uint32_t struct_size;
    /**
     * Whether `at` tells a place in the pattern: 0 or 1.
     */
    uint32_t has_at;
    /**
     * The pattern's place among `redaction.patterns`, from 0.
     */
    uint64_t index;
    /**
     * Where in the pattern, in bytes; 0 if that is not known.
     */
    uint64_t at;
    /**
     * The pattern's name.
     */
    const char *name;
    /**
     * Its length in bytes.
     */
    size_t name_len;
    /**
     * What is wrong with it, and how to mend it.
     */
    const char *reason;
    /**
     * Its length in bytes.
     */
    size_t reason_len;
} portcullis_fault;

/**
 * What there is to say about a rule that is in force. The texts live as long as the policy; no NUL
 * stands behind them.
 */
typedef struct portcullis_rule {
    /**
     * `sizeof(portcullis_rule)`, set by the caller.
     */
    uint32_t struct_size;
    /**
     * Its number within this policy, as `portcullis_match` has it.
     */
    uint32_t id;
    /**
     * How much harm a leak does, `PORTCULLIS_SEVERITY_...`.
     */
    uint32_t severity;
    /**
     * The group that it is switched with, `PORTCULLIS_GROUP_...`.
     */
    uint32_t group;
    /**
     * How it recognises its secrets, `PORTCULLIS_RULE_...`.
     */
    uint32_t kind;
    /**
     * What becomes of its matches, `PORTCULLIS_ACTION_...`.
     */
    uint32_t action;
    /**
     * 1 if an example of such a secret was found outside of this project, or it is a pattern of the
     * host's own; else 0.
     */
    uint32_t proven;
    /**
     * 1 if a checksum or a structure within the secret is verified; else 0.
     */
    uint32_t checked;
    /**
     * 1 if the secret itself shows what it is, rather than its surroundings; else 0.
     */
    uint32_t anchored;
    /**
     * 1 if it is a pattern of the host's own; else 0.
     */
    uint32_t custom;
    /**
     * 1 if it has to be searched for in every string, for want of a text that all its matches hold;
     * else 0.
     */
    uint32_t slow;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * Its name, as in events and configurations.
     */
    const char *name;
    /**
     * Its length in bytes.
     */
    size_t name_len;
    /**
     * Who issues such secrets; `generic` if nobody in particular, `custom` for the host's own.
     */
    const char *provider;
    /**
     * Its length in bytes.
     */
    size_t provider_len;
    /**
     * What stands in for a match in plain text, where it is redacted.
     */
    const char *replacement;
    /**
     * Its length in bytes.
     */
    size_t replacement_len;
    /**
     * The same within a JSON string, escaped and without quotes.
     */
    const char *replacement_json;
    /**
     * Its length in bytes.
     */
    size_t replacement_json_len;
} portcullis_rule;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The number of the interface that the library has.
 */
uint32_t portcullis_abi(void);

/**
 * The version of the library, such as `0.1.0` (semver.org). Never NULL; lives for ever.
 */
const char *portcullis_version(void);

/**
 * Makes an engine for one session.
 *
 * - `limits`: NULL for the defaults.
 * - `wanted`: the events that are to be made, a sum of `PORTCULLIS_WANT_...`. Those that are wanted
 *   have to be collected: judging stops while `events_max` of them wait. A policy that asks the host
 *   (`tools.ask`) wants `PORTCULLIS_WANT_LIFECYCLE`: its tickets come with such events.
 * - `message`, `message_capacity`: what is wrong, on `PORTCULLIS_STATUS_BAD_CONFIG`; as in
 *   `portcullis_policy_new`. It is a limit that is out of its range.
 *
 * An idle engine takes less than 8 KiB.
 */
uint32_t portcullis_engine_new(uint32_t abi,
                               const struct portcullis_policy *policy,
                               const struct portcullis_limits *limits,
                               uint32_t wanted,
                               struct portcullis_time now,
                               char *message,
                               size_t message_capacity,
                               struct portcullis_engine **engine);

/**
 * Frees an engine and what it still holds. NULL is fine, and so is a poisoned engine.
 */
void portcullis_engine_free(struct portcullis_engine *engine);

/**
 * Lends memory to read bytes of a side into. `*len` is 0 while that side must not be read: stop
 * watching it for readability until it is not.
 *
 * After the read, `portcullis_engine_recv_commit` says how many bytes came.
 */
uint32_t portcullis_engine_recv_space(struct portcullis_engine *engine,
                                      uint32_t from,
                                      uint8_t **data,
                                      size_t *len);

/**
 * Says that `count` bytes were read into the memory on loan, and judges what they complete. Ends the
 * loan.
 */
uint32_t portcullis_engine_recv_commit(struct portcullis_engine *engine,
                                       struct portcullis_ledger *ledger,
                                       uint32_t from,
                                       size_t count,
                                       struct portcullis_time now);

/**
 * Takes as many of these bytes as there is room for, and judges what they complete: for hosts that
 * hold the bytes already, elsewhere than in memory on loan. `*taken` is how many; hand over the rest
 * when the engine has moved on.
 */
uint32_t portcullis_engine_recv_copy(struct portcullis_engine *engine,
                                     struct portcullis_ledger *ledger,
                                     uint32_t from,
                                     const uint8_t *data,
                                     size_t len,
                                     struct portcullis_time now,
                                     size_t *taken);

/**
 * Says that a side will send no more. A last line without newline is judged; the other side gets
 * what is under way, and answers to what it asked this one. What was ready for the server when the
 * server closed is dropped: nobody would read it.
 */
uint32_t portcullis_engine_recv_close(struct portcullis_engine *engine,
                                      struct portcullis_ledger *ledger,
                                      uint32_t from,
                                      struct portcullis_time now);

/**
 * Lends the bytes that are to be written to a receiver. `*len` is 0 while there are none: stop
 * watching it for writability until there are.
 *
 * After the write, `portcullis_engine_send_commit` says how many bytes went. There may be more
 * behind them: ask again. Where a write goes on while other calls are made (a completion that comes
 * later, a stream with a queue of its own), copy the bytes and commit them at once.
 */
uint32_t portcullis_engine_send_ready(struct portcullis_engine *engine,
                                      uint32_t to,
                                      const uint8_t **data,
                                      size_t *len);

/**
 * Says that `count` of the bytes on loan were written, and judges what waited for that. Ends the
 * loan.
 */
uint32_t portcullis_engine_send_commit(struct portcullis_engine *engine,
                                       struct portcullis_ledger *ledger,
                                       uint32_t to,
                                       size_t count);

/**
 * Takes the oldest event that waits. `*found` is 1, or 0 if none waits; then `event` is left as it
 * was.
 */
uint32_t portcullis_engine_next_event(struct portcullis_engine *engine,
                                      struct portcullis_event *event,
                                      uint32_t *found);

/**
 * When to call `portcullis_engine_tick` at the latest: `*at_ms` in monotonic milliseconds, and what
 * for, `PORTCULLIS_WAKE_...`. `PORTCULLIS_NEVER` and `PORTCULLIS_WAKE_NONE` if nothing is due.
 */
uint32_t portcullis_engine_deadline(const struct portcullis_engine *engine,
                                    uint64_t *at_ms,
                                    uint32_t *wake);

/**
 * Says what time it is: ends what has run out of time, gives memory back, goes on with what waited.
 * Afterwards the deadline is later than `now`, or there is none.
 */
uint32_t portcullis_engine_tick(struct portcullis_engine *engine,
                                struct portcullis_ledger *ledger,
                                struct portcullis_time now);

/**
 * Whether the session is over and all that was owed has left: `*finished` is 1 or 0. Events may
 * still wait, and so may noise. It is over when the server has closed and nothing is open or owed
 * any more; in a drain as soon as nothing is, whoever has closed. A host that reads on after that
 * hands over frames that are refused, and answered.
 */
uint32_t portcullis_engine_is_finished(const struct portcullis_engine *engine, uint32_t *finished);

/**
 * Tells who a peer is: the host's number for the session (that of the client's facts counts) and the
 * peer's name (that of the server is shown), UTF-8, cut to 62 bytes. `portcullis_engine_introduce`
 * tells more; what it told before is taken back.
 */
uint32_t portcullis_engine_facts(struct portcullis_engine *engine,
                                 uint32_t side,
                                 uint64_t session,
                                 const char *name,
                                 size_t name_len);

/**
 * Tells all that the host knows of a peer. From the next frame on rules, limits and events know it, and
 * what was told before is forgotten. `PORTCULLIS_STATUS_BAD_NUMBER` if the address or the source is none.
 */
uint32_t portcullis_engine_introduce(struct portcullis_engine *engine,
                                     uint32_t side,
                                     const struct portcullis_facts *facts);

/**
 * From the next frame on another policy decides. What was judged leaves as it was judged.
 */
uint32_t portcullis_engine_swap_policy(struct portcullis_engine *engine,
                                       const struct portcullis_policy *policy);

/**
 * Begins the end of the session: new requests are refused, open ones may be answered until
 * `until_ms` (monotonic), then they are refused as well. It judges nothing by itself: tick after it.
 */
uint32_t portcullis_engine_begin_drain(struct portcullis_engine *engine,
                                       struct portcullis_time now,
                                       uint64_t until_ms);

/**
 * What a ticket asks that an event brought. One call may ask several questions, one after the other,
 * each with a ticket of its own. `PORTCULLIS_QUESTION_NONE` if the ticket is not open (any more).
 */
uint32_t portcullis_engine_question(const struct portcullis_engine *engine,
                                    uint64_t ticket,
                                    struct portcullis_question *question);

/**
 * Answers a ticket with `PORTCULLIS_ANSWER_APPROVED` or `PORTCULLIS_ANSWER_DENIED`. `*known` is 0 if
 * the ticket is not open (any more), else 1. To approve what was to be resolved refuses the call with
 * `undecided`.
 */
uint32_t portcullis_engine_answer(struct portcullis_engine *engine,
                                  struct portcullis_ledger *ledger,
                                  uint64_t ticket,
                                  uint32_t answer,
                                  struct portcullis_time now,
                                  uint32_t *known);

/**
 * Answers a ticket with what its question asks for: a path, or addresses with spaces between them.
 * The rule that asked judges it; what is no answer to the question refuses the call with `undecided`,
 * and so does no text at all. A call that is to be approved is not approved by this. `*known` as above.
 */
uint32_t portcullis_engine_resolve(struct portcullis_engine *engine,
                                   struct portcullis_ledger *ledger,
                                   uint64_t ticket,
                                   const char *text,
                                   size_t text_len,
                                   struct portcullis_time now,
                                   uint32_t *known);

/**
 * Why nothing moves from a side, `PORTCULLIS_STALL_...`; `PORTCULLIS_STALL_NONE` if it does. While
 * events wait for the host to collect them, that is what is said, whatever else is so.
 */
uint32_t portcullis_engine_stalled(const struct portcullis_engine *engine,
                                   uint32_t from,
                                   uint32_t *stall);

/**
 * What was counted so far.
 */
uint32_t portcullis_engine_metrics(const struct portcullis_engine *engine,
                                   struct portcullis_metrics *metrics);

/**
 * Reads the credential in what an HTTP server holds, strictly, into a buffer; no NUL stands behind it.
 * 16,384 bytes are enough. `*token_len` is 0 if there is none, or nothing that two readers read alike.
 *
 * - `PORTCULLIS_SOURCE_BEARER`: `text` is the value of `Authorization`, `name` its scheme: `Bearer`.
 * - `PORTCULLIS_SOURCE_HEADER`: `text` is the value of another header; `name` is not read.
 * - `PORTCULLIS_SOURCE_QUERY`: `text` is the query of a URL without its `?`, `name` that of the
 *   parameter. One that stands there twice is none.
 */
uint32_t portcullis_credential_read(uint32_t source,
                                    const uint8_t *text,
                                    size_t text_len,
                                    const char *name,
                                    size_t name_len,
                                    char *token,
                                    size_t token_capacity,
                                    size_t *token_len);

/**
 * Makes a finder with the rules of a policy.
 */
uint32_t portcullis_finder_new(uint32_t abi,
                               const struct portcullis_policy *policy,
                               struct portcullis_finder **finder);

/**
 * Frees a finder. NULL is fine.
 */
void portcullis_finder_free(struct portcullis_finder *finder);

/**
 * Searches a text for secrets; `*count` is how many there are. They are in order and do not overlap:
 * where rules meet, all that any of them found is one match. Any bytes are a text.
 *
 * If the text is the value of something that has a name, such as a member of a JSON object, the name
 * may say that it is a secret; else `name` is NULL, which is another thing than an empty name. A name
 * is UTF-8.
 */
uint32_t portcullis_finder_find(struct portcullis_finder *finder,
                                const char *name,
                                size_t name_len,
                                const uint8_t *text,
                                size_t text_len,
                                size_t *count);

/**
 * One of the secrets of the last search, by its number from 0.
 */
uint32_t portcullis_finder_match(const struct portcullis_finder *finder,
                                 size_t number,
                                 struct portcullis_match *place);

/**
 * Searches a text for what a reader does not see; `*count` is how many stretches there are, from
 * left to right. What writing needs is no such thing: joiners in emoji, marks beside right-to-left
 * text, flags.
 */
uint32_t portcullis_finder_find_unseen(struct portcullis_finder *finder,
                                       const uint8_t *text,
                                       size_t text_len,
                                       size_t *count);

/**
 * One of the stretches of the last search for what is not seen, by its number from 0.
 */
uint32_t portcullis_finder_unseen(const struct portcullis_finder *finder,
                                  size_t number,
                                  struct portcullis_unseen *place);

/**
 * Makes up a text that holds a secret of a built-in rule, for tests of a host: no real secret has to
 * be written down anywhere. The same seed gives the same text. The secret stands from `*start` to
 * `*end`. The text is lent until the next call on this finder.
 */
uint32_t portcullis_finder_example(struct portcullis_finder *finder,
                                   uint32_t rule,
                                   uint64_t seed,
                                   const char **text,
                                   size_t *len,
                                   size_t *start,
                                   size_t *end);

/**
 * Whether a client of this address may connect, at this time: milliseconds since 1970 (UTC).
 * `PORTCULLIS_STATUS_BAD_NUMBER` if it is no address.
 */
uint32_t portcullis_guard_check_ip(const struct portcullis_guard *guard,
                                   const char *text,
                                   size_t text_len,
                                   uint64_t wall_ms,
                                   struct portcullis_verdict *verdict);

/**
 * The address of the client behind trusted proxies, written into a buffer, of which 46 bytes are
 * enough; no NUL stands behind it.
 *
 * - `peer`: the address at the other end of the connection; `PORTCULLIS_STATUS_BAD_NUMBER` if it is none.
 * - `forwarded_for`: the values of all `X-Forwarded-For` headers in their order, joined with commas; of
 *   length 0 if there are none. It may hold anything.
 */
uint32_t portcullis_guard_client_address(const struct portcullis_guard *guard,
                                         const char *peer,
                                         size_t peer_len,
                                         const char *forwarded_for,
                                         size_t forwarded_for_len,
                                         char *buffer,
                                         size_t capacity,
                                         size_t *len);

/**
 * Whether the page that sent a request may: the value of its `Origin`, NULL if it has none. Several are
 * joined with commas, and refused.
 */
uint32_t portcullis_guard_check_origin(const struct portcullis_guard *guard,
                                       const char *origin,
                                       size_t origin_len,
                                       struct portcullis_verdict *verdict);

/**
 * Whether the server may be reached under this name: the value of `Host`, or of `:authority`; NULL if
 * the request has none.
 */
uint32_t portcullis_guard_check_host(const struct portcullis_guard *guard,
                                     const char *host,
                                     size_t host_len,
                                     struct portcullis_verdict *verdict);

/**
 * What is to be done about cross-origin use of the server by a page.
 *
 * - `headers`: those to add to the answer, each as `Name: value` with CR LF behind it; 2,048 bytes are
 *   enough unless long lists are configured. `Vary` is added to what the answer says itself.
 * - `*status`: of the whole answer, which has no body and does not go on to the server: 204 or 403, for
 *   a preflight. 0: the request goes on, and the headers are added to its answer.
 * - `verdict`: whether the page will get at the answer. For the log; the page is told nothing.
 */
uint32_t portcullis_guard_cors(const struct portcullis_guard *guard,
                               const struct portcullis_cors_request *request,
                               char *headers,
                               size_t headers_capacity,
                               size_t *headers_len,
                               uint32_t *status,
                               struct portcullis_verdict *verdict);

/**
 * The security headers of an answer, as `portcullis_guard_cors` writes headers; 1,024 bytes are enough
 * unless longer values are configured. `tls`: 1 if the answer goes over TLS, else 0.
 */
uint32_t portcullis_guard_headers(const struct portcullis_guard *guard,
                                  uint32_t tls,
                                  char *headers,
                                  size_t headers_capacity,
                                  size_t *headers_len);

/**
 * Makes a guard from a configuration in JSON, read as strictly as in `portcullis_policy_new`, and with
 * its `message`. An empty or blank text is the default guard. The keys, all optional, with what they
 * are if they are left out; lists that are given stand instead of those here:
 *
 * ```text
 * urls                        what URLs, and the addresses that their hosts resolve to, may be
 *   .schemes  ["http", "https", "ws", "wss"]     "*" is any; never one without a host
 *   .allow    []              hosts that are allowed, none: all; a name, an address, or "*.example.com"
 *                             for the names below it, each with ":port" where only that port is meant;
 *                             an inner address has to be in classes or nets all the same
 *   .deny     []              hosts that are denied, written alike; goes before `allow`
 *   .ports    []              ports that are allowed, none: all
 *   .labels   ["internal", "local", "intranet"]     a host is refused if a label of it, or a part of
 *                             one between hyphens, is one of these words
 *   .classes  []              classes of addresses that are let be besides "public", by the words of
 *                             `portcullis_address_class_str`
 *   .nets     []              networks ("10.1.0.0/16") or addresses that are let be, whatever their class
 *   .userinfo false           on: a user name and a password are let be
 *   .single_label false       on: hosts without a dot are
 *   .wildcard_dns false       on: services are that answer with an address out of the name (nip.io)
 *   .backslash false          on: backslashes are, which browsers read as slashes, others do not
 *   .encoded_host false       on: hosts with % escapes are
 *   .mapped_host false        on: hosts are whose letters programs map differently
 *   .loose_syntax false       on: forms are that programs read differently, such as `011.2.3.4`
 *   .bytes_max 8192           longest URL; 0: any length
 * paths                       what paths may be
 *   .roots    []              absolute directories in which paths have to lie, none: anywhere that is
 *                             not denied; a relative path is judged as if it began at the first: where
 *                             it begins elsewhere, refuse it (.relative) or have it resolved
 *   .deny     ["/etc", "/usr", "/bin", "/sbin", "/var", "/tmp"]     absolute directories in which they
 *                             must not lie; a root within one is allowed. Of both lists, what begins
 *                             with /etc, /tmp or /var also stands for the same below /private, as
 *                             macOS has it, on every system
 *   .case_insensitive false   on: roots are compared without regard to case
 *   .windows  false           on: paths are those of Windows; off: such forms are refused
 *   .windows_names false      on: names that Windows reads as others are let be: NUL, COM1, file:stream;
 *                             short names (PROGRA~1) always are: only a path that is resolved shows them
 *   .encoded  false           on: encoded dots and separators are (%2e, %252f)
 *   .home     false           on: a path may begin with ~
 *   .relative true            off: every path has to be absolute
 *   .dot_dot  false           on: a relative path may climb above where it starts
 *   .file_url false           on: file: URLs are let be, and judged by every path that programs read in them
 *   .nul      false           on: a NUL is let be
 *   .bytes_max 4096           longest path; 0: any length
 * addresses                   which clients may connect, and which proxies between are believed
 *   .allow    []              {"net": a network or an address, "until_ms": milliseconds since 1970 from
 *                             which on the entry is no more, or null}; none: all, but a list whose
 *                             entries have all expired lets nobody in
 *   .deny     []              the same; goes before `allow`
 *   .trusted  []              networks or addresses of proxies whose `X-Forwarded-For` is believed
 *   .hops_max 16              how many entries of it are looked at, from the right
 * origins                     which pages may reach the server, and under which names
 *   .origins  []              "https://app.example.com", with `*.` before the host for the names below
 *                             it, and `:*` behind it for any port; "null"; or "*"; none: not checked
 *   .require_origin false     on, and where origins are given: a request without one is refused
 *   .hosts    []              names that a Host header may have, a port that is not written is any;
 *                             none: not checked
 * cors                        what pages of other origins may do with the server
 *   .enabled  false           off: no such request is answered
 *   .allowed_origins []       written as `origins.origins`
 *   .allowed_methods ["GET", "POST", "DELETE"]
 *   .allowed_headers          those that MCP uses, `Authorization` with them
 *   .exposed_headers ["Mcp-Session-Id"]
 *   .allow_credentials false  on: a page may send the user's cookies; never together with "*"
 *   .allow_private_network false     on: a public page may reach a server on a private network
 *   .max_age  600             seconds for which browsers may remember the answer
 * headers                     the security headers of every answer; an empty text leaves one out
 *   .enabled  true            off: none is set
 *   .content_type_options "nosniff"  .frame_options "DENY"  .xss_protection "1; mode=block"
 *   .content_security_policy "default-src 'self'; frame-ancestors 'none'"
 *   .referrer_policy "strict-origin-when-cross-origin"
 *   .permissions_policy "camera=(), microphone=(), geolocation=()"
 *   .dns_prefetch_control "off"  .download_options "noopen"  .cross_domain_policies "none"
 *   .cache_control "no-store"
 *   .hsts_max_age 31536000    seconds for which browsers are to use TLS alone; 0: not said
 *   .hsts_include_subdomains true
 * ```
 */
uint32_t portcullis_guard_new(uint32_t abi,
                              const char *json,
                              size_t json_len,
                              char *message,
                              size_t message_capacity,
                              struct portcullis_guard **guard);

/**
 * Makes a guard of what a policy says of the network (its key `network`). The policy may be freed
 * before it.
 */
uint32_t portcullis_guard_of(uint32_t abi,
                             const struct portcullis_policy *policy,
                             struct portcullis_guard **guard);

/**
 * Frees a guard. NULL is fine.
 */
void portcullis_guard_free(struct portcullis_guard *guard);

/**
 * Whether a URL may be fetched, by all that can be told without resolving its host. For this and the
 * other checks: what is asked may come from anybody, and a status other than `PORTCULLIS_STATUS_OK`
 * allows nothing. A host that follows redirects checks each URL that it is sent on to.
 *
 * - `host`: its host as the check has read it, which is the one to connect to: in lower case and ASCII,
 *   without a NUL. Written if the URL is allowed; NULL if nobody wants to know. 253 bytes are enough,
 *   unless `loose_syntax` is on.
 * - `*host_len`: its length in bytes; 0 if the URL is refused.
 * - `*host_kind`: `PORTCULLIS_HOST_NAME` has still to be resolved, and what it resolves to checked by
 *   `portcullis_guard_check_addresses`; `PORTCULLIS_HOST_ADDRESS` was checked; `PORTCULLIS_HOST_NONE` if
 *   the URL is refused.
 */
uint32_t portcullis_guard_check_url(const struct portcullis_guard *guard,
                                    const char *url,
                                    size_t url_len,
                                    char *host,
                                    size_t host_capacity,
                                    size_t *host_len,
                                    uint32_t *host_kind,
                                    struct portcullis_verdict *verdict);

/**
 * Whether the form, the scheme, the port and the lists of hosts let a URL be, wherever its host lies:
 * for servers that the operator names, which may well be inner ones.
 */
uint32_t portcullis_guard_check_upstream(const struct portcullis_guard *guard,
                                         const char *url,
                                         size_t url_len,
                                         struct portcullis_verdict *verdict);

/**
 * Whether a host may connect to what a name resolved to: all of its addresses, with spaces between
 * them. One that is bad refuses them all, and so does none. Connect to one of these and no other: the
 * name may resolve to another one a moment later. `PORTCULLIS_STATUS_BAD_NUMBER` if one is no address.
 */
uint32_t portcullis_guard_check_addresses(const struct portcullis_guard *guard,
                                          const char *addresses,
                                          size_t addresses_len,
                                          struct portcullis_verdict *verdict);

/**
 * Whether a path may be used as it is written; links are not followed.
 */
uint32_t portcullis_guard_check_path(const struct portcullis_guard *guard,
                                     const char *path,
                                     size_t path_len,
                                     struct portcullis_verdict *verdict);

/**
 * Whether what the host found a path to be, all links followed, may be used. For a file that does not
 * exist: where its directory leads, and its name.
 */
uint32_t portcullis_guard_check_resolved(const struct portcullis_guard *guard,
                                         const char *path,
                                         size_t path_len,
                                         struct portcullis_verdict *verdict);

/**
 * What kind of network an address belongs to, `PORTCULLIS_ADDRESS_...`; where another address is inside
 * of it, as of NAT64, 6to4 or Teredo, that one decides. `PORTCULLIS_STATUS_BAD_NUMBER` if it is no
 * address.
 */
uint32_t portcullis_address_class(const char *text,
                                  size_t text_len,
                                  uint32_t *class_);

/**
 * Makes a ledger in which nothing has happened.
 */
uint32_t portcullis_ledger_new(uint32_t abi, struct portcullis_ledger **ledger);

/**
 * The same, each of whose tables holds so many keys at most: addresses, principals, tools. 4,096 is what
 * `portcullis_ledger_new` takes, about a MiB when they are full. Who refuses more at once refuses every
 * newcomer until the first of them may come again. At least 1.
 */
uint32_t portcullis_ledger_new_sized(uint32_t abi,
                                     uint32_t keys_max,
                                     struct portcullis_ledger **ledger);

/**
 * Frees a ledger. NULL is fine.
 */
void portcullis_ledger_free(struct portcullis_ledger *ledger);

/**
 * What was counted so far.
 */
uint32_t portcullis_ledger_count(const struct portcullis_ledger *ledger,
                                 struct portcullis_ledger_counts *counts);

/**
 * How often frames and requests were refused for this reason, `PORTCULLIS_REASON_...`.
 */
uint32_t portcullis_ledger_refusals(const struct portcullis_ledger *ledger,
                                    uint32_t reason,
                                    uint64_t *count);

/**
 * Bans a peer: its messages are refused with `locked_out`, in every session of the ledger, until
 * `until_ms` (monotonic; `PORTCULLIS_NEVER`: for good). `peer` is as it was introduced: its address
 * counts, of IPv6 the first 64 bits, else its user, else its session.
 *
 * `*full_until_ms` is 0 if it is banned. Else as many others are banned as the ledger has places, and it
 * is the first time at which one of them is not.
 */
uint32_t portcullis_ledger_ban(struct portcullis_ledger *ledger,
                               const struct portcullis_facts *peer,
                               uint64_t until_ms,
                               struct portcullis_time now,
                               uint64_t *full_until_ms);

/**
 * Lifts a ban of the host. `*lifted` is 1, or 0 if there was none.
 */
uint32_t portcullis_ledger_lift_ban(struct portcullis_ledger *ledger,
                                    const struct portcullis_facts *peer,
                                    uint32_t *lifted);

/**
 * For how many milliseconds more the host's ban of a peer goes on; 0 if it is not banned.
 */
uint32_t portcullis_ledger_banned(struct portcullis_ledger *ledger,
                                  const struct portcullis_facts *peer,
                                  struct portcullis_time now,
                                  uint32_t *left_ms);

/**
 * Lets go all that a session holds, by its number: a host that frees an engine in the middle of a session
 * says so; otherwise its open calls, and the session, stay counted.
 */
uint32_t portcullis_ledger_forget_session(struct portcullis_ledger *ledger,
                                          uint64_t session);

/**
 * How many bytes of memory a ledger holds besides itself, and the most that it ever holds.
 */
uint32_t portcullis_ledger_memory(const struct portcullis_ledger *ledger,
                                  uint64_t *bytes,
                                  uint64_t *bytes_max);

/**
 * Fills in the defaults, which suit one client and one server.
 */
uint32_t portcullis_limits_default(struct portcullis_limits *limits);

/**
 * The most bytes of memory that an engine with these limits ever takes. A bound for the worst case,
 * far above what sessions use.
 */
uint32_t portcullis_limits_memory_max(const struct portcullis_limits *limits, uint64_t *bytes);

/**
 * Writes the line that a host may send to a client for which it makes no engine, newline included:
 * an error with this reason, one that has a code, which answers no request in particular. At most
 * 512 bytes; `*len` is how many, and no NUL stands behind them.
 */
uint32_t portcullis_notice(uint32_t reason, char *buffer, size_t capacity, size_t *len);

/**
 * The word for a side or a receiver: `client`, `server` or `noise`. For this and the other `_str`
 * functions: never NULL, `unknown` for a number that names nothing; the text lives for ever.
 */
const char *portcullis_receiver_str(uint32_t receiver);

/**
 * The word for a kind of event, as audit logs have it: `passed`, `changed`, `refused`, `protocol`,
 * `lifecycle`.
 */
const char *portcullis_event_kind_str(uint32_t kind);

/**
 * The word for a kind of message: `none`, `request`, `notification`, `response`, `batch`.
 */
const char *portcullis_message_str(uint32_t message);

/**
 * The word for a reason, as a peer reads it in `error.data.reason`: `not_json`, `tool_denied`, ...
 * Neither it nor the number ever changes meaning.
 */
const char *portcullis_reason_str(uint32_t reason);

/**
 * What a peer is told for this reason in `error.message`: what was refused, and how to allow it.
 */
const char *portcullis_reason_message(uint32_t reason);

/**
 * The JSON-RPC error code of a refusal for this reason; 0 where none is ever written, and for a
 * number that names nothing.
 */
int32_t portcullis_reason_code(uint32_t number);

/**
 * The word for a reason to wake: `request`, `ticket`, `drain`, `memory`, `id`, `frame`; `none`
 * for `PORTCULLIS_WAKE_NONE`.
 */
const char *portcullis_wake_str(uint32_t wake);

/**
 * The word for what a lane stands for: `receiver`, `sender`, `host`, `ended`; `none` for
 * `PORTCULLIS_STALL_NONE`.
 */
const char *portcullis_stall_str(uint32_t stall);

/**
 * The word for an action, as a configuration spells it: `log`, `mask`, `redact`, `seal`, `block`.
 */
const char *portcullis_action_str(uint32_t action);

/**
 * The word for a severity: `low`, `medium`, `high`, `critical`.
 */
const char *portcullis_severity_str(uint32_t severity);

/**
 * The word for a group of rules, as a configuration spells it: `secrets`, `pii`, `entropy`.
 */
const char *portcullis_group_str(uint32_t group);

/**
 * The word for a kind of rule: `token`, `context`, `block`, `personal`, `regex`, `literal`, `glob`.
 */
const char *portcullis_rule_kind_str(uint32_t kind);

/**
 * The word for a kind of what is not seen, as `rule` in events has it: `zero-width`, `bidi`, `tag`,
 * `ansi`.
 */
const char *portcullis_unseen_kind_str(uint32_t kind);

/**
 * The word for what kind of network an address belongs to, as configurations have it, and verdicts
 * that refuse it: `public`, `unspecified`, `loopback`, `private`, `link-local`, `metadata`,
 * `carrier-grade`, `multicast`, `broadcast`, `documentation`, `benchmark`, `reserved`, `unique-local`,
 * `site-local`.
 */
const char *portcullis_address_class_str(uint32_t class_);

/**
 * Makes a policy from a configuration in JSON. The text is UTF-8; an empty or blank one is the default
 * policy: every built-in rule takes its secrets out, nobody has to show a token. An unknown or
 * duplicate key is an error. Messages name keys, rules and patterns, and quote no other value. The
 * keys, all optional, with what they are if they are left out:
 *
 * ```text
 * auth                        who may send
 *   .tokens   []              live tokens, one of which every request and notification of the client
 *                             has to carry as `auth_token`; each {"name": of its principal, and
 *                             "token": the token itself, or "sha256": the SHA-256 of it in 64
 *                             hexadecimal digits; "not_before_ms", "expires_ms": when it is valid, in
 *                             milliseconds since 1970; "scopes": [], "roles": []: what rules ask for;
 *                             "servers": [patterns of names], none: every server}
 *   .attach   none            a token that is put into what the client sends; never with `tokens`
 *   .sources  ["member", "bearer", "header"]    how a credential may come; also "query", which logs
 *                             and histories keep
 *   .loopback false           on: a peer with an address of this machine needs none: every program and
 *                             user of it, and everybody behind a proxy on it
 *   .lockout  {"failures": 0, "window_ms": 60000, "ban_ms": 300000, "success_clears": false}    so many
 *                             failures, less than the window apart, lock a peer out; 0: never.
 *                             "success_clears": a success forgets them, so that who has a token of his
 *                             own may guess others for ever
 *   .jwt      none            the issuer of JSON Web Tokens that are taken as credentials, beside `tokens`;
 *                             a library that was built without them refuses this key.
 *                             {"algorithms": such as ["ES256"], "issuer": `iss`, "audience": [of which
 *                             `aud` names one], "keys": 1 to 16 of {"kid", "algorithm", and "secret",
 *                             or "pem", or "n" and "e", or "x" and "y"}, "skew_ms": 60000 (300000 at
 *                             most), "require_exp": true, "name_claim": "sub", "scopes_claim": "scope",
 *                             "roles_claim": "roles", "servers_claim": none}
 * redaction                   what is taken out
 *   .enabled  true            off: nothing is looked for
 *   .strict   false           on: a pattern that cannot be used is an error, and is not skipped
 *   .disable  []              names of rules that are switched off, whatever else is said of them
 *   .groups   {"secrets": "on", "pii": "off", "entropy": "on"}
 *   .rules    {}              single rules by name, before what their group says. A rule or a group
 *                             is "off", "on", "log", "mask", "redact", "seal", "block", or
 *                             {"action": one of these, "to": [tools for which a seal is opened, by
 *                             name or as "beginning*"], "replacement": a text}
 *   .patterns []              the host's own: {"name", "pattern", "type": "regex" (if left out),
 *                             "literal" or "glob", "replacement": a text, "action": as above, "to":
 *                             as above, "linear": true for a regular expression that a backtracking
 *                             engine would choke on; here each is linear}
 *   .allow    []              what passes all the same: {"value": a text, or "sha256": that of one,
 *                             or "regex": for the whole of one (with "linear" as above), or "path": a
 *                             place such as "/result/content/0/text"; "rules": for these rules only}
 *   .names    {"add": [], "remove": []}    names of members whose values are secret
 * sanitise                    characters that a reader does not see, in what the server sends; each is
 *                             "off", "log", "strip" or "block"
 *   .zero_width "log"  .bidi "log"  .tags "strip"  .ansi "off"
 * batch       {"enabled": true}            off: arrays of messages are refused
 * requests                    milliseconds until a request without an answer is ended
 *   .timeout_ms none          for all of them
 *   .timeouts {}              for single methods: {"tools/call": 600000}
 *   .require_initialize false on: what a client asks before `initialize` had its result is refused with
 *                             `not_initialized`; of 2026-07-28, which has no such exchange, nothing
 * refusals
 *   .as_result false          on: a `tools/call` that policy refuses gets a result with `isError`
 *   .unreadable_id "revision" what stands for an id that cannot be read: "null", "absent", "none" (no
 *                             answer), or what the "revision" in use says
 * tools                       by patterns of their names: `*` is any run of characters, `?` one, a
 *                             backslash takes their meaning from them; case differs
 *   .deny     []              neither listed nor called
 *   .ask      []              called only when the host approves: an event of the kind
 *                             PORTCULLIS_EVENT_LIFECYCLE brings a ticket, so that kind has to be wanted;
 *                             an unanswered ticket is a no after `ticket_ms`
 * rights                      who may use what; what may not be used is not listed either
 *   .default                  "allow" or "deny" for what no rule speaks of, each of .tools "allow",
 *                             .resources "allow", .prompts "allow", .methods "allow"; where methods are
 *                             "deny", a rule has to allow `initialize`, `ping` and all notifications
 *   .rules    []              one that denies goes before all that allow, their order means nothing:
 *                             {"name": what refusals call it, 1 to 62 bytes, "effect": "allow" (if left
 *                             out) or "deny", for whom: "principals", "roles", "scopes" (none: for
 *                             everybody), "servers" (none: all), and with what: "tools", "resources"
 *                             (URIs), "prompts", "methods"; each a list of patterns as above}
 * arguments   []              what the arguments of calls may be: rules, each of one place, whose checks
 *                             all have to hold; a value of another type than a check is for is refused.
 *                             {"name": 1 to 62 bytes, no two alike, "tools", "servers": patterns, none:
 *                             all, "at": a JSON pointer from `arguments`, in which one star is any one
 *                             step and two, once, are any number: "/path", "" for all of it}, and any of
 *   "path"                    where a path may lead: an object as `network.paths`
 *   "url"                     where a URL may lead: an object as `network.urls`
 *   "resolve" false           on: the host is asked, by a ticket (PORTCULLIS_WANT_LIFECYCLE has to be
 *                             wanted), where the path leads once links are followed, or for the
 *                             addresses of the URL's name, and the answer is judged
 *   "no_leading_dash" false   on: a string must not begin with a dash
 *   "regex", "not_regex"      the whole string has to match, no part of it may; "linear" as above
 *   "one_of"  []              texts, one of which it is; numbers, true, false, null by their spelling
 *   "length"  {"min", "max"}  of a string in characters, of an array in elements
 *   "range"   {"min", "max"}  of a number
 *   "members" none            the only names that members of an object may have
 *   "required" false          on: a value has to be there
 *   "kind"    none            "string", "number", "integer", "boolean", "object", "array" or "null"
 * schema                      the `inputSchema` that the server listed for a tool
 *   .validate false           on: arguments have to be what it says; a library that was built without
 *                             schemas refuses this key
 *   .unknown  "pass"          or "refuse": what becomes of a call of a tool that was not listed yet
 * quotas                      how often, how many and how much; all is off unless it is said. For whom a
 *                             rule counts apart is its "per": "global" (if left out), "address" (of IPv6
 *                             a /64), "principal", "session", "server" or "tool"; "tools", "methods",
 *                             "servers" are patterns of what it counts, none: all; "every" is "second",
 *                             "minute" (if left out), "hour" or "day"; "burst" is how many at once after
 *                             a quiet time, 0: as many as "count". No two rules of a list have one name.
 *                             Clients make names of tools up: a rule per "tool" names its "tools", or
 *                             rights.default.tools "deny" refuses others; else one client fills the
 *                             places (4,096) of all, and tools that were not called lately wait
 *   .rates    []              requests and notifications of clients: {"name", "per", "count", "every",
 *                             "burst", "tools", "methods", "servers"}
 *   .bytes    []              the same for bytes of frames; "from": "client" (if left out) or "server"
 *   .concurrency []           calls of tools that are open: {"name", "per", "max", "tools", "servers"}
 *   .timeouts {}              milliseconds until a call is ended, by patterns of tools: {"build*": 600000}
 *   .breaker  {"enabled": false, "failures": 5, "window_ms": 60000, "open_ms": 30000, "probes": 1}    so
 *                             many calls in a row without an answer, less than the window apart: for
 *                             so long none is sent to this server, then as many as probes
 *   .sessions {"per_principal_max": 0, "per_address_max": 0, "idle_ms": 0}    at once; 0: no limit
 *   .responses                how long answers may be: .bytes_max 0 for no limit, .action "block" or
 *                             "truncate" (valid JSON with cut texts), .tools {}: both, by patterns
 *                             (the answer to tasks/result is one of the tool that made the task, for
 *                             .bytes and .timeouts too; of a task that is not known, of any tool; the
 *                             tasks of 2026-07-28, whose results come inside tasks/get and
 *                             notifications/tasks, do not count for their tool)
 *   .open_report_ms 60000     a call that is still open then is reported by an event, once; 0: never
 * network                     where clients may be, where URLs and paths may lead, what pages are told;
 *                             its keys stand at `portcullis_guard_new`. Of a client whose address,
 *                             `Origin` or `Host` is known and denied every message is refused; the rest
 *                             is for `portcullis_guard_of`
 * rate                        requests and notifications of clients, over all engines of a ledger
 *   .per_second 0             in the long run; 0: as many as come
 *   .burst    0               at once after a quiet time; 0: ten times as many
 * ```
 *
 * A rule that seals needs a key of 32 random bytes in `seal_key`; without one `seal_key_len` is 0.
 * Placeholders stay the same as long as the key does. The library copies and wipes it.
 *
 * On `PORTCULLIS_STATUS_BAD_CONFIG` what is wrong stands in `message`, in English, cut to
 * `message_capacity` bytes with a NUL at its end; 1,024 are enough for most. `message` may be NULL
 * if nobody wants to know, and is written in no other case.
 *
 * Patterns that cannot be used are skipped, unless `redaction.strict` is on; see
 * `portcullis_policy_fault`. It takes some milliseconds: make a policy once.
 */
uint32_t portcullis_policy_new(uint32_t abi,
                               const char *json,
                               size_t json_len,
                               const uint8_t *seal_key,
                               size_t seal_key_len,
                               char *message,
                               size_t message_capacity,
                               struct portcullis_policy **policy);

/**
 * Frees a policy. NULL is fine.
 */
void portcullis_policy_free(struct portcullis_policy *policy);

/**
 * How many patterns of the host's own were skipped.
 */
uint32_t portcullis_policy_fault_count(const struct portcullis_policy *policy, size_t *count);

/**
 * One of the patterns that were skipped, by its number from 0.
 */
uint32_t portcullis_policy_fault(const struct portcullis_policy *policy,
                                 size_t number,
                                 struct portcullis_fault *fault);

/**
 * How many rules are in force; 0 if redaction is switched off.
 */
uint32_t portcullis_policy_rule_count(const struct portcullis_policy *policy, size_t *count);

/**
 * One of the rules in force, by its place from 0.
 */
uint32_t portcullis_policy_rule(const struct portcullis_policy *policy,
                                size_t place,
                                struct portcullis_rule *rule);

/**
 * Makes a redactor with the rules of a policy, at the beginning of a text.
 */
uint32_t portcullis_redactor_new(uint32_t abi,
                                 const struct portcullis_policy *policy,
                                 struct portcullis_redactor **redactor);

/**
 * Frees a redactor, and the line that it still holds. NULL is fine.
 */
void portcullis_redactor_free(struct portcullis_redactor *redactor);

/**
 * Takes more of the text, and lends what may leave: all lines that are complete, perhaps none. They
 * are lent until the next call on this redactor.
 */
uint32_t portcullis_redactor_push(struct portcullis_redactor *redactor,
                                  const uint8_t *text,
                                  size_t text_len,
                                  const uint8_t **data,
                                  size_t *len);

/**
 * Ends the text, and lends what is left of its last line. What is pushed after that is another text.
 */
uint32_t portcullis_redactor_finish(struct portcullis_redactor *redactor,
                                    const uint8_t **data,
                                    size_t *len);

/**
 * What a status means, in a few words of English. Never NULL; lives for ever.
 */
const char *portcullis_status_str(uint32_t status);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* PORTCULLIS_H */
