/*
 * What one cgo call does: a crossing costs some fifty nanoseconds, so the verbs that follow each
 * other without a decision of the host's are joined here. It decides nothing.
 */
#ifndef PORTCULLIS_GO_BRIDGE_H
#define PORTCULLIS_GO_BRIDGE_H

#include <portcullis.h>

/* What was taken, and the next loan: bytes for one of the receivers asked for. */
typedef struct {
    uint32_t status;
    uint32_t to;
    size_t taken;
    const uint8_t *data;
    size_t len;
} pc_step;

/* What is the matter: a bit for each condition that was asked for and holds. */
typedef struct {
    uint32_t status;
    uint32_t found;
    uint64_t at_ms;
} pc_state;

#define PC_ROOM_SHIFT 3
#define PC_ASKED_DEADLINE (1u << 5)

/* Lends what is ready for the first of the receivers in `mask` that has something. */
static inline pc_step pc_look(portcullis_engine *engine, uint32_t mask, pc_step step)
{
    step.len = 0;
    for (step.to = 0; step.to <= PORTCULLIS_NOISE && step.status == 0; step.to++) {
        if ((mask >> step.to & 1) == 0) {
            continue;
        }
        step.status = portcullis_engine_send_ready(engine, step.to, &step.data, &step.len);
        if (step.len > 0) {
            break;
        }
    }
    return step;
}

static inline pc_step pc_ready(portcullis_engine *engine, uint32_t mask)
{
    pc_step step = {0};
    return pc_look(engine, mask, step);
}

static inline pc_step pc_recv(portcullis_engine *engine, portcullis_ledger *ledger, uint32_t from,
                              const uint8_t *data, size_t len, portcullis_time now, uint32_t mask)
{
    pc_step step = {0};
    step.status = portcullis_engine_recv_copy(engine, ledger, from, data, len, now, &step.taken);
    return pc_look(engine, mask, step);
}

static inline pc_step pc_sent(portcullis_engine *engine, portcullis_ledger *ledger, uint32_t to,
                              size_t count, uint32_t mask)
{
    pc_step step = {0};
    step.status = portcullis_engine_send_commit(engine, ledger, to, count);
    return pc_look(engine, mask, step);
}

static inline pc_step pc_space(portcullis_engine *engine, uint32_t from)
{
    pc_step step = {0};
    uint8_t *data = NULL;
    step.status = portcullis_engine_recv_space(engine, from, &data, &step.len);
    step.data = data;
    return step;
}

/* 1 if nothing more will ever be ready for this receiver, once it has what is ready. */
static inline uint32_t pc_send_over(portcullis_engine *engine, uint32_t to, uint32_t *over)
{
    uint32_t stall = 0;
    uint32_t status = portcullis_engine_is_finished(engine, over);
    if (status == PORTCULLIS_STATUS_OK && *over == 0 && to == PORTCULLIS_SERVER) {
        status = portcullis_engine_stalled(engine, PORTCULLIS_CLIENT, &stall);
        *over = stall == PORTCULLIS_STALL_ENDED;
    }
    return status;
}

/* 1 if no room will ever be made for this side again. */
static inline uint32_t pc_recv_over(portcullis_engine *engine, uint32_t from, uint32_t *over)
{
    uint32_t stall = 0;
    uint32_t status = portcullis_engine_is_finished(engine, over);
    if (status == PORTCULLIS_STATUS_OK && *over == 0) {
        status = portcullis_engine_stalled(engine, from, &stall);
        *over = stall == PORTCULLIS_STALL_ENDED;
    }
    return status;
}

/* Which of the conditions in `asked` hold: bits 0 to 2, a receiver has something or never will;
 * bits 3 and 4, a side has room or never will. */
static inline pc_state pc_poll(portcullis_engine *engine, uint32_t asked)
{
    pc_state state = {0};
    uint32_t number, over, wake;
    for (number = 0; number <= PORTCULLIS_NOISE && state.status == 0; number++) {
        if (asked >> number & 1) {
            pc_step step = pc_ready(engine, 1u << number);
            over = 0;
            state.status = step.status;
            if (state.status == PORTCULLIS_STATUS_OK && step.len == 0) {
                state.status = pc_send_over(engine, number, &over);
            }
            state.found |= (uint32_t)(step.len > 0 || over) << number;
        }
    }
    for (number = 0; number <= PORTCULLIS_SERVER && state.status == 0; number++) {
        if (asked >> (number + PC_ROOM_SHIFT) & 1) {
            pc_step step = pc_space(engine, number);
            over = 0;
            state.status = step.status;
            if (state.status == PORTCULLIS_STATUS_OK && step.len == 0) {
                state.status = pc_recv_over(engine, number, &over);
            }
            state.found |= (uint32_t)(step.len > 0 || over) << (number + PC_ROOM_SHIFT);
        }
    }
    state.at_ms = PORTCULLIS_NEVER;
    if ((asked & PC_ASKED_DEADLINE) && state.status == PORTCULLIS_STATUS_OK) {
        state.status = portcullis_engine_deadline(engine, &state.at_ms, &wake);
    }
    return state;
}

#endif
