/*
 * Every number of every struct that the library fills in, each told from its neighbours: a count that
 * lands in the wrong member, or in the wrong half of a pair, is another number than the one expected.
 */
#include "support.h"

#define CALL_RM "\"method\":\"tools/call\",\"params\":{\"name\":\"rm\"}}\n"
#define NOTE "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n"

static portcullis_engine *limited(const portcullis_policy *policy, const portcullis_limits *limits, uint32_t wanted) {
    portcullis_engine *engine = NULL;
    OK(portcullis_engine_new(PORTCULLIS_ABI, policy, limits, wanted, at(0), NULL, 0, &engine));
    return engine;
}

static portcullis_limits defaults(void) {
    portcullis_limits limits;
    limits.struct_size = sizeof limits;
    OK(portcullis_limits_default(&limits));
    return limits;
}

static int is_text(const char *text, size_t len, const char *expected) {
    return len == strlen(expected) && memcmp(text, expected, len) == 0;
}

static int is_label(const portcullis_label *label, const char *expected, uint32_t cut) {
    static const char nuls[sizeof label->text];
    const size_t len = strlen(expected);
    return label->len == len && label->cut == cut && memcmp(label->text, expected, len) == 0 &&
           memcmp(label->text + len, nuls, sizeof nuls - len) == 0;
}

/* ---- events ---- */

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

/* ---- counts ---- */

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

/* ---- rules and matches ---- */

static portcullis_rule rule_of(const portcullis_policy *policy, size_t place) {
    portcullis_rule rule;
    memset(&rule, 0xA5, sizeof rule);
    rule.struct_size = sizeof rule;
    OK(portcullis_policy_rule(policy, place, &rule));
    CHECK(rule.struct_size == sizeof rule && rule.reserved == 0);
    return rule;
}

static portcullis_rule rule_by_name(const portcullis_policy *policy, const char *name) {
    size_t count = 0;
    OK(portcullis_policy_rule_count(policy, &count));
    for (size_t place = 0; place < count; place++) {
        const portcullis_rule rule = rule_of(policy, place);
        if (is_text(rule.name, rule.name_len, name)) return rule;
    }
    fprintf(stderr, "no rule %s\n", name);
    exit(1);
}

static portcullis_policy *policy_with_patterns(void) {
    return policy_of(
        "{\"redaction\": {\"groups\": {\"pii\": \"log\"}, \"rules\": {\"jwt\": \"block\", \"random-value\": \"mask\"},"
        "\"patterns\": ["
        "{\"name\": \"slow\", \"type\": \"regex\", \"pattern\": \"[a-z]+[0-9]{4}\"},"
        "{\"name\": \"quick\", \"type\": \"regex\", \"pattern\": \"MINE-[0-9]{8}\"},"
        "{\"name\": \"literal\", \"type\": \"literal\", \"pattern\": \"HELLO\"},"
        "{\"name\": \"unclosed\", \"pattern\": \"ab(c\"},"
        "{\"name\": \"glob\", \"type\": \"glob\", \"pattern\": \"AB-*\"},"
        "{\"name\": \"nothing\", \"pattern\": \"\"}]}}");
}

static void rules_have_their_own_values(void) {
    enum {
        LOW = PORTCULLIS_SEVERITY_LOW, MEDIUM = PORTCULLIS_SEVERITY_MEDIUM, HIGH = PORTCULLIS_SEVERITY_HIGH,
        CRITICAL = PORTCULLIS_SEVERITY_CRITICAL, SECRETS = PORTCULLIS_GROUP_SECRETS,
        PERSONAL = PORTCULLIS_GROUP_PERSONAL, ENTROPY = PORTCULLIS_GROUP_ENTROPY, LOG = PORTCULLIS_ACTION_LOG,
        MASK = PORTCULLIS_ACTION_MASK, REDACT = PORTCULLIS_ACTION_REDACT, BLOCK = PORTCULLIS_ACTION_BLOCK
    };
    static const struct {
        const char *name, *provider;
        uint32_t severity, group, kind, action, proven, checked, anchored, custom, slow;
    } known[] = {
        /*                                    severity  group     kind                      action  p  ch a  cu s */
        {"github-classic-pat", "GitHub",      CRITICAL, SECRETS,  PORTCULLIS_RULE_TOKEN,    REDACT, 1, 1, 1, 0, 0},
        {"bitbucket-access-token", "Bitbucket", CRITICAL, SECRETS, PORTCULLIS_RULE_TOKEN,   REDACT, 0, 1, 1, 0, 0},
        {"jwt", "generic",                    HIGH,     SECRETS,  PORTCULLIS_RULE_TOKEN,    BLOCK,  1, 1, 1, 0, 0},
        {"private-key", "generic",            CRITICAL, SECRETS,  PORTCULLIS_RULE_BLOCK,    REDACT, 1, 1, 1, 0, 0},
        {"iban", "ISO 13616",                 HIGH,     PERSONAL, PORTCULLIS_RULE_PERSONAL, LOG,    0, 1, 0, 0, 0},
        {"email", "RFC 5322",                 LOW,      PERSONAL, PORTCULLIS_RULE_PERSONAL, LOG,    0, 0, 0, 0, 0},
        {"random-value", "generic",           MEDIUM,   ENTROPY,  PORTCULLIS_RULE_CONTEXT,  MASK,   1, 0, 0, 0, 0},
        {"slow", "custom",                    HIGH,     SECRETS,  PORTCULLIS_RULE_REGEX,    REDACT, 1, 0, 0, 1, 1},
        {"quick", "custom",                   HIGH,     SECRETS,  PORTCULLIS_RULE_REGEX,    REDACT, 1, 0, 0, 1, 0},
        {"literal", "custom",                 HIGH,     SECRETS,  PORTCULLIS_RULE_LITERAL,  REDACT, 1, 0, 0, 1, 0},
        {"glob", "custom",                    HIGH,     SECRETS,  PORTCULLIS_RULE_GLOB,     REDACT, 1, 0, 0, 1, 0},
    };
    portcullis_policy *policy = policy_with_patterns();
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const portcullis_rule rule = rule_by_name(policy, known[i].name);
        char replacement[64];
        snprintf(replacement, sizeof replacement, "[REDACTED:%s]", known[i].name);
        CHECK(is_text(rule.provider, rule.provider_len, known[i].provider));
        CHECK(is_text(rule.replacement, rule.replacement_len, replacement));
        CHECK(rule.severity == known[i].severity && rule.group == known[i].group && rule.kind == known[i].kind);
        CHECK(rule.action == known[i].action && rule.proven == known[i].proven);
        CHECK(rule.checked == known[i].checked && rule.anchored == known[i].anchored);
        CHECK(rule.custom == known[i].custom && rule.slow == known[i].slow);
    }

    static const struct {
        const char *name;
        uint64_t index, at;
        uint32_t has_at;
        const char *reason;
    } faults[] = {{"unclosed", 3, 2, 1, "unclosed group"}, {"nothing", 5, 0, 0, "the pattern is empty"}};
    size_t count = 0;
    OK(portcullis_policy_fault_count(policy, &count));
    CHECK(count == 2);
    for (size_t i = 0; i < count; i++) {
        portcullis_fault fault;
        memset(&fault, 0xA5, sizeof fault);
        fault.struct_size = sizeof fault;
        OK(portcullis_policy_fault(policy, i, &fault));
        CHECK(fault.struct_size == sizeof fault && fault.index == faults[i].index);
        CHECK(fault.has_at == faults[i].has_at && fault.at == faults[i].at);
        CHECK(is_text(fault.name, fault.name_len, faults[i].name));
        CHECK(is_text(fault.reason, fault.reason_len, faults[i].reason));
    }
    portcullis_policy_free(policy);
}

static size_t found(portcullis_finder *finder, const char *text, size_t len, portcullis_match *first) {
    size_t count = SIZE_MAX;
    OK(portcullis_finder_find(finder, NULL, 0, (const uint8_t *)text, len, &count));
    memset(first, 0xA5, sizeof *first);
    first->struct_size = sizeof *first;
    if (count > 0) OK(portcullis_finder_match(finder, 0, first));
    return count;
}

static size_t in_base64(const char *text, size_t len, char *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t written = 0;
    for (size_t i = 0; i < len; i += 3) {
        const size_t bytes = len - i < 3 ? len - i : 3;
        uint32_t three = 0;
        for (size_t k = 0; k < 3; k++) three = three << 8 | (k < bytes ? (unsigned char)text[i + k] : 0);
        for (size_t k = 0; k < 4; k++) out[written++] = k > bytes ? '=' : digits[three >> (18 - 6 * k) & 63];
    }
    return written;
}

/* The example of every rule is found by it where it stands, and verified exactly by the rules that say
   that they look. */
static void matches_have_their_own_values(void) {
    portcullis_policy *policy = policy_of("{\"redaction\": {\"groups\": {\"pii\": \"log\"}}}");
    portcullis_finder *finder = NULL;
    OK(portcullis_finder_new(PORTCULLIS_ABI, policy, &finder));
    char text[8192], spelled[12288];
    const char *example = NULL;
    size_t len = 0, start = 0, end = 0, count = 0, shifted = 0;
    portcullis_match match;
    OK(portcullis_policy_rule_count(policy, &count));
    for (size_t place = 0; place < count; place++) {
        const portcullis_rule rule = rule_of(policy, place);
        OK(portcullis_finder_example(finder, rule.id, 3, &example, &len, &start, &end));
        CHECK(rule.custom == 0 && start < end && end <= len && len <= sizeof text);
        memcpy(text, example, len);
        CHECK(found(finder, text, len, &match) == 1);
        CHECK(match.rule == rule.id && match.start == start && match.end == end && match.plain == 1);
        CHECK(match.verified == (rule.checked ? PORTCULLIS_VERIFIED_YES : PORTCULLIS_VERIFIED_UNKNOWN));
        shifted += start > 0 && end < len;
    }
    CHECK(count > 400 && shifted > 0);

    const portcullis_rule github = rule_by_name(policy, "github-app-token");
    OK(portcullis_finder_example(finder, github.id, 9, &example, &len, &start, &end));
    memcpy(text, example, len);
    const size_t spelled_len = in_base64(text, len, spelled);
    CHECK(found(finder, spelled, spelled_len, &match) == 1);
    CHECK(match.rule == github.id && match.plain == 0 && match.verified == PORTCULLIS_VERIFIED_YES);
    text[end - 1] = text[end - 1] == 'a' ? 'b' : 'a'; /* the last character of the checksum */
    CHECK(found(finder, text, len, &match) == 1);
    CHECK(match.rule == github.id && match.plain == 1 && match.verified == PORTCULLIS_VERIFIED_NO);
    CHECK(match.start == start && match.end == end);
    /* Of two in one text each has its own verdict. */
    text[len] = '\n';
    OK(portcullis_finder_example(finder, github.id, 9, &example, &len, &start, &end));
    memcpy(text + len + 1, example, len);
    CHECK(found(finder, text, 2 * len + 1, &match) == 2 && match.verified == PORTCULLIS_VERIFIED_NO);
    OK(portcullis_finder_match(finder, 1, &match));
    CHECK(match.start > len && match.rule == github.id && match.verified == PORTCULLIS_VERIFIED_YES);

    /* Stretches that nobody sees, one of each kind. */
    static const char unseen_text[] = "ab\xE2\x80\x8B" "c\xE2\x80\xAE" "d\xF3\xA0\x81\x81\xF3\xA0\x81\x82" "e\x1B[31mf";
    static const struct {
        uint32_t kind;
        size_t start, end;
    } stretches[] = {{PORTCULLIS_UNSEEN_ZERO_WIDTH, 2, 5}, {PORTCULLIS_UNSEEN_BIDI, 6, 9},
                     {PORTCULLIS_UNSEEN_TAG, 10, 18},      {PORTCULLIS_UNSEEN_ANSI, 19, 24}};
    for (int twice = 0; twice < 2; twice++) {
        OK(portcullis_finder_find_unseen(finder, (const uint8_t *)unseen_text, sizeof unseen_text - 1, &count));
        CHECK(count == 4);
    }
    for (size_t i = 0; i < count; i++) {
        portcullis_unseen unseen = {.struct_size = sizeof unseen};
        OK(portcullis_finder_unseen(finder, i, &unseen));
        CHECK(unseen.struct_size == sizeof unseen && unseen.kind == stretches[i].kind);
        CHECK(unseen.start == stretches[i].start && unseen.end == stretches[i].end);
    }
    portcullis_finder_free(finder);
    portcullis_policy_free(policy);

    /* The host's own patterns are found by their numbers, and have no example. */
    policy = policy_with_patterns();
    const uint32_t slow = rule_by_name(policy, "slow").id;
    OK(portcullis_finder_new(PORTCULLIS_ABI, policy, &finder));
    CHECK(found(finder, "- slow1234", 10, &match) == 1 && match.rule == slow);
    CHECK(match.start == 2 && match.end == 10 && match.plain == 1 && match.verified == PORTCULLIS_VERIFIED_UNKNOWN);
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_NUMBER,
                 portcullis_finder_example(finder, slow, 3, &example, &len, &start, &end));
    portcullis_finder_free(finder);
    portcullis_policy_free(policy);
}

/* ---- what a redactor lends ---- */

/* Lines with a secret in each, and the same lines as they may leave. */
struct lines {
    char *text, *clean;
    size_t text_len, clean_len;
};

static struct lines lines_of(portcullis_finder *finder, const portcullis_rule *rule, size_t bytes, uint64_t seed) {
    /* A line takes at most twice as much with the one as with the other. */
    struct lines lines = {.text = malloc(2 * bytes + 4096), .clean = malloc(2 * bytes + 4096)};
    CHECK(lines.text != NULL && lines.clean != NULL);
    while (lines.text_len < bytes) {
        const char *example = NULL;
        size_t len = 0, start = 0, end = 0;
        char number[32];
        OK(portcullis_finder_example(finder, rule->id, seed++, &example, &len, &start, &end));
        CHECK(end - start < 1000 && rule->replacement_len < 100);
        const size_t digits = (size_t)snprintf(number, sizeof number, "line %zu ", lines.text_len);
        memcpy(lines.text + lines.text_len, number, digits);
        memcpy(lines.text + lines.text_len + digits, example + start, end - start);
        lines.text_len += digits + end - start;
        lines.text[lines.text_len++] = '\n';
        memcpy(lines.clean + lines.clean_len, number, digits);
        memcpy(lines.clean + lines.clean_len + digits, rule->replacement, rule->replacement_len);
        lines.clean_len += digits + rule->replacement_len;
        lines.clean[lines.clean_len++] = '\n';
    }
    return lines;
}

static void a_redactor_lends_what_this_call_made(void) {
    static const size_t sizes[] = {100, 1 << 20, 100, 1 << 18, 5000, 1 << 20, 1, 1};
    portcullis_policy *policy = policy_of("");
    portcullis_finder *finder = NULL;
    portcullis_redactor *redactor = NULL, *other = NULL;
    OK(portcullis_finder_new(PORTCULLIS_ABI, policy, &finder));
    OK(portcullis_redactor_new(PORTCULLIS_ABI, policy, &redactor));
    OK(portcullis_redactor_new(PORTCULLIS_ABI, policy, &other));
    const portcullis_rule rule = rule_by_name(policy, "github-classic-pat");
    const uint8_t *lent = NULL, *lent_by_other = NULL;
    size_t len = 0, len_by_other = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const struct lines lines = lines_of(finder, &rule, sizes[i], 1000 * i);
        OK(portcullis_redactor_push(redactor, (const uint8_t *)lines.text, lines.text_len, &lent, &len));
        /* The loan outlives the text, and what another redactor does. */
        memset(lines.text, '#', lines.text_len);
        OK(portcullis_redactor_push(other, (const uint8_t *)"another text\n", 13, &lent_by_other, &len_by_other));
        CHECK(is_text((const char *)lent_by_other, len_by_other, "another text\n"));
        /* It outlives a call that fails, too. */
        CHECK_STATUS(PORTCULLIS_STATUS_NULL,
                     portcullis_redactor_push(redactor, NULL, 1, &lent_by_other, &len_by_other));
        CHECK_STATUS(PORTCULLIS_STATUS_NULL, portcullis_redactor_finish(redactor, NULL, &len_by_other));
        CHECK(len == lines.clean_len && memcmp(lent, lines.clean, len) == 0);
        free(lines.text);
        free(lines.clean);
    }
    /* An unfinished line is lent by the call that ends it, and by no other. */
    OK(portcullis_redactor_push(redactor, (const uint8_t *)"the", 3, &lent, &len));
    CHECK(len == 0);
    OK(portcullis_redactor_push(redactor, (const uint8_t *)" end\nand", 8, &lent, &len));
    CHECK(is_text((const char *)lent, len, "the end\n"));
    OK(portcullis_redactor_push(redactor, NULL, 0, &lent, &len));
    CHECK(len == 0);
    OK(portcullis_redactor_finish(redactor, &lent, &len));
    CHECK(is_text((const char *)lent, len, "and"));
    OK(portcullis_redactor_finish(redactor, &lent, &len));
    CHECK(len == 0);
    OK(portcullis_redactor_push(redactor, (const uint8_t *)"another\n", 8, &lent, &len));
    CHECK(is_text((const char *)lent, len, "another\n"));
    portcullis_redactor_free(other);
    portcullis_redactor_free(redactor);
    portcullis_finder_free(finder);
    portcullis_policy_free(policy);
}

/* ---- back-pressure ---- */

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

/* ---- words ---- */

/* What each number is called. A gap in a row is a number that names nothing. */
static void every_number_has_its_word(void) {
    static const struct {
        const char *(*word)(uint32_t);
        const char *words[9];
    } families[] = {
        {portcullis_receiver_str, {"client", "server", "noise"}},
        {portcullis_event_kind_str, {"passed", "changed", "refused", "protocol", "lifecycle"}},
        {portcullis_message_str, {"none", "request", "notification", "response", "batch"}},
        {portcullis_wake_str, {"none", "request", "ticket", "drain", "memory", "id", "frame"}},
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
    each_want_makes_its_kind();
    events_that_nobody_collects();
    an_event_of_a_redacted_answer();
    labels_are_cut_at_62_bytes();
    metrics_have_their_own_values();
    a_ledger_counts_over_sessions();
    rules_have_their_own_values();
    matches_have_their_own_values();
    a_redactor_lends_what_this_call_made();
    a_lane_stands_and_goes_on();
    deadlines_say_what_for();
    every_number_has_its_word();
    puts("values: every member shows its own");
    return 0;
}
