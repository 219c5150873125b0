/*
 * The constants of the header in the ways a host uses them: in preprocessor conditions, as case labels,
 * in sums and masks of bits, in initialisers, in comparisons, in formats of <inttypes.h>. It is built as
 * C99, C11 and C++17 with all warnings as errors: each constant has the type of what it stands for.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "portcullis.h"

#if PORTCULLIS_ABI != 1 || PORTCULLIS_NEVER != UINT64_MAX || PORTCULLIS_WANT_DROPPING <= PORTCULLIS_WANT_ALL
#error "a constant has another value for the preprocessor"
#endif

#define CHECK(condition)                                                            \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            return 1;                                                               \
        }                                                                           \
    } while (0)

enum severity { SEVERITY_LOW = PORTCULLIS_SEVERITY_LOW, SEVERITY_CRITICAL = PORTCULLIS_SEVERITY_CRITICAL };

static const uint32_t sides[] = {PORTCULLIS_CLIENT, PORTCULLIS_SERVER};
static const uint8_t narrow = PORTCULLIS_EVENT_LIFECYCLE;
static uint64_t counts[PORTCULLIS_EVENT_LIFECYCLE + 1];

static const char *reason_word(uint32_t reason) {
    switch (reason) {
    case PORTCULLIS_REASON_NOT_JSON: return "not_json";
    case PORTCULLIS_REASON_INVALID_UTF8: return "invalid_utf8";
    case PORTCULLIS_REASON_BYTE_ORDER_MARK: return "byte_order_mark";
    case PORTCULLIS_REASON_CONTROL_CHARACTER: return "control_character";
    case PORTCULLIS_REASON_BARE_CR: return "bare_cr";
    case PORTCULLIS_REASON_TOO_DEEP: return "too_deep";
    case PORTCULLIS_REASON_LONE_SURROGATE: return "lone_surrogate";
    case PORTCULLIS_REASON_DUPLICATE_MEMBER: return "duplicate_member";
    case PORTCULLIS_REASON_FOLDED_MEMBER: return "folded_member";
    case PORTCULLIS_REASON_TOO_MANY_MEMBERS: return "too_many_members";
    case PORTCULLIS_REASON_NOT_AN_OBJECT: return "not_an_object";
    case PORTCULLIS_REASON_BAD_VERSION: return "bad_version";
    case PORTCULLIS_REASON_BAD_ID: return "bad_id";
    case PORTCULLIS_REASON_BAD_METHOD: return "bad_method";
    case PORTCULLIS_REASON_AMBIGUOUS_MESSAGE: return "ambiguous_message";
    case PORTCULLIS_REASON_BAD_PARAMS: return "bad_params";
    case PORTCULLIS_REASON_BAD_PARAMS_MEMBER: return "bad_params_member";
    case PORTCULLIS_REASON_DUPLICATE_ID: return "duplicate_id";
    case PORTCULLIS_REASON_WRONG_ERA: return "wrong_era";
    case PORTCULLIS_REASON_INITIALIZE_IN_BATCH: return "initialize_in_batch";
    case PORTCULLIS_REASON_EMPTY_BATCH: return "empty_batch";
    case PORTCULLIS_REASON_BATCH_DISABLED: return "batch_disabled";
    case PORTCULLIS_REASON_AUTH_REQUIRED: return "auth_required";
    case PORTCULLIS_REASON_AUTH_FAILED: return "auth_failed";
    case PORTCULLIS_REASON_PEER_UNAUTHENTICATED: return "peer_unauthenticated";
    case PORTCULLIS_REASON_TOKEN_PRESENT: return "token_present";
    case PORTCULLIS_REASON_LOCKED_OUT: return "locked_out";
    case PORTCULLIS_REASON_CREDENTIAL_SOURCE: return "credential_source";
    case PORTCULLIS_REASON_SERVER_DENIED: return "server_denied";
    case PORTCULLIS_REASON_TOOL_DENIED: return "tool_denied";
    case PORTCULLIS_REASON_SECRET_IN_ENVELOPE: return "secret_in_envelope";
    case PORTCULLIS_REASON_SECRET_BLOCKED: return "secret_blocked";
    case PORTCULLIS_REASON_TOO_MANY_EDITS: return "too_many_edits";
    case PORTCULLIS_REASON_UNSEEN_BLOCKED: return "unseen_blocked";
    case PORTCULLIS_REASON_METHOD_DENIED: return "method_denied";
    case PORTCULLIS_REASON_RESOURCE_DENIED: return "resource_denied";
    case PORTCULLIS_REASON_PROMPT_DENIED: return "prompt_denied";
    case PORTCULLIS_REASON_ARGUMENT_DENIED: return "argument_denied";
    case PORTCULLIS_REASON_PATH_DENIED: return "path_denied";
    case PORTCULLIS_REASON_TOO_MANY_IN_FLIGHT: return "too_many_in_flight";
    case PORTCULLIS_REASON_BUSY: return "busy";
    case PORTCULLIS_REASON_RATE_LIMITED: return "rate_limited";
    case PORTCULLIS_REASON_TOO_MANY_SESSIONS: return "too_many_sessions";
    case PORTCULLIS_REASON_CONCURRENCY_LIMITED: return "concurrency_limited";
    case PORTCULLIS_REASON_CIRCUIT_OPEN: return "circuit_open";
    case PORTCULLIS_REASON_BYTES_LIMITED: return "bytes_limited";
    case PORTCULLIS_REASON_TIMEOUT: return "timeout";
    case PORTCULLIS_REASON_DRAINING: return "draining";
    case PORTCULLIS_REASON_FRAME_TOO_SLOW: return "frame_too_slow";
    case PORTCULLIS_REASON_SESSION_IDLE: return "session_idle";
    case PORTCULLIS_REASON_FRAME_TOO_LARGE: return "frame_too_large";
    case PORTCULLIS_REASON_RESPONSE_TOO_LARGE: return "response_too_large";
    case PORTCULLIS_REASON_BATCH_TOO_LARGE: return "batch_too_large";
    case PORTCULLIS_REASON_PEER_CLOSED: return "peer_closed";
    case PORTCULLIS_REASON_SERVER_EXITED: return "server_exited";
    case PORTCULLIS_REASON_BAD_RESPONSE: return "bad_response";
    case PORTCULLIS_REASON_APPROVAL_DENIED: return "approval_denied";
    case PORTCULLIS_REASON_APPROVAL_EXPIRED: return "approval_expired";
    case PORTCULLIS_REASON_ORPHAN_RESPONSE: return "orphan_response";
    case PORTCULLIS_REASON_LATE_RESPONSE: return "late_response";
    case PORTCULLIS_REASON_NOISE: return "noise";
    case PORTCULLIS_REASON_CLOSED_IN_FRAME: return "closed_in_frame";
    case PORTCULLIS_REASON_TOO_MANY_REFUSED: return "too_many_refused";
    case PORTCULLIS_REASON_REDACTED: return "redacted";
    case PORTCULLIS_REASON_CANCELLED: return "cancelled";
    case PORTCULLIS_REASON_APPROVAL_ASKED: return "approval_asked";
    case PORTCULLIS_REASON_CLOSED: return "closed";
    case PORTCULLIS_REASON_DRAIN_BEGUN: return "drain_begun";
    case PORTCULLIS_REASON_POLICY_SWAPPED: return "policy_swapped";
    case PORTCULLIS_REASON_EVENTS_DROPPED: return "events_dropped";
    case PORTCULLIS_REASON_TOKEN_CUT: return "token_cut";
    case PORTCULLIS_REASON_LIST_FILTERED: return "list_filtered";
    case PORTCULLIS_REASON_INTRODUCED: return "introduced";
    case PORTCULLIS_REASON_TOKEN_ATTACHED: return "token_attached";
    case PORTCULLIS_REASON_SECRET_SEEN: return "secret_seen";
    case PORTCULLIS_REASON_MASKED: return "masked";
    case PORTCULLIS_REASON_SEALED: return "sealed";
    case PORTCULLIS_REASON_UNSEALED: return "unsealed";
    case PORTCULLIS_REASON_SANITISED: return "sanitised";
    case PORTCULLIS_REASON_UNSEEN_TEXT: return "unseen_text";
    case PORTCULLIS_REASON_URL_DENIED: return "url_denied";
    case PORTCULLIS_REASON_SCHEMA_MISMATCH: return "schema_mismatch";
    case PORTCULLIS_REASON_ADDRESS_DENIED: return "address_denied";
    case PORTCULLIS_REASON_ORIGIN_DENIED: return "origin_denied";
    case PORTCULLIS_REASON_HOST_DENIED: return "host_denied";
    case PORTCULLIS_REASON_UNDECIDED: return "undecided";
    case PORTCULLIS_REASON_NOT_INITIALIZED: return "not_initialized";
    case PORTCULLIS_REASON_OPEN_LONG: return "open_long";
    case PORTCULLIS_REASON_CIRCUIT_OPENED: return "circuit_opened";
    case PORTCULLIS_REASON_CIRCUIT_CLOSED: return "circuit_closed";
    case PORTCULLIS_REASON_PATH_ASKED: return "path_asked";
    case PORTCULLIS_REASON_NAME_ASKED: return "name_asked";
    case PORTCULLIS_REASON_TRUNCATED: return "truncated";
    default: return "unknown";
    }
}

static uint32_t other(uint32_t side) {
    return side == PORTCULLIS_CLIENT ? PORTCULLIS_SERVER : PORTCULLIS_CLIENT;
}

/* Milliseconds to wait for, as poll(2) takes them. */
static int timeout(uint64_t due, uint64_t now) {
    if (due == PORTCULLIS_NEVER) return -1;
    return due - now < 60000 ? (int)(due - now) : 60000;
}

static int bits(void) {
    uint32_t wanted = PORTCULLIS_WANT_ALL | PORTCULLIS_WANT_DROPPING;
    CHECK(wanted == PORTCULLIS_WANT_ALL + PORTCULLIS_WANT_DROPPING);
    wanted &= ~PORTCULLIS_WANT_PASSED;
    wanted &= ~PORTCULLIS_WANT_DROPPING;
    wanted ^= PORTCULLIS_WANT_CHANGED;
    CHECK(wanted == (PORTCULLIS_WANT_REFUSED | PORTCULLIS_WANT_PROTOCOL | PORTCULLIS_WANT_LIFECYCLE));
    wanted |= PORTCULLIS_WANT_DROPPING;
    CHECK((wanted & PORTCULLIS_WANT_DROPPING) != 0 && wanted >> 31 == 1);
    wanted = PORTCULLIS_WANT_PASSED << PORTCULLIS_EVENT_REFUSED;
    CHECK(wanted == PORTCULLIS_WANT_REFUSED);
    return 0;
}

static int formats(void) {
    char text[256];
    snprintf(text, sizeof text, "%" PRIu64 " %" PRIu32 " %" PRIx32 " %u", PORTCULLIS_NEVER, PORTCULLIS_WANT_DROPPING,
             PORTCULLIS_WANT_DROPPING, PORTCULLIS_WANT_ALL);
    CHECK(strcmp(text, "18446744073709551615 2147483648 80000000 31") == 0);
    snprintf(text, sizeof text, "%" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32,
             PORTCULLIS_ABI, PORTCULLIS_CLIENT, PORTCULLIS_NOISE, PORTCULLIS_EVENT_CHANGED, PORTCULLIS_MESSAGE_BATCH,
             PORTCULLIS_ANSWER_DENIED, PORTCULLIS_WAKE_FRAME);
    CHECK(strcmp(text, "1 0 2 1 4 2 6") == 0);
    snprintf(text, sizeof text, "%" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32,
             PORTCULLIS_STALL_ENDED, PORTCULLIS_ACTION_BLOCK, PORTCULLIS_GROUP_ENTROPY, PORTCULLIS_RULE_GLOB,
             PORTCULLIS_UNSEEN_ANSI, PORTCULLIS_VERIFIED_NO, PORTCULLIS_STATUS_POISONED);
    CHECK(strcmp(text, "4 5 3 7 4 2 10") == 0);
    snprintf(text, sizeof text, "%" PRIu32, PORTCULLIS_REASON_UNSEEN_TEXT);
    CHECK(strcmp(text, "138") == 0);
    return 0;
}

int main(void) {
    for (uint32_t reason = 0; reason < 256; reason++)
        CHECK(strcmp(reason_word(reason), portcullis_reason_str(reason)) == 0);
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) CHECK(other(other(sides[i])) == sides[i]);
    counts[PORTCULLIS_EVENT_LIFECYCLE]++;
    CHECK(counts[narrow] == 1 && SEVERITY_LOW < SEVERITY_CRITICAL);
    CHECK(timeout(PORTCULLIS_NEVER, 5) == -1 && timeout(70, 5) == 65 && timeout(PORTCULLIS_NEVER - 1, 5) == 60000);
    return bits() || formats();
}
