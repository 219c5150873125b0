/*
 * Lanes that stand and go on, deadlines and what they are for, and the word of every number.
 */
#include "support.h"

static size_t room(portcullis_engine *engine, uint32_t from) {
    uint8_t *space = NULL;
    size_t len = SIZE_MAX;
    OK(portcullis_engine_recv_space(engine, from, &space, &len));
    return len;
}

/* Hands over lines until the engine takes no more; how many bytes it took. */
static size_t fill(portcullis_engine *engine, uint32_t from, const char *line) {
    size_t taken = 0, sum = 0, rest = 0;
    do {
        const size_t len = strlen(line) - rest;
        OK(portcullis_engine_recv_copy(engine, NULL, from, (const uint8_t *)line + rest, len, at(0), &taken));
        CHECK(taken <= len && (sum += taken) < 1 << 20);
        rest = taken < len ? rest + taken : 0;
    } while (rest == 0);
    return sum;
}

static void a_lane_stands_and_goes_on(void) {
    portcullis_policy *policy = policy_of("{\"tools\": {\"deny\": [\"rm\"]}}");
    portcullis_limits limits = defaults();
    limits.frame_bytes_max[0] = limits.frame_bytes_max[1] = 4096;
    limits.answers_owed_max = 3;
    /* The receiver does not read. */
    for (uint32_t from = 0; from < 2; from++) {
        const uint32_t to = 1 - from;
        portcullis_engine *engine = limited(policy, &limits, 0);
        CHECK(room(engine, from) > 0 && stalled(engine, from) == PORTCULLIS_STALL_NONE);
        const size_t taken = fill(engine, from, NOTE);
        CHECK(taken > 1000 && room(engine, from) == 0);
        CHECK(stalled(engine, from) == PORTCULLIS_STALL_RECEIVER);
        CHECK(room(engine, to) > 0 && stalled(engine, to) == PORTCULLIS_STALL_NONE);
        const size_t frames_len = strlen(heard(engine, NULL, to));
        CHECK(frames_len > 0 && frames_len <= taken && taken - frames_len < strlen(NOTE));
        CHECK(room(engine, from) > 0 && stalled(engine, from) == PORTCULLIS_STALL_NONE);
        portcullis_engine_free(engine);
    }
    /* The sender does not read what it is owed. */
    portcullis_engine *engine = limited(policy, &limits, 0);
    for (int i = 0; i < 3; i++) {
        char line[128];
        CHECK(stalled(engine, PORTCULLIS_CLIENT) == PORTCULLIS_STALL_NONE && room(engine, PORTCULLIS_CLIENT) > 0);
        snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"id\":%d," CALL_RM, i);
        say(engine, NULL, PORTCULLIS_CLIENT, line);
    }
    fill(engine, PORTCULLIS_CLIENT, NOTE);
    CHECK(stalled(engine, PORTCULLIS_CLIENT) == PORTCULLIS_STALL_SENDER && room(engine, PORTCULLIS_CLIENT) == 0);
    CHECK(metrics_of(engine).frames[PORTCULLIS_CLIENT] == 3);
    CHECK(stalled(engine, PORTCULLIS_SERVER) == PORTCULLIS_STALL_NONE && room(engine, PORTCULLIS_SERVER) > 0);
    CHECK(metrics_of(engine).answers_owed[PORTCULLIS_CLIENT] == 3);
    heard(engine, NULL, PORTCULLIS_CLIENT);
    CHECK(metrics_of(engine).frames[PORTCULLIS_CLIENT] > 3);
    heard(engine, NULL, PORTCULLIS_SERVER);
    CHECK(stalled(engine, PORTCULLIS_CLIENT) == PORTCULLIS_STALL_NONE && room(engine, PORTCULLIS_CLIENT) > 0);
    portcullis_engine_free(engine);
    portcullis_policy_free(policy);
}

/* What is due next at a moment, and what for, while nothing else is. */
static void deadlines_say_what_for(void) {
    static const char call[] = "{\"jsonrpc\":\"2.0\",\"id\":1," CALL_RM;
    static const struct {
        const char *policy, *line;
        uint64_t drain_until_ms, asked_at_ms, due_ms;
        uint32_t wake;
    } known[] = {
        {"{}", "", 0, 0, PORTCULLIS_NEVER, PORTCULLIS_WAKE_NONE},
        {"{}", NOTE, 0, 0, 30000, PORTCULLIS_WAKE_MEMORY},
        {"{}", "{\"jsonrpc\"", 0, 0, 500, PORTCULLIS_WAKE_FRAME},
        {"{}", call, 900, 0, 900, PORTCULLIS_WAKE_DRAIN},
        {"{\"requests\": {\"timeout_ms\": 700}}", call, 0, 0, 700, PORTCULLIS_WAKE_REQUEST},
        {"{\"requests\": {\"timeout_ms\": 700}}", call, 0, 700, 700 + 300, PORTCULLIS_WAKE_ID},
        {"{\"tools\": {\"ask\": [\"rm\"]}}", call, 0, 0, 45000, PORTCULLIS_WAKE_TICKET},
        {"{\"quotas\": {\"sessions\": {\"idle_ms\": 800}}}", "", 0, 0, 800, PORTCULLIS_WAKE_IDLE},
    };
    portcullis_limits limits = defaults();
    limits.frame_ms_max = 500;
    limits.id_taken_ms = 300;
    uint64_t due = 0;
    uint32_t wake = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        portcullis_policy *policy = policy_of(known[i].policy);
        portcullis_engine *engine = limited(policy, &limits, PORTCULLIS_WANT_LIFECYCLE);
        say(engine, NULL, PORTCULLIS_CLIENT, known[i].line);
        heard(engine, NULL, PORTCULLIS_SERVER);
        const uint64_t until = known[i].drain_until_ms;
        if (until > 0) OK(portcullis_engine_begin_drain(engine, at(0), until));
        OK(portcullis_engine_tick(engine, NULL, at(known[i].asked_at_ms)));
        heard(engine, NULL, PORTCULLIS_CLIENT);
        heard(engine, NULL, PORTCULLIS_SERVER);
        OK(portcullis_engine_deadline(engine, &due, &wake));
        CHECK(due == known[i].due_ms && wake == known[i].wake);
        portcullis_engine_free(engine);
        portcullis_policy_free(policy);
    }
}

/* What each number is called. A gap in a row is a number that names nothing. */
static void every_number_has_its_word(void) {
    static const struct {
        const char *(*word)(uint32_t);
        const char *words[9];
    } families[] = {
        {portcullis_receiver_str, {"client", "server", "noise"}},
        {portcullis_event_kind_str, {"passed", "changed", "refused", "protocol", "lifecycle"}},
        {portcullis_message_str, {"none", "request", "notification", "response", "batch"}},
        {portcullis_wake_str, {"none", "request", "ticket", "drain", "memory", "id", "frame", "report", "idle"}},
        {portcullis_stall_str, {"none", "receiver", "sender", "host", "ended"}},
        {portcullis_action_str, {NULL, "log", "mask", "redact", "seal", "block"}},
        {portcullis_severity_str, {NULL, "low", "medium", "high", "critical"}},
        {portcullis_group_str, {NULL, "secrets", "pii", "entropy"}},
        {portcullis_rule_kind_str, {NULL, "token", "context", "block", "personal", "regex", "literal", "glob"}},
        {portcullis_unseen_kind_str, {NULL, "zero-width", "bidi", "tag", "ansi"}},
    };
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        for (uint32_t number = 0; number < 9; number++) {
            const char *word = families[i].words[number];
            CHECK(strcmp(families[i].word(number), word ? word : "unknown") == 0);
        }
        CHECK(strcmp(families[i].word(UINT32_MAX), "unknown") == 0);
    }
}

int main(void) {
    a_lane_stands_and_goes_on();
    deadlines_say_what_for();
    every_number_has_its_word();
    puts("lanes: they stand, go on, and say why");
    return 0;
}
