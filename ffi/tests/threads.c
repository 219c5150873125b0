/*
 * Handles move between threads under one mutex: some engines and their ledger, and a thread that frees
 * what another made. Without a lock: a policy that all use at once, and what each thread makes with it
 * for itself. For helgrind, which sees every access, and for the thread sanitizer, which of the library
 * sees what it allocates, frees and copies.
 */
#include <pthread.h>

#include "support.h"

enum { THREADS = 4, ENGINES = 3, ROUNDS = 60 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static portcullis_policy *policy;
static portcullis_ledger *ledger;
static portcullis_engine *engines[ENGINES];
static int asked;

/* A request and its answer. */
static void ask(portcullis_engine *engine, portcullis_ledger *counted_in, int id) {
    char line[128];
    snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"ping\"}\n", id);
    say(engine, counted_in, PORTCULLIS_CLIENT, line);
    CHECK(strcmp(heard(engine, counted_in, PORTCULLIS_SERVER), line) == 0);
    snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":{}}\n", id);
    say(engine, counted_in, PORTCULLIS_SERVER, line);
    CHECK(strcmp(heard(engine, counted_in, PORTCULLIS_CLIENT), line) == 0);
}

/* What needs no lock: handles of this thread's own, and questions to the policy. */
static void work_alone(portcullis_engine *own, int round) {
    portcullis_finder *finder = NULL;
    portcullis_redactor *redactor = NULL;
    portcullis_rule rule = {.struct_size = sizeof rule};
    const uint8_t *clean = NULL;
    size_t count = 0;
    ask(own, NULL, 1000000 + round);
    OK(portcullis_policy_rule(policy, (size_t)round, &rule));
    CHECK(rule.id == (uint32_t)round && rule.name_len > 0);
    OK(portcullis_finder_new(PORTCULLIS_ABI, policy, &finder));
    OK(portcullis_finder_find(finder, "password", 8, (const uint8_t *)"Corr3ct-Horse!", 14, &count));
    CHECK(count == 1);
    portcullis_finder_free(finder);
    OK(portcullis_redactor_new(PORTCULLIS_ABI, policy, &redactor));
    OK(portcullis_redactor_push(redactor, (const uint8_t *)"password=Corr3ct-Horse!\n", 24, &clean, &count));
    CHECK(count > 10 && memcmp(clean, "password=[REDACTED:", 19) == 0);
    portcullis_redactor_free(redactor);
    CHECK(strcmp(portcullis_reason_str(PORTCULLIS_REASON_NOISE), "noise") == 0);
}

static void *work(void *unused) {
    (void)unused;
    portcullis_engine *own = engine_of(policy, 0);
    for (int round = 0; round < ROUNDS; round++) {
        pthread_mutex_lock(&lock);
        portcullis_engine *engine = engines[round % ENGINES];
        ask(engine, ledger, ++asked);
        if (round % 16 == 0) { /* made by one thread, freed by another */
            portcullis_engine_free(engine);
            engines[round % ENGINES] = own;
            own = engine_of(policy, 0);
        }
        pthread_mutex_unlock(&lock);
        work_alone(own, round);
    }
    portcullis_engine_free(own);
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    policy = policy_of("");
    OK(portcullis_ledger_new(PORTCULLIS_ABI, &ledger));
    for (int i = 0; i < ENGINES; i++) engines[i] = engine_of(policy, 0);
    for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, work, NULL) == 0);
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    portcullis_ledger_counts counts = {.struct_size = sizeof counts};
    OK(portcullis_ledger_count(ledger, &counts));
    CHECK(counts.frames == 2 * THREADS * ROUNDS && counts.requests_open == 0);
    for (int i = 0; i < ENGINES; i++) portcullis_engine_free(engines[i]);
    portcullis_ledger_free(ledger);
    portcullis_policy_free(policy);
    puts("threads: handles moved between threads");
    return 0;
}
