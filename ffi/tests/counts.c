/*
 * Metrics and ledgers: a count that lands in the wrong member, or in the wrong half of a pair, is another
 * number than the one expected.
 */
#include "support.h"

/* What an engine has been told and has told, counted at its border. */
struct border {
    portcullis_engine *engine;
    portcullis_ledger *ledger;
    uint64_t in[2], out[2];
    int ids;
};

/* Hands over a line so many times; for `%d` it has another id each time. */
static void tell(struct border *border, int times, uint32_t from, const char *line) {
    char text[2048];
    while (times-- > 0) {
        const char *id = strstr(line, "%d");
        if (id) snprintf(text, sizeof text, "%.*s%d%s", (int)(id - line), line, ++border->ids, id + 2);
        else snprintf(text, sizeof text, "%s", line);
        say(border->engine, border->ledger, from, text);
        border->in[from] += strlen(text);
    }
}

static void take(struct border *border, uint32_t to) {
    border->out[to] += strlen(heard(border->engine, border->ledger, to));
}

static void metrics_have_their_own_values(void) {
    static const char three_secrets[] =
        "{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":{\"a\":{\"password\":\"Corr3ct-Horse!\"},"
        "\"b\":{\"password\":\"Corr3ct-Horse!\"},\"c\":{\"password\":\"Corr3ct-Horse!\"}}}\n";
    static const char same_id[] = "{\"jsonrpc\":\"2.0\",\"id\":\"same\",\"method\":\"ping\"}\n";
    portcullis_policy *policy = policy_of("{\"tools\": {\"deny\": [\"rm\"]}}");
    portcullis_limits limits = defaults();
    limits.events_max = 8;
    struct border border = {.engine = limited(policy, &limits, PORTCULLIS_WANT_PASSED | PORTCULLIS_WANT_DROPPING)};
    char noise[1001];
    memset(noise, '-', sizeof noise);
    memcpy(noise + 999, "\n", 2);

    /* From the client: 20 pass, 2 change, 8 are refused, 1 answers nothing. 15 are open, 6 owed. */
    tell(&border, 15, PORTCULLIS_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"ping\"}\n");
    tell(&border, 5, PORTCULLIS_CLIENT, NOTE);
    tell(&border, 2, PORTCULLIS_CLIENT, "{\"jsonrpc\":\"2.0\",\"auth_token\":\"x\",\"method\":\"x\"}\n");
    tell(&border, 2, PORTCULLIS_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":%d," CALL_RM);
    take(&border, PORTCULLIS_CLIENT);
    tell(&border, 6, PORTCULLIS_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":%d," CALL_RM);
    tell(&border, 1, PORTCULLIS_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":9999,\"result\":{}}\n");
    /* From the server: 18 pass, 4 change with 3 secrets each, 9 are refused, 10 are dropped. 16 are
       open, 5 owed. */
    tell(&border, 15, PORTCULLIS_SERVER, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"ping\"}\n");
    tell(&border, 1, PORTCULLIS_SERVER, same_id);
    tell(&border, 2, PORTCULLIS_SERVER, NOTE);
    tell(&border, 4, PORTCULLIS_SERVER, three_secrets);
    tell(&border, 4, PORTCULLIS_SERVER, same_id);
    take(&border, PORTCULLIS_SERVER);
    tell(&border, 5, PORTCULLIS_SERVER, same_id);
    tell(&border, 4, PORTCULLIS_SERVER, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":{}}\n");
    tell(&border, 6, PORTCULLIS_SERVER, noise);

    portcullis_metrics metrics = metrics_of(border.engine);
    CHECK(metrics.struct_size == sizeof metrics && metrics.reserved == 0);
    for (int side = 0; side < 2; side++) {
        CHECK(metrics.bytes_in[side] == border.in[side] && metrics.bytes_out[side] == border.out[side]);
        CHECK(border.in[side] > 0 && border.out[side] > 0);
    }
    CHECK(border.in[0] != border.in[1] && border.out[0] != border.out[1] && border.in[0] != border.out[1]);
    CHECK(metrics.frames[0] == 31 && metrics.frames[1] == 41);
    CHECK(metrics.passed[0] == 20 && metrics.passed[1] == 18);
    CHECK(metrics.changed[0] == 2 && metrics.changed[1] == 4);
    CHECK(metrics.refused[0] == 8 && metrics.refused[1] == 9);
    CHECK(metrics.dropped[0] == 1 && metrics.dropped[1] == 10);
    CHECK(metrics.edits == 2 + 4 * 3);
    CHECK(metrics.requests_open[0] == 15 && metrics.requests_open[1] == 16);
    CHECK(metrics.answers_owed[0] == 6 && metrics.answers_owed[1] == 5);
    CHECK(metrics.events_dropped == 20 + 18 - 8);
    const size_t noise_bytes_kept = strlen(heard(border.engine, NULL, PORTCULLIS_NOISE));
    CHECK(metrics.noise_bytes == 6000 && metrics.noise_bytes_dropped == 6000 - noise_bytes_kept);
    CHECK(noise_bytes_kept < 6000 && metrics.memory_bytes > 10000);

    /* What is owed is paid, what waits leaves, and memory is given back; the rest stays counted. */
    take(&border, PORTCULLIS_CLIENT);
    take(&border, PORTCULLIS_SERVER);
    while (next_event(border.engine).kind != NO_EVENT) {}
    const uint64_t memory_bytes_before = metrics.memory_bytes;
    metrics = metrics_of(border.engine);
    CHECK(metrics.answers_owed[0] == 0 && metrics.answers_owed[1] == 0);
    CHECK(metrics.bytes_out[0] == border.out[0] && metrics.bytes_out[1] == border.out[1]);
    OK(portcullis_engine_tick(border.engine, NULL, at(31000)));
    OK(portcullis_engine_tick(border.engine, NULL, at(59000)));
    metrics = metrics_of(border.engine);
    CHECK(metrics.memory_bytes < memory_bytes_before && metrics.noise_bytes == 6000 && metrics.requests_open[0] == 15);
    portcullis_engine_free(border.engine);
    portcullis_policy_free(policy);
}

static void a_ledger_counts_over_sessions(void) {
#define WITH_TOKEN "{\"jsonrpc\":\"2.0\",\"auth_token\":\"open-sesame\","
    /* The digest is that of `open-sesame`. */
    portcullis_policy *policy = policy_of(
        "{\"tools\": {\"deny\": [\"rm\"]}, \"auth\": {\"tokens\": [{\"name\": \"me\", \"sha256\":"
        "\"d7ecdf25eaf3deba0f2628771dbdd22d4138ab6cf38f91ed02a2ca0dec7c8ab7\"}]}}");
    portcullis_ledger *ledger = NULL;
    OK(portcullis_ledger_new(PORTCULLIS_ABI, &ledger));
    struct border one = {.engine = engine_of(policy, 0), .ledger = ledger};
    struct border two = {.engine = engine_of(policy, 0), .ledger = ledger};
    struct border alone = {.engine = engine_of(policy, 0)};
    tell(&one, 1, PORTCULLIS_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"ping\"}\n");
    tell(&one, 2, PORTCULLIS_CLIENT, "{\"jsonrpc\":\"2.0\",\"auth_token\":\"wrong\",\"id\":%d,\"method\":\"ping\"}\n");
    tell(&one, 4, PORTCULLIS_CLIENT, WITH_TOKEN "\"id\":%d," CALL_RM);
    tell(&one, 5, PORTCULLIS_CLIENT, WITH_TOKEN "\"id\":%d,\"method\":\"ping\"}\n");
    tell(&two, 1, PORTCULLIS_CLIENT, WITH_TOKEN "\"id\":%d,\"method\":\"ping\"}\n");
    tell(&two, 4, PORTCULLIS_CLIENT, WITH_TOKEN "\"method\":\"notifications/x\"}\n");
    tell(&alone, 1, PORTCULLIS_CLIENT, WITH_TOKEN "\"id\":%d,\"method\":\"ping\"}\n");

    portcullis_ledger_counts counts;
    memset(&counts, 0xA5, sizeof counts);
    counts.struct_size = sizeof counts;
    OK(portcullis_ledger_count(ledger, &counts));
    CHECK(counts.struct_size == sizeof counts && counts.reserved == 0);
    CHECK(counts.frames == 17 && counts.refused == 7 && counts.changed == 10);
    CHECK(counts.requests_open == 6 && counts.auth_failures == 3);
    const struct {
        uint32_t reason;
        uint64_t count;
    } refusals[] = {{PORTCULLIS_REASON_AUTH_REQUIRED, 1}, {PORTCULLIS_REASON_AUTH_FAILED, 2},
                    {PORTCULLIS_REASON_TOOL_DENIED, 4},   {PORTCULLIS_REASON_NOT_JSON, 0}};
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        uint64_t count = UINT64_MAX;
        OK(portcullis_ledger_refusals(ledger, refusals[i].reason, &count));
        CHECK(count == refusals[i].count);
    }
    take(&two, PORTCULLIS_SERVER);
    tell(&two, 1, PORTCULLIS_SERVER, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n");
    take(&two, PORTCULLIS_CLIENT);
    OK(portcullis_ledger_count(ledger, &counts));
    CHECK(counts.frames == 18 && counts.requests_open == 5 && counts.changed == 10);
    portcullis_engine_free(one.engine);
    portcullis_engine_free(two.engine);
    portcullis_engine_free(alone.engine);
    portcullis_ledger_free(ledger);
    portcullis_policy_free(policy);
#undef WITH_TOKEN
}

int main(void) {
    metrics_have_their_own_values();
    a_ledger_counts_over_sessions();
    puts("counts: every member shows its own");
    return 0;
}
