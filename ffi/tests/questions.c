/* Questions: what a ticket asks, how long that may be read, and what becomes of each answer. */
#include "support.h"

static int reads(const void *text, size_t len, const char *expected) {
    return len == strlen(expected) && memcmp(text, expected, len) == 0;
}

static portcullis_question question_of(const portcullis_engine *engine, uint64_t ticket) {
    portcullis_question question;
    memset(&question, 0xA5, sizeof question);
    question.struct_size = sizeof question;
    OK(portcullis_engine_question(engine, ticket, &question));
    CHECK(question.struct_size == sizeof question);
    return question;
}

static int asks_nothing(const portcullis_engine *engine, uint64_t ticket) {
    const portcullis_question question = question_of(engine, ticket);
    return question.kind == PORTCULLIS_QUESTION_NONE && question.text == NULL && question.text_len == 0 &&
           question.message == NULL && question.message_len == 0;
}

/* Says a call, and gives the ticket that it waits for. */
static uint64_t ask(portcullis_engine *engine, const char *line, uint32_t reason) {
    say(engine, NULL, PORTCULLIS_CLIENT, line);
    CHECK(strcmp(heard(engine, NULL, PORTCULLIS_SERVER), "") == 0);
    uint64_t ticket = 0;
    for (portcullis_event event = next_event(engine); event.kind != NO_EVENT; event = next_event(engine)) {
        if (event.ticket == 0) continue;
        CHECK(ticket == 0 && event.reason == reason && event.kind == PORTCULLIS_EVENT_LIFECYCLE);
        ticket = event.ticket;
    }
    CHECK(ticket != 0);
    return ticket;
}

static uint32_t resolve(portcullis_engine *engine, uint64_t ticket, const char *text) {
    uint32_t known = 9;
    OK(portcullis_engine_resolve(engine, NULL, ticket, text, strlen(text), at(1), &known));
    return known;
}

static uint32_t answer(portcullis_engine *engine, uint64_t ticket, uint32_t number) {
    uint32_t known = 9;
    OK(portcullis_engine_answer(engine, NULL, ticket, number, at(1), &known));
    return known;
}

#define DEPLOY(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"tools/call\",\"params\":{\"name\":\"deploy-" LONG "\"}}"
#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789"

/* The whole name and the whole message, as it will leave; they live while nothing but queries is called. */
static void a_call_is_shown_whole(void) {
    portcullis_policy *policy = policy_of("{\"tools\": {\"ask\": [\"deploy-*\"]}}");
    portcullis_engine *engine = engine_of(policy, PORTCULLIS_WANT_LIFECYCLE);
    const uint64_t ticket = ask(engine,
        "{\"jsonrpc\":\"2.0\",\"auth_token\":\"x\",\"id\":1,\"method\":\"tools/call\",\"params\":"
        "{\"name\":\"deploy-" LONG "\"}}\n", PORTCULLIS_REASON_APPROVAL_ASKED);
    CHECK(asks_nothing(engine, 0) && asks_nothing(engine, ticket + 1) && asks_nothing(engine, UINT64_MAX));
    const portcullis_question question = question_of(engine, ticket);
    metrics_of(engine);
    CHECK(stalled(engine, PORTCULLIS_CLIENT) == PORTCULLIS_STALL_NONE);
    CHECK(question.kind == PORTCULLIS_QUESTION_CALL);
    CHECK(reads(question.text, question.text_len, "deploy-" LONG));
    CHECK(reads(question.message, question.message_len, DEPLOY("1")));
    CHECK(answer(engine, ticket, PORTCULLIS_ANSWER_APPROVED) == 1);
    CHECK(asks_nothing(engine, ticket));
    CHECK(answer(engine, ticket, PORTCULLIS_ANSWER_APPROVED) == 0 && resolve(engine, ticket, "/") == 0);
    CHECK(strcmp(heard(engine, NULL, PORTCULLIS_SERVER), DEPLOY("1") "\n") == 0);

    /* A call is no path: to resolve it does not approve it. */
    CHECK(resolve(engine, ask(engine, DEPLOY("2") "\n", PORTCULLIS_REASON_APPROVAL_ASKED), "/tmp") == 1);
    CHECK(strstr(heard(engine, NULL, PORTCULLIS_CLIENT), "\"approval_denied\"") != NULL);
    CHECK(strcmp(heard(engine, NULL, PORTCULLIS_SERVER), "") == 0);
    CHECK(answer(engine, ask(engine, DEPLOY("3") "\n", PORTCULLIS_REASON_APPROVAL_ASKED), PORTCULLIS_ANSWER_DENIED) == 1);
    CHECK(strstr(heard(engine, NULL, PORTCULLIS_CLIENT), "\"approval_denied\"") != NULL);
    portcullis_engine_free(engine);
    portcullis_policy_free(policy);
}

/* A time that runs out closes the question, too. */
static void an_expired_ticket_asks_nothing(void) {
    portcullis_policy *policy = policy_of("{\"tools\": {\"ask\": [\"deploy-*\"]}}");
    portcullis_engine *engine = engine_of(policy, PORTCULLIS_WANT_LIFECYCLE);
    const uint64_t ticket = ask(engine, DEPLOY("1") "\n", PORTCULLIS_REASON_APPROVAL_ASKED);
    OK(portcullis_engine_tick(engine, NULL, at(defaults().ticket_ms)));
    CHECK(asks_nothing(engine, ticket) && resolve(engine, ticket, "/") == 0);
    CHECK(strstr(heard(engine, NULL, PORTCULLIS_CLIENT), "\"approval_expired\"") != NULL);
    portcullis_engine_free(engine);
    portcullis_policy_free(policy);
}

#define CALL(id, arguments) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"tools/call\",\"params\":{\"name\":\"read\"," \
                            "\"arguments\":{" arguments "}}}\n"

static int asks(const portcullis_engine *engine, uint64_t ticket, uint32_t kind, const char *text) {
    const portcullis_question question = question_of(engine, ticket);
    return question.kind == kind && reads(question.text, question.text_len, text) && question.message == NULL;
}

static int refused(portcullis_engine *engine, const char *reason) {
    CHECK(strcmp(heard(engine, NULL, PORTCULLIS_SERVER), "") == 0);
    return strstr(heard(engine, NULL, PORTCULLIS_CLIENT), reason) != NULL;
}

/* What the host found is judged by the rule that asked. */
static void paths_and_names_are_resolved(void) {
    portcullis_policy *policy = policy_of(
        "{\"arguments\": [{\"name\": \"files\", \"at\": \"/path\", \"path\": {\"roots\": [\"/srv\"]}, \"resolve\": true},"
        "{\"name\": \"web\", \"at\": \"/url\", \"url\": {}, \"resolve\": true}]}");
    portcullis_engine *engine = engine_of(policy, PORTCULLIS_WANT_LIFECYCLE | PORTCULLIS_WANT_REFUSED);
    const uint32_t path = PORTCULLIS_REASON_PATH_ASKED, name = PORTCULLIS_REASON_NAME_ASKED;

    uint64_t ticket = ask(engine, CALL("1", "\"path\":\"/srv/a\""), path);
    CHECK(asks(engine, ticket, PORTCULLIS_QUESTION_PATH, "/srv/a"));
    CHECK(resolve(engine, ticket, "/srv/b") == 1 && asks_nothing(engine, ticket));
    CHECK(strcmp(heard(engine, NULL, PORTCULLIS_SERVER), CALL("1", "\"path\":\"/srv/a\"")) == 0);
    CHECK(resolve(engine, ask(engine, CALL("2", "\"path\":\"/srv/link\""), path), "/etc/shadow") == 1);
    CHECK(refused(engine, "\"path_denied\",\"rule\":\"files\""));
    CHECK(answer(engine, ask(engine, CALL("3", "\"path\":\"/srv/a\""), path), PORTCULLIS_ANSWER_APPROVED) == 1);
    CHECK(refused(engine, "\"undecided\",\"rule\":\"files\""));
    CHECK(answer(engine, ask(engine, CALL("4", "\"path\":\"/srv/a\""), path), PORTCULLIS_ANSWER_DENIED) == 1);
    CHECK(refused(engine, "\"undecided\""));

    ticket = ask(engine, CALL("5", "\"url\":\"https://Example.com/a\""), name);
    CHECK(asks(engine, ticket, PORTCULLIS_QUESTION_NAME, "example.com"));
    CHECK(resolve(engine, ticket, "8.8.8.8 2606:4700::1111") == 1);
    CHECK(strcmp(heard(engine, NULL, PORTCULLIS_SERVER), CALL("5", "\"url\":\"https://Example.com/a\"")) == 0);
    CHECK(resolve(engine, ask(engine, CALL("6", "\"url\":\"https://example.com/\""), name), "8.8.8.8 127.0.0.1") == 1);
    CHECK(refused(engine, "\"url_denied\",\"rule\":\"web\",\"check\":\"loopback\""));
    const portcullis_event told = next_event(engine);
    CHECK(strcmp(told.rule.text, "web") == 0 && strcmp(told.check.text, "loopback") == 0);
    static const char *const none[] = {"", "example.com", "8.8.8.8,127.0.0.1"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        CHECK(resolve(engine, ask(engine, CALL("7", "\"url\":\"https://example.com/\""), name), none[i]) == 1);
        CHECK(refused(engine, i == 0 ? "\"rule\":\"web\"" : "\"undecided\""));
    }

    /* One call asks twice, one ticket after the other. */
    ticket = ask(engine, CALL("8", "\"path\":\"/srv/a\",\"url\":\"https://example.com/\""), path);
    CHECK(resolve(engine, ticket, "/srv/a") == 1 && asks_nothing(engine, ticket));
    CHECK(strcmp(heard(engine, NULL, PORTCULLIS_SERVER), "") == 0);
    const portcullis_event event = next_event(engine);
    CHECK(event.reason == name && event.ticket > ticket && strcmp(event.rule.text, "web") == 0);
    CHECK(resolve(engine, event.ticket, "8.8.8.8") == 1);
    CHECK(strstr(heard(engine, NULL, PORTCULLIS_SERVER), "/srv/a") != NULL);
    portcullis_engine_free(engine);
    portcullis_policy_free(policy);
}

int main(void) {
    a_call_is_shown_whole();
    paths_and_names_are_resolved();
    an_expired_ticket_asks_nothing();
    puts("questions: each is asked whole, and answered once");
    return 0;
}
