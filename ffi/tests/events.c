/*
 * Events: which are made, what each of their members says, and how labels are cut; each told from its
 * neighbours.
 */
#include "support.h"

static int is_label(const portcullis_label *label, const char *expected, uint32_t cut) {
    static const char nuls[sizeof label->text];
    const size_t len = strlen(expected);
    return label->len == len && label->cut == cut && memcmp(label->text, expected, len) == 0 &&
           memcmp(label->text + len, nuls, sizeof nuls - len) == 0;
}

/* One frame of every kind of event; how many of each were made. */
static void count_kinds(const portcullis_policy *policy, uint32_t wanted, uint32_t counts[5]) {
    portcullis_engine *engine = engine_of(policy, wanted);
    say(engine, NULL, PORTCULLIS_CLIENT, NOTE NOTE);
    say(engine, NULL, PORTCULLIS_CLIENT, "{\"jsonrpc\":\"2.0\",\"auth_token\":\"x\",\"method\":\"x\"}\n");
    say(engine, NULL, PORTCULLIS_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":1," CALL_RM);
    say(engine, NULL, PORTCULLIS_SERVER, "a line that is no message\n");
    OK(portcullis_engine_recv_close(engine, NULL, PORTCULLIS_CLIENT, at(0)));
    heard(engine, NULL, PORTCULLIS_SERVER);
    heard(engine, NULL, PORTCULLIS_CLIENT);
    memset(counts, 0, 5 * sizeof *counts);
    for (portcullis_event event = next_event(engine); event.kind != NO_EVENT; event = next_event(engine)) {
        CHECK(event.kind < 5);
        counts[event.kind]++;
    }
    portcullis_engine_free(engine);
}

static void each_want_makes_its_kind(void) {
    const uint32_t wants[5] = {PORTCULLIS_WANT_PASSED, PORTCULLIS_WANT_CHANGED, PORTCULLIS_WANT_REFUSED,
                               PORTCULLIS_WANT_PROTOCOL, PORTCULLIS_WANT_LIFECYCLE};
    const uint32_t kinds[5] = {PORTCULLIS_EVENT_PASSED, PORTCULLIS_EVENT_CHANGED, PORTCULLIS_EVENT_REFUSED,
                               PORTCULLIS_EVENT_PROTOCOL, PORTCULLIS_EVENT_LIFECYCLE};
    portcullis_policy *policy = policy_of("{\"tools\": {\"deny\": [\"rm\"]}}");
    uint32_t all[5], some[5];
    count_kinds(policy, PORTCULLIS_WANT_ALL, all);
    CHECK(all[PORTCULLIS_EVENT_PASSED] == 2 && all[PORTCULLIS_EVENT_CHANGED] == 1);
    for (uint32_t i = 0; i < 5; i++) {
        CHECK(all[kinds[i]] > 0);
        count_kinds(policy, wants[i], some);
        for (uint32_t kind = 0; kind < 5; kind++) CHECK(some[kind] == (kind == kinds[i] ? all[kind] : 0));
        count_kinds(policy, PORTCULLIS_WANT_ALL & ~wants[i], some);
        for (uint32_t kind = 0; kind < 5; kind++) CHECK(some[kind] == (kind == kinds[i] ? 0 : all[kind]));
    }
    count_kinds(policy, 0, some);
    for (uint32_t kind = 0; kind < 5; kind++) CHECK(some[kind] == 0);
    portcullis_policy_free(policy);
}

/* Ten frames, and room for eight events that nobody collects. */
static void events_that_nobody_collects(void) {
    portcullis_policy *policy = policy_of("");
    portcullis_limits limits = defaults();
    limits.events_max = 8;
    for (int dropping = 0; dropping < 2; dropping++) {
        const uint32_t wanted = PORTCULLIS_WANT_PASSED | (dropping ? PORTCULLIS_WANT_DROPPING : 0);
        portcullis_engine *engine = limited(policy, &limits, wanted);
        for (int i = 0; i < 10; i++) say(engine, NULL, PORTCULLIS_CLIENT, NOTE);
        heard(engine, NULL, PORTCULLIS_SERVER);
        CHECK(metrics_of(engine).frames[PORTCULLIS_CLIENT] == (dropping ? 10 : 8));
        CHECK(metrics_of(engine).events_dropped == (dropping ? 2 : 0));
        for (uint32_t side = 0; side < 2; side++)
            CHECK(stalled(engine, side) == (dropping ? PORTCULLIS_STALL_NONE : PORTCULLIS_STALL_HOST));
        for (int i = 0; i < 8; i++) CHECK(next_event(engine).kind == PORTCULLIS_EVENT_PASSED);
        OK(portcullis_engine_tick(engine, NULL, at(0)));
        CHECK(metrics_of(engine).frames[PORTCULLIS_CLIENT] == 10);
        CHECK(stalled(engine, PORTCULLIS_CLIENT) == PORTCULLIS_STALL_NONE);
        const uint32_t last_two = dropping ? NO_EVENT : PORTCULLIS_EVENT_PASSED;
        for (int i = 0; i < 2; i++) CHECK(next_event(engine).kind == last_two);
        CHECK(next_event(engine).kind == NO_EVENT);
        portcullis_engine_free(engine);
    }
    portcullis_policy_free(policy);
}

static void an_event_of_a_redacted_answer(void) {
    static const char request[] = "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\","
                                  "\"params\":{\"name\":\"read\"}}\n";
    static const char answer[] = "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"a\":{\"password\":\"Corr3ct-Horse!\"},"
                                 "\"b\":{\"password\":\"Corr3ct-Horse!\"},\"c\":{\"password\":\"Corr3ct-Horse!\"}}}\n";
    portcullis_policy *policy = policy_of("");
    portcullis_engine *engine = engine_of(policy, PORTCULLIS_WANT_PASSED | PORTCULLIS_WANT_CHANGED);
    OK(portcullis_engine_facts(engine, PORTCULLIS_CLIENT, UINT64_C(0x123456789A), "me", 2));
    OK(portcullis_engine_facts(engine, PORTCULLIS_SERVER, 5, "files", 5));
    say_at(engine, NULL, PORTCULLIS_CLIENT, request, 1000);
    say_at(engine, NULL, PORTCULLIS_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"ping\"}\n", 1001);
    heard(engine, NULL, PORTCULLIS_SERVER);
    say_at(engine, NULL, PORTCULLIS_SERVER, answer, 1750);
    const size_t bytes_out = strlen(heard(engine, NULL, PORTCULLIS_CLIENT)) - 1;

    const portcullis_event asked = next_event(engine), other = next_event(engine), told = next_event(engine);
    CHECK(asked.kind == PORTCULLIS_EVENT_PASSED && asked.from == PORTCULLIS_CLIENT);
    CHECK(asked.message == PORTCULLIS_MESSAGE_REQUEST && asked.reason == 0 && asked.code == 0);
    CHECK(asked.time.monotonic_ms == 1000 && asked.time.wall_ms == WALL_MS_START + 1000);
    CHECK(asked.bytes_in == sizeof request - 2 && asked.bytes_out == sizeof request - 2 && asked.count == 0);
    CHECK(asked.duration_ms == PORTCULLIS_NEVER && asked.ticket == 0);
    CHECK(is_label(&asked.method, "tools/call", 0) && is_label(&asked.tool, "read", 0));
    CHECK(is_label(&asked.rule, "", 0));

    CHECK(told.struct_size == sizeof told && told.kind == PORTCULLIS_EVENT_CHANGED);
    CHECK(told.from == PORTCULLIS_SERVER && told.message == PORTCULLIS_MESSAGE_RESPONSE);
    CHECK(told.reason == PORTCULLIS_REASON_REDACTED && told.code == 0);
    CHECK(told.time.monotonic_ms == 1750 && told.time.wall_ms == WALL_MS_START + 1750);
    CHECK(told.session == UINT64_C(0x123456789A));
    CHECK(told.bytes_in == sizeof answer - 2 && told.bytes_out == bytes_out && bytes_out != sizeof answer - 2);
    CHECK(told.count == 3 && told.duration_ms == 750 && told.ticket == 0);
    CHECK(told.id_digest == asked.id_digest && told.id_digest != 0 && told.id_digest != other.id_digest);
    CHECK(is_label(&told.server, "files", 0) && is_label(&told.method, "tools/call", 0));
    CHECK(is_label(&told.tool, "read", 0) && is_label(&told.rule, "password", 0));
    CHECK(next_event(engine).kind == NO_EVENT);
    portcullis_engine_free(engine);
    portcullis_policy_free(policy);
}

/* The method of a notification, as its event shows it. */
static portcullis_label shown(const char *method) {
    portcullis_policy *policy = policy_of("");
    portcullis_engine *engine = engine_of(policy, PORTCULLIS_WANT_PASSED);
    char line[256];
    snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"method\":\"%s\"}\n", method);
    say(engine, NULL, PORTCULLIS_CLIENT, line);
    heard(engine, NULL, PORTCULLIS_SERVER);
    const portcullis_event event = next_event(engine);
    CHECK(event.kind == PORTCULLIS_EVENT_PASSED && event.message == PORTCULLIS_MESSAGE_NOTIFICATION);
    CHECK(event.id_digest == 0 && event.duration_ms == PORTCULLIS_NEVER && event.session == 0);
    portcullis_engine_free(engine);
    portcullis_policy_free(policy);
    return event.method;
}

static void labels_are_cut_at_62_bytes(void) {
#define SIXTY "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"
    portcullis_label label = shown(SIXTY "YZ");
    CHECK(is_label(&label, SIXTY "YZ", 0));
    label = shown(SIXTY "YZ!");
    CHECK(is_label(&label, SIXTY "YZ", 1));
    label = shown(SIXTY "\xC3\xA9"); /* a character of two bytes, within the 62 */
    CHECK(is_label(&label, SIXTY "\xC3\xA9", 0));
    label = shown(SIXTY "Y\xC3\xA9"); /* and over the end of them */
    CHECK(is_label(&label, SIXTY "Y", 1));
    label = shown("a\\u0000b");
    CHECK(label.len == 3 && label.cut == 0 && memcmp(label.text, "a\0b", 4) == 0);
#undef SIXTY
}

int main(void) {
    each_want_makes_its_kind();
    events_that_nobody_collects();
    an_event_of_a_redacted_answer();
    labels_are_cut_at_62_bytes();
    puts("events: every member shows its own");
    return 0;
}
