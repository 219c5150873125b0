/* Calls that no host should make: each has its status, and leaves its outputs alone. */
#include "support.h"

#define NULL_ PORTCULLIS_STATUS_NULL
#define NUMBER PORTCULLIS_STATUS_BAD_NUMBER
#define SIZE PORTCULLIS_STATUS_BAD_STRUCT_SIZE

/* Outputs that every test hands over, and that nobody may touch. */
static struct {
    uint8_t *space;
    const uint8_t *data;
    size_t len;
    uint32_t number;
    uint64_t wide;
    portcullis_event event;
    portcullis_metrics metrics;
    portcullis_question question;
} out;

static void set_out(void) {
    memset(&out, 0x5A, sizeof out);
    out.event.struct_size = sizeof out.event;
    out.metrics.struct_size = sizeof out.metrics;
    out.question.struct_size = sizeof out.question;
}

static int is_untouched(void) {
    unsigned char expected[sizeof out];
    memcpy(expected, &out, sizeof out);
    set_out();
    return memcmp(expected, &out, sizeof out) == 0;
}

static void null_is_said(const portcullis_policy *policy, portcullis_engine *engine) {
    CHECK_STATUS(NULL_, portcullis_engine_recv_space(NULL, 0, &out.space, &out.len));
    CHECK_STATUS(NULL_, portcullis_engine_recv_space(engine, 0, NULL, &out.len));
    CHECK_STATUS(NULL_, portcullis_engine_recv_space(engine, 0, &out.space, NULL));
    CHECK_STATUS(NULL_, portcullis_engine_recv_commit(NULL, NULL, 0, 0, at(0)));
    CHECK_STATUS(NULL_, portcullis_engine_recv_copy(NULL, NULL, 0, NULL, 0, at(0), &out.len));
    CHECK_STATUS(NULL_, portcullis_engine_recv_copy(engine, NULL, 0, NULL, 1, at(0), &out.len));
    CHECK_STATUS(NULL_, portcullis_engine_recv_copy(engine, NULL, 0, (const uint8_t *)"{}\n", 3, at(0), NULL));
    CHECK_STATUS(NULL_, portcullis_engine_recv_close(NULL, NULL, 0, at(0)));
    CHECK_STATUS(NULL_, portcullis_engine_send_ready(NULL, 0, &out.data, &out.len));
    CHECK_STATUS(NULL_, portcullis_engine_send_ready(engine, 0, NULL, &out.len));
    CHECK_STATUS(NULL_, portcullis_engine_send_ready(engine, 0, &out.data, NULL));
    CHECK_STATUS(NULL_, portcullis_engine_send_commit(NULL, NULL, 0, 0));
    CHECK_STATUS(NULL_, portcullis_engine_next_event(NULL, &out.event, &out.number));
    CHECK_STATUS(NULL_, portcullis_engine_next_event(engine, NULL, &out.number));
    CHECK_STATUS(NULL_, portcullis_engine_next_event(engine, &out.event, NULL));
    CHECK_STATUS(NULL_, portcullis_engine_deadline(NULL, &out.wide, &out.number));
    CHECK_STATUS(NULL_, portcullis_engine_deadline(engine, NULL, &out.number));
    CHECK_STATUS(NULL_, portcullis_engine_deadline(engine, &out.wide, NULL));
    CHECK_STATUS(NULL_, portcullis_engine_tick(NULL, NULL, at(0)));
    CHECK_STATUS(NULL_, portcullis_engine_is_finished(NULL, &out.number));
    CHECK_STATUS(NULL_, portcullis_engine_is_finished(engine, NULL));
    CHECK_STATUS(NULL_, portcullis_engine_facts(NULL, 0, 1, "x", 1));
    CHECK_STATUS(NULL_, portcullis_engine_facts(engine, 0, 1, NULL, 1));
    CHECK_STATUS(NULL_, portcullis_engine_swap_policy(NULL, policy));
    CHECK_STATUS(NULL_, portcullis_engine_swap_policy(engine, NULL));
    CHECK_STATUS(NULL_, portcullis_engine_begin_drain(NULL, at(0), 1));
    CHECK_STATUS(NULL_, portcullis_engine_question(NULL, 1, &out.question));
    CHECK_STATUS(NULL_, portcullis_engine_question(engine, 1, NULL));
    CHECK_STATUS(NULL_, portcullis_engine_resolve(NULL, NULL, 1, "/", 1, at(0), &out.number));
    CHECK_STATUS(NULL_, portcullis_engine_resolve(engine, NULL, 1, NULL, 1, at(0), &out.number));
    CHECK_STATUS(NULL_, portcullis_engine_resolve(engine, NULL, 1, "/", 1, at(0), NULL));
    CHECK_STATUS(NULL_, portcullis_engine_answer(NULL, NULL, 1, 1, at(0), &out.number));
    CHECK_STATUS(NULL_, portcullis_engine_answer(engine, NULL, 1, 1, at(0), NULL));
    CHECK_STATUS(NULL_, portcullis_engine_stalled(NULL, 0, &out.number));
    CHECK_STATUS(NULL_, portcullis_engine_stalled(engine, 0, NULL));
    CHECK_STATUS(NULL_, portcullis_engine_metrics(NULL, &out.metrics));
    CHECK_STATUS(NULL_, portcullis_engine_metrics(engine, NULL));
    CHECK_STATUS(NULL_, portcullis_limits_default(NULL));
    CHECK_STATUS(NULL_, portcullis_limits_memory_max(NULL, &out.wide));
    CHECK_STATUS(NULL_, portcullis_ledger_new(PORTCULLIS_ABI, NULL));
    CHECK_STATUS(NULL_, portcullis_ledger_count(NULL, NULL));
    CHECK_STATUS(NULL_, portcullis_ledger_refusals(NULL, 1, &out.wide));
    CHECK_STATUS(NULL_, portcullis_policy_fault_count(NULL, &out.len));
    CHECK_STATUS(NULL_, portcullis_policy_fault_count(policy, NULL));
    CHECK_STATUS(NULL_, portcullis_policy_fault(NULL, 0, NULL));
    CHECK_STATUS(NULL_, portcullis_policy_fault(policy, 0, NULL));
    CHECK_STATUS(NULL_, portcullis_policy_rule_count(NULL, &out.len));
    CHECK_STATUS(NULL_, portcullis_policy_rule(policy, 0, NULL));
    CHECK_STATUS(NULL_, portcullis_notice(1, NULL, 512, &out.len));
    CHECK_STATUS(NULL_, portcullis_notice(1, (char *)&out.event, 512, NULL));

    portcullis_policy *made = NULL;
    portcullis_engine *started = NULL;
    portcullis_finder *finder = NULL;
    portcullis_redactor *redactor = NULL;
    CHECK_STATUS(NULL_, portcullis_policy_new(PORTCULLIS_ABI, NULL, 2, NULL, 0, NULL, 0, &made));
    CHECK_STATUS(NULL_, portcullis_policy_new(PORTCULLIS_ABI, "{}", 2, NULL, 32, NULL, 0, &made));
    CHECK_STATUS(NULL_, portcullis_policy_new(PORTCULLIS_ABI, "{}", 2, NULL, 0, NULL, 0, NULL));
    CHECK_STATUS(NULL_, portcullis_engine_new(PORTCULLIS_ABI, NULL, NULL, 0, at(0), NULL, 0, &started));
    CHECK_STATUS(NULL_, portcullis_engine_new(PORTCULLIS_ABI, policy, NULL, 0, at(0), NULL, 0, NULL));
    CHECK_STATUS(NULL_, portcullis_finder_new(PORTCULLIS_ABI, NULL, &finder));
    CHECK_STATUS(NULL_, portcullis_finder_new(PORTCULLIS_ABI, policy, NULL));
    CHECK_STATUS(NULL_, portcullis_finder_find(NULL, NULL, 0, NULL, 0, &out.len));
    CHECK_STATUS(NULL_, portcullis_finder_match(NULL, 0, NULL));
    CHECK_STATUS(NULL_, portcullis_finder_find_unseen(NULL, NULL, 0, &out.len));
    CHECK_STATUS(NULL_, portcullis_finder_unseen(NULL, 0, NULL));
    CHECK_STATUS(NULL_, portcullis_finder_example(NULL, 0, 0, NULL, &out.len, &out.len, &out.len));
    CHECK_STATUS(NULL_, portcullis_redactor_new(PORTCULLIS_ABI, NULL, &redactor));
    CHECK_STATUS(NULL_, portcullis_redactor_push(NULL, NULL, 0, &out.data, &out.len));
    CHECK_STATUS(NULL_, portcullis_redactor_finish(NULL, &out.data, &out.len));
    CHECK(!made && !started && !finder && !redactor);
    CHECK(is_untouched());

    for (int twice = 0; twice < 2; twice++) {
        portcullis_policy_free(NULL);
        portcullis_engine_free(NULL);
        portcullis_ledger_free(NULL);
        portcullis_finder_free(NULL);
        portcullis_redactor_free(NULL);
    }
    /* Length 0 is no bytes, whatever the pointer. */
    OK(portcullis_engine_recv_copy(engine, NULL, 0, NULL, 0, at(0), &out.len));
    OK(portcullis_engine_recv_copy(engine, NULL, 0, (const uint8_t *)1, 0, at(0), &out.len));
    set_out();
}

static void numbers_that_name_nothing(const portcullis_policy *policy, portcullis_engine *engine) {
    const uint32_t wrong[] = {2, 3, 255, UINT32_MAX};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint32_t side = wrong[i];
        CHECK_STATUS(NUMBER, portcullis_engine_recv_space(engine, side, &out.space, &out.len));
        CHECK_STATUS(NUMBER, portcullis_engine_recv_commit(engine, NULL, side, 0, at(0)));
        CHECK_STATUS(NUMBER, portcullis_engine_recv_copy(engine, NULL, side, NULL, 0, at(0), &out.len));
        CHECK_STATUS(NUMBER, portcullis_engine_recv_close(engine, NULL, side, at(0)));
        CHECK_STATUS(NUMBER, portcullis_engine_facts(engine, side, 1, NULL, 0));
        CHECK_STATUS(NUMBER, portcullis_engine_stalled(engine, side, &out.number));
        if (side == PORTCULLIS_NOISE) continue;
        CHECK_STATUS(NUMBER, portcullis_engine_send_ready(engine, side, &out.data, &out.len));
        CHECK_STATUS(NUMBER, portcullis_engine_send_commit(engine, NULL, side, 0));
    }
    CHECK_STATUS(NUMBER, portcullis_engine_answer(engine, NULL, 1, 0, at(0), &out.number));
    CHECK_STATUS(NUMBER, portcullis_engine_answer(engine, NULL, 1, PORTCULLIS_ANSWER_RESOLVED, at(0), &out.number));
    CHECK_STATUS(NUMBER, portcullis_engine_answer(engine, NULL, 1, 4, at(0), &out.number));
    CHECK_STATUS(NUMBER, portcullis_engine_resolve(engine, NULL, 1, "/", SIZE_MAX, at(0), &out.number));
    CHECK_STATUS(NUMBER, portcullis_notice(0, (char *)&out.event, 512, &out.len));
    CHECK_STATUS(NUMBER, portcullis_engine_recv_copy(engine, NULL, 0, (const uint8_t *)"x", SIZE_MAX, at(0), &out.len));
    CHECK_STATUS(NUMBER, portcullis_engine_deadline(engine, (uint64_t *)((char *)&out.wide + 1), &out.number));
    portcullis_engine *started = NULL;
    CHECK_STATUS(NUMBER, portcullis_engine_new(PORTCULLIS_ABI, policy, NULL, 32, at(0), NULL, 0, &started));
    CHECK(!started && is_untouched());
}

static void loans(portcullis_engine *engine) {
    const uint32_t not_lent = PORTCULLIS_STATUS_NOT_LENT;
    /* Nothing is on loan. */
    CHECK_STATUS(not_lent, portcullis_engine_recv_commit(engine, NULL, PORTCULLIS_CLIENT, 1, at(0)));
    CHECK_STATUS(not_lent, portcullis_engine_send_commit(engine, NULL, PORTCULLIS_CLIENT, 1));
    OK(portcullis_engine_recv_commit(engine, NULL, PORTCULLIS_CLIENT, 0, at(0)));
    OK(portcullis_engine_send_commit(engine, NULL, PORTCULLIS_CLIENT, 0));
    /* More than was lent; the wrong side; the other direction; too late. */
    OK(portcullis_engine_recv_space(engine, PORTCULLIS_CLIENT, &out.space, &out.len));
    CHECK_STATUS(not_lent, portcullis_engine_recv_commit(engine, NULL, PORTCULLIS_CLIENT, out.len + 1, at(0)));
    CHECK_STATUS(not_lent, portcullis_engine_recv_commit(engine, NULL, PORTCULLIS_SERVER, 1, at(0)));
    CHECK_STATUS(not_lent, portcullis_engine_send_commit(engine, NULL, PORTCULLIS_CLIENT, 1));
    memcpy(out.space, "{\"jsonrpc\":\"2.0\",\"method\":\"x\"}\n", 31);
    OK(portcullis_engine_recv_commit(engine, NULL, PORTCULLIS_CLIENT, 31, at(0)));
    CHECK_STATUS(not_lent, portcullis_engine_recv_commit(engine, NULL, PORTCULLIS_CLIENT, 1, at(0)));
    OK(portcullis_engine_send_ready(engine, PORTCULLIS_SERVER, &out.data, &out.len));
    CHECK(out.len == 31);
    CHECK_STATUS(not_lent, portcullis_engine_send_commit(engine, NULL, PORTCULLIS_SERVER, 32));
    OK(portcullis_engine_tick(engine, NULL, at(0)));
    CHECK_STATUS(not_lent, portcullis_engine_send_commit(engine, NULL, PORTCULLIS_SERVER, 31));
    OK(portcullis_engine_send_ready(engine, PORTCULLIS_SERVER, &out.data, &out.len));
    OK(portcullis_engine_send_commit(engine, NULL, PORTCULLIS_SERVER, 30));
    OK(portcullis_engine_send_ready(engine, PORTCULLIS_SERVER, &out.data, &out.len));
    CHECK(out.len == 1);
    OK(portcullis_engine_send_commit(engine, NULL, PORTCULLIS_SERVER, 1));
    set_out();
}

static const char HELLO[] = "{\"jsonrpc\":\"2.0\",\"method\":\"x\"}\n";

/* Something waits for every receiver. */
static portcullis_engine *with_all_ready(const portcullis_policy *policy) {
    portcullis_engine *engine = engine_of(policy, 0);
    say(engine, NULL, PORTCULLIS_CLIENT, HELLO);
    say(engine, NULL, PORTCULLIS_SERVER, HELLO);
    say(engine, NULL, PORTCULLIS_SERVER, "a line that is no message\n");
    return engine;
}

/* A loan: memory to read into (direction 0), or bytes to write (direction 1). */
static void lend(portcullis_engine *engine, int direction, uint32_t peer) {
    if (direction == 0) OK(portcullis_engine_recv_space(engine, peer, &out.space, &out.len));
    if (direction == 1) OK(portcullis_engine_send_ready(engine, peer, &out.data, &out.len));
    CHECK(out.len > 0);
}

static uint32_t commit(portcullis_engine *engine, int direction, uint32_t peer, size_t count) {
    return direction == 0 ? portcullis_engine_recv_commit(engine, NULL, peer, count, at(0))
                          : portcullis_engine_send_commit(engine, NULL, peer, count);
}

/* What is lent for one peer is committed for this peer only, and in its own direction. */
static void loans_have_an_owner(const portcullis_policy *policy) {
    const uint32_t not_lent = PORTCULLIS_STATUS_NOT_LENT;
    portcullis_engine *engine = with_all_ready(policy);
    for (int lent = 0; lent < 2; lent++) {
        const uint32_t peers = lent == 0 ? PORTCULLIS_SERVER : PORTCULLIS_NOISE;
        for (uint32_t owner = 0; owner <= peers; owner++) {
            lend(engine, lent, owner);
            const portcullis_metrics before = metrics_of(engine);
            for (uint32_t other = 0; other <= peers; other++)
                if (other != owner) CHECK_STATUS(not_lent, commit(engine, lent, other, 1));
            if (owner != PORTCULLIS_NOISE) CHECK_STATUS(not_lent, commit(engine, 1 - lent, owner, 1));
            CHECK_STATUS(not_lent, commit(engine, lent, owner, out.len + 1));
            const portcullis_metrics after = metrics_of(engine);
            CHECK(memcmp(&before, &after, sizeof before) == 0);
            if (lent == 0) out.space[0] = '\n';
            OK(commit(engine, lent, owner, 1));
            CHECK_STATUS(not_lent, commit(engine, lent, owner, 1));
        }
    }
    portcullis_engine_free(engine);
    set_out();
}

/* The calls that take an engine as other than `const`. Each ends the loan; a number that is none: 0. */
static int ends_the_loan(int number, portcullis_engine *engine, const portcullis_policy *policy) {
    portcullis_event event = {.struct_size = sizeof event};
    portcullis_facts facts = {.struct_size = sizeof facts};
    uint8_t *space = NULL;
    const uint8_t *ready = NULL;
    size_t len = 0;
    uint32_t known = 0;
    switch (number) {
    case 0: OK(portcullis_engine_recv_space(engine, PORTCULLIS_SERVER, &space, &len)); break;
    case 1: OK(portcullis_engine_send_ready(engine, PORTCULLIS_NOISE, &ready, &len)); break;
    case 2: OK(portcullis_engine_recv_commit(engine, NULL, PORTCULLIS_CLIENT, 0, at(0))); break;
    case 3: OK(portcullis_engine_recv_commit(engine, NULL, PORTCULLIS_SERVER, 0, at(0))); break;
    case 4: OK(portcullis_engine_send_commit(engine, NULL, PORTCULLIS_CLIENT, 0)); break;
    case 5: OK(portcullis_engine_send_commit(engine, NULL, PORTCULLIS_SERVER, 0)); break;
    case 6: OK(portcullis_engine_recv_copy(engine, NULL, PORTCULLIS_SERVER, NULL, 0, at(0), &len)); break;
    case 7: OK(portcullis_engine_recv_close(engine, NULL, PORTCULLIS_CLIENT, at(0))); break;
    case 8: OK(portcullis_engine_tick(engine, NULL, at(0))); break;
    case 9: OK(portcullis_engine_next_event(engine, &event, &known)); break;
    case 10: OK(portcullis_engine_facts(engine, PORTCULLIS_CLIENT, 1, "x", 1)); break;
    case 11: OK(portcullis_engine_swap_policy(engine, policy)); break;
    case 12: OK(portcullis_engine_begin_drain(engine, at(0), 1000)); break;
    case 13: OK(portcullis_engine_answer(engine, NULL, 1, PORTCULLIS_ANSWER_DENIED, at(0), &known)); break;
    case 14: OK(portcullis_engine_resolve(engine, NULL, 1, "/", 1, at(0), &known)); break;
    case 15: OK(portcullis_engine_introduce(engine, PORTCULLIS_CLIENT, &facts)); break;
    default: return 0;
    }
    return 1;
}

/* The queries, and all calls that fail in every way there is: none of them ends the loan. */
static void leaves_the_loan(portcullis_engine *engine) {
    portcullis_event short_event = {.struct_size = 4};
    portcullis_question question = {.struct_size = sizeof question}, short_question = {.struct_size = 4};
    uint8_t *space = NULL;
    const uint8_t *ready = NULL;
    size_t len = 0;
    uint32_t number = 0;
    uint64_t due = 0;
    OK(portcullis_engine_deadline(engine, &due, &number));
    OK(portcullis_engine_is_finished(engine, &number));
    OK(portcullis_engine_stalled(engine, PORTCULLIS_CLIENT, &number));
    OK(portcullis_engine_question(engine, 1, &question));
    metrics_of(engine);
    CHECK_STATUS(SIZE, portcullis_engine_question(engine, 1, &short_question));
    CHECK_STATUS(NULL_, portcullis_engine_resolve(engine, NULL, 1, "/", 1, at(0), NULL));
    CHECK_STATUS(NUMBER, portcullis_engine_stalled(engine, 2, &number));
    CHECK_STATUS(NULL_, portcullis_engine_recv_space(engine, PORTCULLIS_CLIENT, NULL, &len));
    CHECK_STATUS(NUMBER, portcullis_engine_recv_space(engine, PORTCULLIS_NOISE, &space, &len));
    CHECK_STATUS(NULL_, portcullis_engine_send_ready(engine, PORTCULLIS_CLIENT, &ready, NULL));
    CHECK_STATUS(NUMBER, portcullis_engine_send_ready(engine, 3, &ready, &len));
    CHECK_STATUS(NUMBER, portcullis_engine_recv_commit(engine, NULL, PORTCULLIS_NOISE, 1, at(0)));
    CHECK_STATUS(PORTCULLIS_STATUS_NOT_LENT,
                 portcullis_engine_recv_commit(engine, NULL, PORTCULLIS_CLIENT, SIZE_MAX, at(0)));
    CHECK_STATUS(NUMBER, portcullis_engine_send_commit(engine, NULL, 3, 1));
    CHECK_STATUS(PORTCULLIS_STATUS_NOT_LENT,
                 portcullis_engine_send_commit(engine, NULL, PORTCULLIS_SERVER, SIZE_MAX));
    CHECK_STATUS(NULL_, portcullis_engine_recv_copy(engine, NULL, PORTCULLIS_CLIENT, NULL, 1, at(0), &len));
    CHECK_STATUS(NUMBER, portcullis_engine_recv_copy(engine, NULL, PORTCULLIS_NOISE, NULL, 0, at(0), &len));
    CHECK_STATUS(NUMBER, portcullis_engine_recv_close(engine, NULL, PORTCULLIS_NOISE, at(0)));
    CHECK_STATUS(SIZE, portcullis_engine_next_event(engine, &short_event, &number));
    CHECK_STATUS(NULL_, portcullis_engine_next_event(engine, NULL, &number));
    CHECK_STATUS(NUMBER, portcullis_engine_facts(engine, PORTCULLIS_NOISE, 1, "x", 1));
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_UTF8, portcullis_engine_facts(engine, PORTCULLIS_CLIENT, 1, "\xFF", 1));
    CHECK_STATUS(NULL_, portcullis_engine_swap_policy(engine, NULL));
    CHECK_STATUS(NUMBER, portcullis_engine_answer(engine, NULL, 1, 0, at(0), &number));
    CHECK_STATUS(NULL_, portcullis_engine_answer(engine, NULL, 1, PORTCULLIS_ANSWER_DENIED, at(0), NULL));
}

/*
 * Rule 2 of the header, over all calls. A first commit of one byte shows that the loan stands; the same
 * loan on an engine of the same state, with one call between, shows that this call ends it.
 */
static void loans_end(const portcullis_policy *policy) {
    const uint32_t not_lent = PORTCULLIS_STATUS_NOT_LENT;
    const size_t len = sizeof HELLO - 1;
    int number = 0;
    for (int direction = 0; direction < 2; direction++) {
        const uint32_t peer = direction == 0 ? PORTCULLIS_CLIENT : PORTCULLIS_SERVER;
        portcullis_engine *engine = with_all_ready(policy);
        lend(engine, direction, peer);
        leaves_the_loan(engine);
        CHECK(metrics_of(engine).bytes_in[PORTCULLIS_CLIENT] == len);
        if (direction == 0) memcpy(out.space, HELLO, len);
        if (direction == 1) CHECK(out.len == len && memcmp(out.data, HELLO, len) == 0);
        OK(commit(engine, direction, peer, len));
        CHECK(metrics_of(engine).frames[PORTCULLIS_CLIENT] == (direction == 0 ? 2 : 1));
        CHECK(metrics_of(engine).bytes_out[PORTCULLIS_SERVER] == (direction == 0 ? 0 : len));
        portcullis_engine_free(engine);

        for (number = 0;; number++) {
            engine = with_all_ready(policy);
            lend(engine, direction, peer);
            const int is_call = ends_the_loan(number, engine, policy);
            if (is_call) CHECK_STATUS(not_lent, commit(engine, direction, peer, 1));
            else OK(commit(engine, direction, peer, 1));
            portcullis_engine_free(engine);
            if (!is_call) break;
        }
    }
    CHECK(number == 16);
    set_out();
}

static void sizes(const portcullis_policy *policy, portcullis_engine *engine) {
    portcullis_limits limits = {.struct_size = sizeof limits};
    portcullis_engine *started = NULL;
    OK(portcullis_limits_default(&limits));
    const uint32_t wrong[] = {0, 4, sizeof limits - 1, sizeof limits + 8, UINT32_MAX};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        limits.struct_size = wrong[i];
        CHECK_STATUS(SIZE, portcullis_limits_default(&limits));
        CHECK_STATUS(SIZE, portcullis_limits_memory_max(&limits, &out.wide));
        CHECK_STATUS(SIZE, portcullis_engine_new(PORTCULLIS_ABI, policy, &limits, 0, at(0), NULL, 0, &started));
    }
    CHECK(limits.ticket_ms == 45000 && !started);
    out.event.struct_size--;
    CHECK_STATUS(SIZE, portcullis_engine_next_event(engine, &out.event, &out.number));
    out.event.struct_size++;
    out.metrics.struct_size = 0;
    CHECK_STATUS(SIZE, portcullis_engine_metrics(engine, &out.metrics));
    out.metrics.struct_size = sizeof out.metrics;
    out.question.struct_size++;
    CHECK_STATUS(SIZE, portcullis_engine_question(engine, 1, &out.question));
    out.question.struct_size--;
    portcullis_rule rule = {.struct_size = 8};
    portcullis_fault fault = {.struct_size = 8};
    portcullis_ledger_counts counts = {.struct_size = 8};
    portcullis_match match = {.struct_size = 8};
    portcullis_unseen unseen = {.struct_size = 8};
    portcullis_ledger *ledger = NULL;
    portcullis_finder *finder = NULL;
    OK(portcullis_ledger_new(PORTCULLIS_ABI, &ledger));
    OK(portcullis_finder_new(PORTCULLIS_ABI, policy, &finder));
    CHECK_STATUS(SIZE, portcullis_policy_rule(policy, 0, &rule));
    CHECK_STATUS(SIZE, portcullis_policy_fault(policy, 0, &fault));
    CHECK_STATUS(SIZE, portcullis_ledger_count(ledger, &counts));
    CHECK_STATUS(SIZE, portcullis_finder_match(finder, 0, &match));
    CHECK_STATUS(SIZE, portcullis_finder_unseen(finder, 0, &unseen));
    CHECK(rule.id == 0 && fault.at == 0 && counts.frames == 0 && match.end == 0 && unseen.end == 0);
    portcullis_finder_free(finder);
    portcullis_ledger_free(ledger);
    CHECK(is_untouched());
}

static void another_abi(const portcullis_policy *policy) {
    portcullis_policy *made = NULL;
    portcullis_engine *engine = NULL;
    portcullis_ledger *ledger = NULL;
    portcullis_finder *finder = NULL;
    portcullis_redactor *redactor = NULL;
    const uint32_t wrong[] = {0, PORTCULLIS_ABI + 1, UINT32_MAX};
    for (size_t i = 0; i < 3; i++) {
        const uint32_t abi = wrong[i], expected = PORTCULLIS_STATUS_BAD_ABI;
        CHECK_STATUS(expected, portcullis_policy_new(abi, NULL, 0, NULL, 0, NULL, 0, &made));
        CHECK_STATUS(expected, portcullis_engine_new(abi, policy, NULL, 0, at(0), NULL, 0, &engine));
        CHECK_STATUS(expected, portcullis_ledger_new(abi, &ledger));
        CHECK_STATUS(expected, portcullis_finder_new(abi, policy, &finder));
        CHECK_STATUS(expected, portcullis_redactor_new(abi, policy, &redactor));
    }
    CHECK(!made && !engine && !ledger && !finder && !redactor);
}

static void texts_that_are_none(portcullis_engine *engine) {
    portcullis_policy *made = NULL;
    char small[8] = "before";
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_UTF8, portcullis_engine_facts(engine, 0, 1, "\xFF", 1));
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_UTF8,
                 portcullis_engine_resolve(engine, NULL, 1, "\xFF", 1, at(0), &out.number));
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_UTF8,
                 portcullis_policy_new(PORTCULLIS_ABI, "\xFF", 1, NULL, 0, NULL, 0, &made));
    CHECK_STATUS(PORTCULLIS_STATUS_TOO_SMALL, portcullis_notice(1, small, sizeof small, &out.len));
    CHECK(!made && strcmp(small, "before") == 0 && is_untouched());
}

#ifdef PORTCULLIS_PANIC_ON_PURPOSE
uint32_t portcullis_test_panic(portcullis_engine *engine);

static void after_a_defect(const portcullis_policy *policy) {
    portcullis_engine *engine = engine_of(policy, 0), *other = engine_of(policy, 0);
    CHECK_STATUS(NULL_, portcullis_test_panic(NULL));
    CHECK_STATUS(PORTCULLIS_STATUS_PANICKED, portcullis_test_panic(engine));
    CHECK_STATUS(PORTCULLIS_STATUS_POISONED, portcullis_test_panic(engine));
    CHECK_STATUS(PORTCULLIS_STATUS_POISONED, portcullis_engine_recv_space(engine, 0, &out.space, &out.len));
    CHECK_STATUS(PORTCULLIS_STATUS_POISONED, portcullis_engine_tick(engine, NULL, at(0)));
    CHECK_STATUS(PORTCULLIS_STATUS_POISONED, portcullis_engine_metrics(engine, &out.metrics));
    CHECK_STATUS(PORTCULLIS_STATUS_POISONED, portcullis_engine_question(engine, 1, &out.question));
    CHECK_STATUS(PORTCULLIS_STATUS_POISONED, portcullis_engine_resolve(engine, NULL, 1, NULL, 0, at(0), &out.number));
    OK(portcullis_engine_tick(other, NULL, at(0))); /* nobody else is harmed */
    CHECK(is_untouched());
    portcullis_engine_free(engine);
    portcullis_engine_free(other);
}
#endif

int main(void) {
    portcullis_policy *policy = policy_of("");
    portcullis_engine *engine = engine_of(policy, PORTCULLIS_WANT_ALL);
    set_out();
    null_is_said(policy, engine);
    numbers_that_name_nothing(policy, engine);
    loans(engine);
    loans_have_an_owner(policy);
    loans_end(policy);
    sizes(policy, engine);
    another_abi(policy);
    texts_that_are_none(engine);
#ifdef PORTCULLIS_PANIC_ON_PURPOSE
    after_a_defect(policy);
#endif
    portcullis_engine_free(engine);
    portcullis_policy_free(policy);
    puts("misuse: each has its status, and no output was touched");
    return 0;
}
