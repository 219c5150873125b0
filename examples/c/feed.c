/*
 * feed TRANSCRIPT: for each line of standard input guards the whole transcript with a fresh engine, as
 * fast as it goes, and prints how many nanoseconds went by, and how many of processor time. What leaves is
 * dropped.
 */
#define _POSIX_C_SOURCE 200809L
#include <time.h>

#include "transcript.h"

enum { READ_BYTES = 64 << 10 };

static void take(portcullis_engine *engine) {
    for (uint32_t to = PORTCULLIS_CLIENT; to <= PORTCULLIS_NOISE; to++) {
        const uint8_t *data;
        size_t len;
        for (;;) {
            check(portcullis_engine_send_ready(engine, to, &data, &len), "send_ready");
            if (len == 0) break;
            check(portcullis_engine_send_commit(engine, NULL, to, len), "send_commit");
        }
    }
}

/* Hands over bytes as read(2) would write them into the loan. By its name instructions are counted. */
__attribute__((noinline)) void feed_all(portcullis_engine *engine, const record *records, size_t count);

void feed_all(portcullis_engine *engine, const record *records, size_t count) {
    for (const record *said = records; said < records + count; said++) {
        for (size_t at = 0; at < said->len;) {
            uint8_t *space;
            size_t room;
            check(portcullis_engine_recv_space(engine, said->side, &space, &room), "recv_space");
            if (room == 0) refuse("feed", "the lane stands");
            if (room > said->len - at) room = said->len - at;
            if (room > READ_BYTES) room = READ_BYTES;
            memcpy(space, said->data + at, room);
            check(portcullis_engine_recv_commit(engine, NULL, said->side, room, said->time), "recv_commit");
            at += room;
            take(engine);
        }
    }
}

static uint64_t clock_ns(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

int main(int given_count, char **given) {
    if (given_count != 2) return fprintf(stderr, "usage: feed TRANSCRIPT\n"), 2;
    size_t len, at = 0, count = 0, capacity = 0;
    uint8_t *bytes = load(given[1], &len);
    record *records = NULL;
    for (record said; next_record(bytes, len, &at, &said); records[count++] = said) {
        if (said.kind != RECORD_RECV) refuse("feed", "the transcript holds more than `recv`");
        if (count == capacity) {
            capacity = capacity ? 2 * capacity : 64;
            records = realloc(records, capacity * sizeof *records);
            if (!records) refuse("feed", "out of memory");
        }
    }
    portcullis_policy *policy;
    check(portcullis_policy_new(PORTCULLIS_ABI, NULL, 0, NULL, 0, NULL, 0, &policy), "policy");
    for (char line[64]; fgets(line, sizeof line, stdin);) {
        portcullis_engine *engine;
        portcullis_time start = {0, 0};
        check(portcullis_engine_new(PORTCULLIS_ABI, policy, NULL, 0, start, NULL, 0, &engine), "engine");
        uint64_t begun = clock_ns(CLOCK_MONOTONIC), computed = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
        feed_all(engine, records, count);
        uint64_t elapsed = clock_ns(CLOCK_MONOTONIC) - begun;
        printf("%llu %llu\n", (unsigned long long)elapsed,
               (unsigned long long)(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - computed));
        fflush(stdout);
        portcullis_engine_free(engine);
    }
    portcullis_policy_free(policy);
    free(records);
    free(bytes);
    return 0;
}
