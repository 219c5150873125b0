/* What the C tests share: checks that say where they failed, and the least that a host needs. */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "portcullis.h"

#define CHECK(condition)                                                                     \
    do {                                                                                     \
        if (!(condition)) {                                                                  \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);          \
            exit(1);                                                                         \
        }                                                                                    \
    } while (0)

#define CHECK_STATUS(expected, call)                                                         \
    do {                                                                                     \
        uint32_t status_ = (call);                                                           \
        if (status_ != (expected)) {                                                         \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call,                     \
                    portcullis_status_str(status_));                                         \
            exit(1);                                                                         \
        }                                                                                    \
    } while (0)

#define OK(call) CHECK_STATUS(PORTCULLIS_STATUS_OK, call)

/* The two clocks are far apart, so that nobody takes the one for the other. */
#define WALL_MS_START UINT64_C(1700000000000)

static inline portcullis_time at(uint64_t ms) {
    portcullis_time time = {.monotonic_ms = ms, .wall_ms = WALL_MS_START + ms};
    return time;
}

static inline portcullis_policy *policy_of(const char *json) {
    portcullis_policy *policy = NULL;
    char why[1024] = "";
    uint32_t status = portcullis_policy_new(PORTCULLIS_ABI, json, strlen(json), NULL, 0, why, sizeof why, &policy);
    if (status != PORTCULLIS_STATUS_OK) fprintf(stderr, "%s\n", why);
    CHECK(status == PORTCULLIS_STATUS_OK && policy != NULL);
    return policy;
}

static inline portcullis_engine *engine_of(const portcullis_policy *policy, uint32_t wanted) {
    portcullis_engine *engine = NULL;
    OK(portcullis_engine_new(PORTCULLIS_ABI, policy, NULL, wanted, at(0), NULL, 0, &engine));
    CHECK(engine != NULL);
    return engine;
}

/* Hands over a text, by loan and commit. */
static inline void say_at(portcullis_engine *engine, portcullis_ledger *ledger, uint32_t from, const char *text,
                          uint64_t ms) {
    size_t len = strlen(text);
    while (len > 0) {
        uint8_t *space = NULL;
        size_t room = 0;
        OK(portcullis_engine_recv_space(engine, from, &space, &room));
        CHECK(room > 0);
        if (room > len) room = len;
        memcpy(space, text, room);
        OK(portcullis_engine_recv_commit(engine, ledger, from, room, at(ms)));
        text += room;
        len -= room;
    }
}

static inline void say(portcullis_engine *engine, portcullis_ledger *ledger, uint32_t from, const char *text) {
    say_at(engine, ledger, from, text, 0);
}

/* The next event; without one, its kind is NO_EVENT. */
#define NO_EVENT UINT32_MAX

static inline portcullis_event next_event(portcullis_engine *engine) {
    portcullis_event event;
    uint32_t found = 9;
    memset(&event, 0xA5, sizeof event);
    event.struct_size = sizeof event;
    event.kind = NO_EVENT;
    OK(portcullis_engine_next_event(engine, &event, &found));
    CHECK(found == (event.kind != NO_EVENT));
    return event;
}

static inline portcullis_metrics metrics_of(const portcullis_engine *engine) {
    portcullis_metrics metrics;
    memset(&metrics, 0xA5, sizeof metrics);
    metrics.struct_size = sizeof metrics;
    OK(portcullis_engine_metrics(engine, &metrics));
    return metrics;
}

static inline uint32_t stalled(const portcullis_engine *engine, uint32_t from) {
    uint32_t stall = UINT32_MAX;
    OK(portcullis_engine_stalled(engine, from, &stall));
    return stall;
}

/* Takes all that is ready for a receiver, as a string that lives until this thread's next call. */
static inline const char *heard(portcullis_engine *engine, portcullis_ledger *ledger, uint32_t to) {
    static _Thread_local char text[1 << 16];
    size_t len = 0;
    for (;;) {
        const uint8_t *ready = NULL;
        size_t count = 0;
        OK(portcullis_engine_send_ready(engine, to, &ready, &count));
        if (count == 0) break;
        CHECK(len + count < sizeof text);
        memcpy(text + len, ready, count);
        len += count;
        OK(portcullis_engine_send_commit(engine, ledger, to, count));
    }
    text[len] = '\0';
    return text;
}

/* Frames that several tests say. */
#define CALL_RM "\"method\":\"tools/call\",\"params\":{\"name\":\"rm\"}}\n"
#define NOTE "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n"

static inline portcullis_engine *limited(const portcullis_policy *policy, const portcullis_limits *limits, uint32_t wanted) {
    portcullis_engine *engine = NULL;
    OK(portcullis_engine_new(PORTCULLIS_ABI, policy, limits, wanted, at(0), NULL, 0, &engine));
    return engine;
}

static inline portcullis_limits defaults(void) {
    portcullis_limits limits;
    limits.struct_size = sizeof limits;
    OK(portcullis_limits_default(&limits));
    return limits;
}

#endif
