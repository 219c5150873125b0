/* Peers: what is told of them decides; who is banned, and what a ledger keeps of them. */
#include "support.h"

#define NULL_ PORTCULLIS_STATUS_NULL
#define NUMBER PORTCULLIS_STATUS_BAD_NUMBER
#define SIZE PORTCULLIS_STATUS_BAD_STRUCT_SIZE
#define TEXT(member, value) .member = value, .member##_len = sizeof value - 1
#define PING "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n"

/* What a client of these facts gets for a ping: NULL if it reaches the server. */
static const char *reply(const portcullis_policy *policy, portcullis_ledger *ledger, const portcullis_facts *facts) {
    portcullis_engine *engine = engine_of(policy, 0);
    if (facts != NULL) OK(portcullis_engine_introduce(engine, PORTCULLIS_CLIENT, facts));
    say(engine, ledger, PORTCULLIS_CLIENT, PING);
    const int has_passed = heard(engine, ledger, PORTCULLIS_SERVER)[0] != '\0';
    const char *said = heard(engine, ledger, PORTCULLIS_CLIENT);
    portcullis_engine_free(engine);
    return has_passed ? NULL : said;
}

static int is_told(const char *said, const char *reason) { return said != NULL && strstr(said, reason) != NULL; }

static void facts_decide(void) {
    portcullis_policy *policy = policy_of(
        "{\"auth\": {\"tokens\": [{\"name\": \"me\", \"token\": \"SECRET-1-SECRET-1\"}]},"
        "\"network\": {\"addresses\": {\"deny\": [{\"net\": \"192.0.2.0/24\"}]},"
        "\"origins\": {\"origins\": [\"https://app.example.com\"], \"hosts\": [\"mcp.example.com\"]}}}");
    portcullis_facts facts = {.struct_size = sizeof facts, .source = PORTCULLIS_SOURCE_BEARER,
                              TEXT(credential, "SECRET-1-SECRET-1"), TEXT(address, "198.51.100.7"),
                              TEXT(origin, "https://app.example.com"), TEXT(host, "mcp.example.com")};
    CHECK(reply(policy, NULL, &facts) == NULL);
    facts.credential = "SECRET-2-SECRET-2";
    CHECK(is_told(reply(policy, NULL, &facts), "\"auth_failed\""));
    facts.credential_len = 0;
    CHECK(is_told(reply(policy, NULL, &facts), "\"auth_required\""));
    facts.credential = "SECRET-1-SECRET-1";
    facts.credential_len = 17;
    facts.source = PORTCULLIS_SOURCE_QUERY;
    CHECK(is_told(reply(policy, NULL, &facts), "\"credential_source\""));
    facts.source = PORTCULLIS_SOURCE_HEADER;
    CHECK(reply(policy, NULL, &facts) == NULL);
    facts.address = "::ffff:192.0.2.7";
    facts.address_len = 16;
    CHECK(is_told(reply(policy, NULL, &facts), "\"address_denied\""));
    facts.address_len = 0;
    facts.origin = "https://evil.example";
    facts.origin_len = 20;
    CHECK(is_told(reply(policy, NULL, &facts), "\"origin_denied\""));
    facts.origin = NULL;
    facts.origin_len = 0;
    CHECK(reply(policy, NULL, &facts) == NULL);
    facts.host = "";
    facts.host_len = 0;
    CHECK(is_told(reply(policy, NULL, &facts), "\"host_denied\""));
    portcullis_policy_free(policy);
}

static void who_is_banned(void) {
    portcullis_policy *policy = policy_of("");
    portcullis_ledger *ledger = NULL;
    OK(portcullis_ledger_new_sized(PORTCULLIS_ABI, 2, &ledger));
    portcullis_facts peers[] = {
        {.struct_size = sizeof *peers, .session = 7, TEXT(address, "2001:db8::1"), .has_user = 1, .user = 1000},
        {.struct_size = sizeof *peers, .session = 8, .has_user = 1, .user = 1000},
        {.struct_size = sizeof *peers, .session = 9},
    };
    const size_t count = sizeof peers / sizeof *peers;
    uint64_t bytes = UINT64_MAX, bytes_max = 0, full = 77;
    OK(portcullis_ledger_memory(ledger, &bytes, &bytes_max));
    CHECK(bytes == 0 && bytes_max > 0);
    for (size_t banned = 0; banned < count; banned++) {
        uint32_t left = 0, lifted = 9;
        OK(portcullis_ledger_ban(ledger, &peers[banned], 1000, at(0), &full));
        CHECK(full == 0);
        for (size_t i = 0; i < count; i++) {
            CHECK(is_told(reply(policy, ledger, &peers[i]), "\"locked_out\"") == (i == banned));
            OK(portcullis_ledger_banned(ledger, &peers[i], at(0), &left));
            CHECK(left == (i == banned ? 1000 : 0));
        }
        OK(portcullis_ledger_lift_ban(ledger, &peers[banned], &lifted));
        CHECK(lifted == 1 && reply(policy, ledger, &peers[banned]) == NULL);
        OK(portcullis_ledger_lift_ban(ledger, &peers[banned], &lifted));
        CHECK(lifted == 0);
    }
    /* Of IPv6 the first 64 bits count; a ban ends on its millisecond. */
    OK(portcullis_ledger_ban(ledger, &peers[0], 1000, at(0), &full));
    portcullis_facts neighbour = {.struct_size = sizeof neighbour, TEXT(address, "2001:db8::2")};
    CHECK(is_told(reply(policy, ledger, &neighbour), "\"locked_out\""));
    uint32_t left = 9;
    OK(portcullis_ledger_banned(ledger, &neighbour, at(999), &left));
    CHECK(left == 1);
    OK(portcullis_ledger_banned(ledger, &neighbour, at(1000), &left));
    CHECK(left == 0);
    /* Two places. */
    for (uint64_t i = 0; i < 3; i++) {
        portcullis_facts peer = {.struct_size = sizeof peer, .session = 100 + i};
        OK(portcullis_ledger_ban(ledger, &peer, 2000 + i, at(1000), &full));
        CHECK(full == (i == 2 ? 2000 : 0));
    }
    OK(portcullis_ledger_memory(ledger, &bytes, &bytes_max));
    CHECK(bytes > 0 && bytes <= bytes_max);
    portcullis_ledger_free(ledger);
    portcullis_policy_free(policy);
}

/* An engine that is freed in the middle of a session leaves its place taken, until the host says so. */
static void sessions_are_forgotten(void) {
    portcullis_policy *policy = policy_of("{\"quotas\": {\"sessions\": {\"per_address_max\": 1}}}");
    portcullis_ledger *ledger = NULL;
    OK(portcullis_ledger_new(PORTCULLIS_ABI, &ledger));
    portcullis_facts first = {.struct_size = sizeof first, .session = 1, TEXT(address, "192.0.2.7")}, second = first;
    second.session = 2;
    CHECK(reply(policy, ledger, &first) == NULL);
    CHECK(is_told(reply(policy, ledger, &second), "\"too_many_sessions\""));
    OK(portcullis_ledger_forget_session(ledger, 1));
    CHECK(reply(policy, ledger, &second) == NULL);
    portcullis_ledger_free(ledger);
    portcullis_policy_free(policy);
}

static int reads(uint32_t source, const char *text, const char *name, const char *expected) {
    char token[64];
    size_t len = SIZE_MAX;
    OK(portcullis_credential_read(source, (const uint8_t *)text, strlen(text), name, strlen(name), token, sizeof token, &len));
    return len == strlen(expected) && memcmp(token, expected, len) == 0;
}

static void credentials(void) {
    CHECK(reads(PORTCULLIS_SOURCE_BEARER, "bearer  SECRET-1", "Bearer", "SECRET-1"));
    CHECK(reads(PORTCULLIS_SOURCE_BEARER, "Bearer SECRET-1, Basic x", "Bearer", ""));
    CHECK(reads(PORTCULLIS_SOURCE_BEARER, "Basic SECRET-1", "Bearer", ""));
    CHECK(reads(PORTCULLIS_SOURCE_HEADER, " SECRET-1 ", "", "SECRET-1"));
    CHECK(reads(PORTCULLIS_SOURCE_HEADER, "SECRET-1\r\nX: y", "", ""));
    CHECK(reads(PORTCULLIS_SOURCE_QUERY, "a=b&token=SECRET%2D1", "token", "SECRET-1"));
    CHECK(reads(PORTCULLIS_SOURCE_QUERY, "token=SECRET-1&t%6Fken=SECRET-2", "token", ""));
    CHECK(reads(PORTCULLIS_SOURCE_QUERY, "token=\xFF", "token", ""));
}

static void misuse(void) {
    portcullis_policy *policy = policy_of("");
    portcullis_engine *engine = engine_of(policy, 0);
    portcullis_ledger *ledger = NULL, *made = NULL;
    portcullis_facts facts = {.struct_size = sizeof facts};
    uint64_t wide = 77;
    uint32_t number = 77;
    size_t len = 77;
    char token[8] = "before";
    const uint8_t *text = (const uint8_t *)"Bearer SECRET-1";
    OK(portcullis_ledger_new(PORTCULLIS_ABI, &ledger));
    CHECK_STATUS(NULL_, portcullis_engine_introduce(NULL, 0, &facts));
    CHECK_STATUS(NULL_, portcullis_engine_introduce(engine, 0, NULL));
    CHECK_STATUS(NUMBER, portcullis_engine_introduce(engine, PORTCULLIS_NOISE, &facts));
    CHECK_STATUS(NULL_, portcullis_ledger_new_sized(PORTCULLIS_ABI, 1, NULL));
    CHECK_STATUS(NUMBER, portcullis_ledger_new_sized(PORTCULLIS_ABI, 0, &made));
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_ABI, portcullis_ledger_new_sized(PORTCULLIS_ABI + 1, 1, &made));
    CHECK_STATUS(NULL_, portcullis_ledger_ban(NULL, &facts, 1, at(0), &wide));
    CHECK_STATUS(NULL_, portcullis_ledger_ban(ledger, NULL, 1, at(0), &wide));
    CHECK_STATUS(NULL_, portcullis_ledger_ban(ledger, &facts, 1, at(0), NULL));
    CHECK_STATUS(NULL_, portcullis_ledger_lift_ban(NULL, &facts, &number));
    CHECK_STATUS(NULL_, portcullis_ledger_lift_ban(ledger, NULL, &number));
    CHECK_STATUS(NULL_, portcullis_ledger_lift_ban(ledger, &facts, NULL));
    CHECK_STATUS(NULL_, portcullis_ledger_banned(NULL, &facts, at(0), &number));
    CHECK_STATUS(NULL_, portcullis_ledger_banned(ledger, NULL, at(0), &number));
    CHECK_STATUS(NULL_, portcullis_ledger_banned(ledger, &facts, at(0), NULL));
    CHECK_STATUS(NULL_, portcullis_ledger_forget_session(NULL, 1));
    CHECK_STATUS(NULL_, portcullis_ledger_memory(NULL, &wide, &wide));
    CHECK_STATUS(NULL_, portcullis_ledger_memory(ledger, NULL, &wide));
    CHECK_STATUS(NULL_, portcullis_ledger_memory(ledger, &wide, NULL));
    CHECK_STATUS(NUMBER, portcullis_credential_read(PORTCULLIS_SOURCE_MEMBER, text, 15, "Bearer", 6, token, 8, &len));
    CHECK_STATUS(NULL_, portcullis_credential_read(PORTCULLIS_SOURCE_BEARER, NULL, 15, "Bearer", 6, token, 8, &len));
    CHECK_STATUS(NULL_, portcullis_credential_read(PORTCULLIS_SOURCE_BEARER, text, 15, "Bearer", 6, NULL, 8, &len));
    CHECK_STATUS(NULL_, portcullis_credential_read(PORTCULLIS_SOURCE_BEARER, text, 15, "Bearer", 6, token, 8, NULL));
    CHECK_STATUS(PORTCULLIS_STATUS_TOO_SMALL,
                 portcullis_credential_read(PORTCULLIS_SOURCE_BEARER, text, 15, "Bearer", 6, token, 7, &len));
    facts.source = 4;
    CHECK_STATUS(NUMBER, portcullis_engine_introduce(engine, 0, &facts));
    facts.source = 0;
    facts.address = "192.0.2.7:80";
    facts.address_len = 12;
    CHECK_STATUS(NUMBER, portcullis_engine_introduce(engine, 0, &facts));
    CHECK_STATUS(NUMBER, portcullis_ledger_ban(ledger, &facts, 1, at(0), &wide));
    facts.address = NULL;
    CHECK_STATUS(NULL_, portcullis_engine_introduce(engine, 0, &facts));
    facts.address_len = 0;
    facts.origin = "\xFF";
    facts.origin_len = 1;
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_UTF8, portcullis_engine_introduce(engine, 0, &facts));
    facts.struct_size--;
    CHECK_STATUS(SIZE, portcullis_engine_introduce(engine, 0, &facts));
    CHECK_STATUS(SIZE, portcullis_ledger_ban(ledger, &facts, 1, at(0), &wide));
    CHECK(made == NULL && wide == 77 && number == 77 && len == 77 && strcmp(token, "before") == 0);
    portcullis_ledger_free(ledger);
    portcullis_engine_free(engine);
    portcullis_policy_free(policy);
}

int main(void) {
    facts_decide();
    who_is_banned();
    sessions_are_forgotten();
    credentials();
    misuse();
    puts("peers: what is told of them decides");
    return 0;
}
