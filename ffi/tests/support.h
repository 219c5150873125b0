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

static inline portcullis_time at(uint64_t ms) {
    portcullis_time time = {ms, ms};
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
static inline void say(portcullis_engine *engine, portcullis_ledger *ledger, uint32_t from, const char *text) {
    size_t len = strlen(text);
    while (len > 0) {
        uint8_t *space = NULL;
        size_t room = 0;
        OK(portcullis_engine_recv_space(engine, from, &space, &room));
        CHECK(room > 0);
        if (room > len) room = len;
        memcpy(space, text, room);
        OK(portcullis_engine_recv_commit(engine, ledger, from, room, at(0)));
        text += room;
        len -= room;
    }
}

/* Takes all that is ready for a receiver, as a string that lives until the next call. */
static inline const char *heard(portcullis_engine *engine, portcullis_ledger *ledger, uint32_t to) {
    static char text[1 << 16];
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

#endif
