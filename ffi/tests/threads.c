/*
 * Handles move between threads under one mutex: some engines and their ledger, a policy that all use at
 * once, and a thread that frees what another made. For helgrind and the thread sanitizer.
 */
#include <pthread.h>

#include "support.h"

enum { THREADS = 4, ENGINES = 3, ROUNDS = 60 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static portcullis_policy *policy;
static portcullis_ledger *ledger;
static portcullis_engine *engines[ENGINES];
static int asked;

static void *work(void *unused) {
    (void)unused;
    char line[128];
    portcullis_engine *own = engine_of(policy, 0); /* without a lock: a policy is for all at once */
    for (int round = 0; round < ROUNDS; round++) {
        pthread_mutex_lock(&lock);
        portcullis_engine *engine = engines[round % ENGINES];
        int id = ++asked;
        snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"ping\"}\n", id);
        say(engine, ledger, PORTCULLIS_CLIENT, line);
        CHECK(strcmp(heard(engine, ledger, PORTCULLIS_SERVER), line) == 0);
        snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":{}}\n", id);
        say(engine, ledger, PORTCULLIS_SERVER, line);
        CHECK(strcmp(heard(engine, ledger, PORTCULLIS_CLIENT), line) == 0);
        if (round % 16 == 0) { /* made by one thread, freed by another */
            portcullis_engine_free(engine);
            engines[round % ENGINES] = own;
            own = engine_of(policy, 0);
        }
        pthread_mutex_unlock(&lock);
        portcullis_finder *finder = NULL;
        size_t count = 0;
        OK(portcullis_finder_new(PORTCULLIS_ABI, policy, &finder));
        OK(portcullis_finder_find(finder, "password", 8, (const uint8_t *)"Corr3ct-Horse!", 14, &count));
        CHECK(count == 1);
        portcullis_finder_free(finder);
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
