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
