/*
 * lifetimes COUNT: so many engines, one after another, each at work for a moment; what is allocated at the
 * end is what was after a tenth of them, give or take what the heap keeps for later. With glibc, whose heap
 * tells.
 */
#include <malloc.h>

#include "support.h"

/* Resident memory in KiB, as Linux tells it. */
static long resident(void) {
    long kib = -1;
    char line[128];
    FILE *status = fopen("/proc/self/status", "r");
    if (!status) return -1;
    while (fgets(line, sizeof line, status)) sscanf(line, "VmRSS: %ld", &kib);
    fclose(status);
    return kib;
}

static void live(const portcullis_policy *policy, unsigned long number) {
    portcullis_engine *engine = engine_of(policy, number % 2 ? PORTCULLIS_WANT_ALL : 0);
    say(engine, NULL, PORTCULLIS_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n");
    if (number % 3) heard(engine, NULL, PORTCULLIS_SERVER);
    if (number % 5) say(engine, NULL, PORTCULLIS_SERVER, "noise\n{\"jsonrpc\":\"2.0\",\"id\":1,");
    if (number % 1000 == 0) {
        portcullis_policy *other = policy_of("{\"tools\": {\"deny\": [\"x\"]}}");
        OK(portcullis_engine_swap_policy(engine, other));
        portcullis_policy_free(other);
    }
    portcullis_engine_free(engine); /* whatever was under way */
}

int main(int count, char **given) {
    unsigned long lifetimes = count > 1 ? strtoul(given[1], NULL, 10) : 0;
    if (lifetimes < 10000) {
        fprintf(stderr, "usage: lifetimes COUNT (10000 or more)\n");
        return 2;
    }
    portcullis_policy *policy = policy_of("");
    size_t first = 0;
    long resident_first = 0;
    for (unsigned long number = 0; number < lifetimes; number++) {
        live(policy, number);
        if (number == lifetimes / 10) first = mallinfo2().uordblks, resident_first = resident();
    }
    size_t last = mallinfo2().uordblks;
    printf("lifetimes: %lu engines; %zu bytes in use after a tenth, %zu at the end; %ld and %ld KiB resident\n",
           lifetimes, first, last, resident_first, resident());
    portcullis_policy_free(policy);
    CHECK(first > 0 && last <= first + (256 << 10) && resident() <= resident_first + 1024);
    return 0;
}
