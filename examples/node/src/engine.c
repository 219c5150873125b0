/*
 * Engines: the verbs of portcullis.h one by one, and `pump`, which does what a stream needs in one
 * call: take a piece, judge it, and copy out what became ready.
 */

#include "addon.h"

/* What an idle engine weighs, for the collector. `tick` tells more exactly. */
enum { ENGINE_BYTES = 8 << 10 };

static portcullis_ledger *ledger_of(const struct handle *engine)
{
    return engine->ledger == NULL ? NULL : engine->ledger->native;
}

/* new Engine(policy, limits, wanted, ledger, monotonicMs, wallMs) */
static napi_value engine_new(napi_env env, napi_callback_info info)
{
    struct call call;
    struct portcullis_limits limits;
    struct portcullis_time now;
    uint32_t wanted = 0;
    struct handle *ledger = NULL;
    NEED(call_info(env, info, &call) && must_construct(env, info));
    NEED(to_limits(env, call.arguments[1], &limits));
    NEED(to_u32(env, call.arguments[2], &wanted) && to_time(env, &call, 4, &now));
    if (!is_nothing(env, call.arguments[3])) {
        ledger = unwrap(env, call.arguments[3], KIND_LEDGER);
        NEED(ledger != NULL);
    }
    struct handle *policy = unwrap(env, call.arguments[0], KIND_POLICY);
    NEED(policy != NULL);
    char why[WHY_BYTES];
    portcullis_engine *engine = NULL;
    uint32_t status = portcullis_engine_new(PORTCULLIS_ABI, policy->native, &limits, wanted, now,
                                            why, sizeof why, &engine);
    if (status == PORTCULLIS_STATUS_BAD_CONFIG)
        NEED(refuse(env, "ERR_PORTCULLIS_BAD_CONFIG", why));
    NEED(done(env, status));
    napi_value self = adopt(env, &call, KIND_ENGINE, engine, ledger);
    NEED(self != NULL);
    struct handle *handle = unwrap(env, self, KIND_ENGINE);
    NEED(handle != NULL);
    tell_memory(env, handle, ENGINE_BYTES);
    return self;
}

/* recvSpace(from): how many bytes there is room for now. */
static napi_value engine_recv_space(napi_env env, napi_callback_info info)
{
    struct call call;
    uint32_t from = 0;
    uint8_t *data = NULL;
    size_t len = 0;
    NEED(call_info(env, info, &call) && to_u32(env, call.arguments[0], &from));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL);
    NEED(done(env, portcullis_engine_recv_space(handle->native, from, &data, &len)));
    return from_number(env, (double)len);
}

/* recvCopy(from, bytes, monotonicMs, wallMs): how many were taken. */
static napi_value engine_recv_copy(napi_env env, napi_callback_info info)
{
    struct call call;
    uint32_t from = 0;
    struct portcullis_time now;
    struct bytes bytes;
    size_t taken = 0;
    NEED(call_info(env, info, &call) && to_u32(env, call.arguments[0], &from) &&
         to_time(env, &call, 2, &now));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL && to_bytes(env, call.arguments[1], &bytes));
    NEED(done(env, portcullis_engine_recv_copy(handle->native, ledger_of(handle), from,
                                               bytes.data, bytes.len, now, &taken)));
    return from_number(env, (double)taken);
}

/* recvClose(from, monotonicMs, wallMs) */
static napi_value engine_recv_close(napi_env env, napi_callback_info info)
{
    struct call call;
    uint32_t from = 0;
    struct portcullis_time now;
    NEED(call_info(env, info, &call) && to_u32(env, call.arguments[0], &from) &&
         to_time(env, &call, 1, &now));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL);
    NEED(done(env, portcullis_engine_recv_close(handle->native, ledger_of(handle), from, now)));
    return undefined_value(env);
}

/* sendReady(to, max | undefined): a copy of the bytes on loan, or null. */
static napi_value engine_send_ready(napi_env env, napi_callback_info info)
{
    struct call call;
    uint32_t to = 0;
    uint64_t max = UINT64_MAX;
    const uint8_t *data = NULL;
    size_t len = 0;
    NEED(call_info(env, info, &call) && to_u32(env, call.arguments[0], &to));
    if (!is_nothing(env, call.arguments[1]))
        NEED(to_u64(env, call.arguments[1], &max));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL);
    NEED(done(env, portcullis_engine_send_ready(handle->native, to, &data, &len)));
    if (len == 0)
        return null_value(env);
    return from_bytes(env, data, len < max ? len : (size_t)max);
}

/* sendCommit(to, count) */
static napi_value engine_send_commit(napi_env env, napi_callback_info info)
{
    struct call call;
    uint32_t to = 0;
    uint64_t count = 0;
    NEED(call_info(env, info, &call) && to_u32(env, call.arguments[0], &to) &&
         to_u64(env, call.arguments[1], &count));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL);
    NEED(done(env, portcullis_engine_send_commit(handle->native, ledger_of(handle), to,
                                                 (size_t)count)));
    return undefined_value(env);
}

/* Copies what is ready for a receiver into `room` bytes at `place`; `*moved` is how many. */
static uint32_t take(struct handle *handle, uint32_t to, uint8_t *place, size_t room,
                     size_t *moved, bool *left)
{
    *moved = 0;
    *left = false;
    for (;;) {
        const uint8_t *data = NULL;
        size_t len = 0;
        uint32_t status = portcullis_engine_send_ready(handle->native, to, &data, &len);
        if (status != PORTCULLIS_STATUS_OK || len == 0)
            return status;
        size_t count = len < room - *moved ? len : room - *moved;
        *left = count == 0;
        if (*left)
            return status;
        memcpy(place + *moved, data, count);
        status = portcullis_engine_send_commit(handle->native, ledger_of(handle), to, count);
        if (status != PORTCULLIS_STATUS_OK)
            return status;
        *moved += count;
    }
}

/* take(to, max | undefined): what is ready, copied and committed in one step; or null. */
static napi_value engine_take(napi_env env, napi_callback_info info)
{
    struct call call;
    uint32_t to = 0;
    uint64_t max = UINT64_MAX;
    const uint8_t *data = NULL;
    size_t len = 0;
    NEED(call_info(env, info, &call) && to_u32(env, call.arguments[0], &to));
    if (!is_nothing(env, call.arguments[1]))
        NEED(to_u64(env, call.arguments[1], &max));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL);
    NEED(done(env, portcullis_engine_send_ready(handle->native, to, &data, &len)));
    len = len < max ? len : (size_t)max;
    if (len == 0)
        return null_value(env);
    napi_value bytes = from_bytes(env, data, len);
    NEED(bytes != NULL);
    NEED(done(env, portcullis_engine_send_commit(handle->native, ledger_of(handle), to, len)));
    return bytes;
}

/* What `pump` tells, by its place in a Float64Array; lib/guard.mjs has the same list. */
enum state {
    STATE_TAKEN,
    STATE_MOVED, /* for client, server, noise */
    STATE_LEFT = STATE_MOVED + 3,
    STATE_DEADLINE,
    STATE_ENDED,
    STATE_FINISHED,
    STATE_COUNT
};

/* What a session's state is after a pump. */
static uint32_t tell(struct handle *handle, double *state)
{
    uint64_t at = 0;
    uint32_t wake = 0;
    uint32_t stall = 0;
    uint32_t finished = 0;
    uint32_t status = portcullis_engine_deadline(handle->native, &at, &wake);
    if (status == PORTCULLIS_STATUS_OK)
        status = portcullis_engine_stalled(handle->native, PORTCULLIS_CLIENT, &stall);
    if (status == PORTCULLIS_STATUS_OK)
        status = portcullis_engine_is_finished(handle->native, &finished);
    /* As a double NEVER is later than every time. */
    state[STATE_DEADLINE] = (double)at;
    state[STATE_ENDED] = stall == PORTCULLIS_STALL_ENDED;
    state[STATE_FINISHED] = finished;
    return status;
}

/*
 * pump(from, bytes | undefined, offset, receivers, monotonicMs, wallMs, out, outOffset, state)
 *
 * Hands over the bytes from `offset` on, then copies into `out` from `outOffset` on what is ready
 * for each receiver whose bit is set in `receivers`: client first, then server, then noise.
 */
static napi_value engine_pump(napi_env env, napi_callback_info info)
{
    struct call call;
    uint32_t from = 0;
    uint64_t offset = 0;
    uint64_t place = 0;
    uint32_t receivers = 0;
    struct portcullis_time now;
    struct bytes bytes = {0};
    struct bytes out;
    napi_typedarray_type type = napi_int8_array;
    size_t count = 0;
    void *data = NULL;
    NEED(call_info(env, info, &call));
    NEED(to_u32(env, call.arguments[0], &from) && to_u64(env, call.arguments[2], &offset) &&
         to_u32(env, call.arguments[3], &receivers) && to_time(env, &call, 4, &now) &&
         to_u64(env, call.arguments[7], &place));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL && to_bytes(env, call.arguments[6], &out));
    bool has_bytes = !is_nothing(env, call.arguments[1]);
    if (has_bytes)
        NEED(to_bytes(env, call.arguments[1], &bytes));
    NEED(okay(env, napi_get_typedarray_info(env, call.arguments[8], &type, &count, &data, NULL,
                                            NULL)));
    if (type != napi_float64_array || count < STATE_COUNT || data == NULL || place > out.len ||
        offset > bytes.len)
        NEED(refuse_type(env, "the arrays of a pump do not fit"));
    double *state = data;
    size_t taken = 0;
    if (has_bytes)
        NEED(done(env, portcullis_engine_recv_copy(handle->native, ledger_of(handle), from,
                                                   bytes.data + offset,
                                                   bytes.len - (size_t)offset, now, &taken)));
    state[STATE_TAKEN] = (double)taken;
    uint32_t left = 0;
    for (uint32_t to = PORTCULLIS_CLIENT; to <= PORTCULLIS_NOISE; to++) {
        size_t moved = 0;
        bool more = false;
        if ((receivers & 1u << to) != 0)
            NEED(done(env, take(handle, to, (uint8_t *)out.data + place,
                                out.len - (size_t)place, &moved, &more)));
        place += moved;
        left |= (uint32_t)more << to;
        state[STATE_MOVED + to] = (double)moved;
    }
    state[STATE_LEFT] = left;
    NEED(done(env, tell(handle, state)));
    return undefined_value(env);
}

static bool put_label(napi_env env, napi_value object, const char *name, const char *cut,
                      const portcullis_label *label)
{
    return put_text(env, object, name, label->text, label->len) &&
           put_bool(env, object, cut, label->cut != 0);
}

/* nextEvent(): an object, or null. */
static napi_value engine_next_event(napi_env env, napi_callback_info info)
{
    struct call call;
    portcullis_event event = {.struct_size = sizeof event};
    uint32_t found = 0;
    NEED(call_info(env, info, &call));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL);
    NEED(done(env, portcullis_engine_next_event(handle->native, &event, &found)));
    if (!found)
        return null_value(env);
    napi_value object = NULL;
    NEED(okay(env, napi_create_object(env, &object)));
    napi_value duration = event.duration_ms == PORTCULLIS_NEVER
                              ? null_value(env)
                              : from_number(env, (double)event.duration_ms);
    NEED(put_number(env, object, "kind", event.kind) &&
         put_number(env, object, "from", event.from) &&
         put_number(env, object, "message", event.message) &&
         put_number(env, object, "reason", event.reason) &&
         put_number(env, object, "code", event.code) &&
         put_number(env, object, "monotonicMs", (double)event.time.monotonic_ms) &&
         put_number(env, object, "wallMs", (double)event.time.wall_ms) &&
         put_big(env, object, "session", event.session) &&
         put_number(env, object, "bytesIn", (double)event.bytes_in) &&
         put_number(env, object, "bytesOut", (double)event.bytes_out) &&
         put_number(env, object, "count", (double)event.count) &&
         put_big(env, object, "idDigest", event.id_digest) &&
         put(env, object, "durationMs", duration) &&
         put_big(env, object, "ticket", event.ticket) &&
         put_label(env, object, "server", "serverCut", &event.server) &&
         put_label(env, object, "method", "methodCut", &event.method) &&
         put_label(env, object, "tool", "toolCut", &event.tool) &&
         put_label(env, object, "rule", "ruleCut", &event.rule) &&
         put_text(env, object, "check", event.check.text, event.check.len));
    return object;
}

/* deadline(): {atMs, wake}, or null. */
static napi_value engine_deadline(napi_env env, napi_callback_info info)
{
    struct call call;
    uint64_t at = 0;
    uint32_t wake = 0;
    NEED(call_info(env, info, &call));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL);
    NEED(done(env, portcullis_engine_deadline(handle->native, &at, &wake)));
    if (at == PORTCULLIS_NEVER)
        return null_value(env);
    napi_value object = NULL;
    NEED(okay(env, napi_create_object(env, &object)));
    NEED(put_number(env, object, "atMs", (double)at) && put_number(env, object, "wake", wake));
    return object;
}

/* tick(monotonicMs, wallMs) */
static napi_value engine_tick(napi_env env, napi_callback_info info)
{
    struct call call;
    struct portcullis_time now;
    portcullis_metrics metrics = {.struct_size = sizeof metrics};
    NEED(call_info(env, info, &call) && to_time(env, &call, 0, &now));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL);
    NEED(done(env, portcullis_engine_tick(handle->native, ledger_of(handle), now)));
    NEED(done(env, portcullis_engine_metrics(handle->native, &metrics)));
    tell_memory(env, handle, ENGINE_BYTES + metrics.memory_bytes);
    return undefined_value(env);
}

/* isFinished() */
static napi_value engine_is_finished(napi_env env, napi_callback_info info)
{
    struct call call;
    uint32_t finished = 0;
    NEED(call_info(env, info, &call));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL);
    NEED(done(env, portcullis_engine_is_finished(handle->native, &finished)));
    return from_bool(env, finished != 0);
}

/* facts(side, session, name) */
static napi_value engine_facts(napi_env env, napi_callback_info info)
{
    struct call call;
    uint32_t side = 0;
    uint64_t session = 0;
    struct bytes name;
    NEED(call_info(env, info, &call) && to_u32(env, call.arguments[0], &side) &&
         to_u64(env, call.arguments[1], &session));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL && to_text(env, call.arguments[2], &name));
    uint32_t status = portcullis_engine_facts(handle->native, side, session,
                                              (const char *)name.data, name.len);
    bytes_free(&name);
    NEED(done(env, status));
    return undefined_value(env);
}

/* swapPolicy(policy) */
static napi_value engine_swap_policy(napi_env env, napi_callback_info info)
{
    struct call call;
    NEED(call_info(env, info, &call));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL);
    struct handle *policy = unwrap(env, call.arguments[0], KIND_POLICY);
    NEED(policy != NULL);
    NEED(done(env, portcullis_engine_swap_policy(handle->native, policy->native)));
    return undefined_value(env);
}

/* beginDrain(monotonicMs, wallMs, untilMs) */
static napi_value engine_begin_drain(napi_env env, napi_callback_info info)
{
    struct call call;
    struct portcullis_time now;
    uint64_t until = 0;
    NEED(call_info(env, info, &call) && to_time(env, &call, 0, &now) &&
         to_u64(env, call.arguments[2], &until));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL);
    NEED(done(env, portcullis_engine_begin_drain(handle->native, now, until)));
    return undefined_value(env);
}

/* answer(ticket, answer, monotonicMs, wallMs): whether the ticket was open. */
static napi_value engine_answer(napi_env env, napi_callback_info info)
{
    struct call call;
    uint64_t ticket = 0;
    uint32_t answer = 0;
    struct portcullis_time now;
    uint32_t known = 0;
    NEED(call_info(env, info, &call) && to_u64(env, call.arguments[0], &ticket) &&
         to_u32(env, call.arguments[1], &answer) && to_time(env, &call, 2, &now));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL);
    NEED(done(env, portcullis_engine_answer(handle->native, ledger_of(handle), ticket, answer,
                                            now, &known)));
    return from_bool(env, known != 0);
}

/* introduce(side, facts) */
static napi_value engine_introduce(napi_env env, napi_callback_info info)
{
    struct call call;
    uint32_t side = 0;
    struct facts facts;
    NEED(call_info(env, info, &call) && to_u32(env, call.arguments[0], &side));
    NEED(unwrap(env, call.self, KIND_ENGINE) != NULL);
    NEED(to_facts(env, call.arguments[1], &facts));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    uint32_t status = PORTCULLIS_STATUS_OK;
    if (handle != NULL)
        status = portcullis_engine_introduce(handle->native, side, &facts.native);
    facts_free(&facts);
    NEED(handle != NULL && done(env, status));
    return undefined_value(env);
}

/* question(ticket): what it asks, or null if it is not open. */
static napi_value engine_question(napi_env env, napi_callback_info info)
{
    struct call call;
    uint64_t ticket = 0;
    NEED(call_info(env, info, &call) && to_u64(env, call.arguments[0], &ticket));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL);
    portcullis_question question = {.struct_size = sizeof question};
    NEED(done(env, portcullis_engine_question(handle->native, ticket, &question)));
    if (question.kind == PORTCULLIS_QUESTION_NONE)
        return null_value(env);
    napi_value object = NULL;
    NEED(okay(env, napi_create_object(env, &object)));
    napi_value message = question.message == NULL
                             ? null_value(env)
                             : from_bytes(env, question.message, question.message_len);
    NEED(put_number(env, object, "kind", question.kind) &&
         put_text(env, object, "text", question.text, question.text_len) &&
         put(env, object, "message", message));
    return object;
}

/* resolve(ticket, text, monotonicMs, wallMs): whether the ticket was open. */
static napi_value engine_resolve(napi_env env, napi_callback_info info)
{
    struct call call;
    uint64_t ticket = 0;
    struct portcullis_time now;
    struct bytes text = {0};
    uint32_t known = 0;
    NEED(call_info(env, info, &call) && to_u64(env, call.arguments[0], &ticket) &&
         to_time(env, &call, 2, &now));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL && to_text(env, call.arguments[1], &text));
    uint32_t status = portcullis_engine_resolve(handle->native, ledger_of(handle), ticket,
                                                (const char *)text.data, text.len, now, &known);
    bytes_free(&text);
    NEED(done(env, status));
    return from_bool(env, known != 0);
}

/* stalled(from) */
static napi_value engine_stalled(napi_env env, napi_callback_info info)
{
    struct call call;
    uint32_t from = 0;
    uint32_t stall = 0;
    NEED(call_info(env, info, &call) && to_u32(env, call.arguments[0], &from));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL);
    NEED(done(env, portcullis_engine_stalled(handle->native, from, &stall)));
    return from_number(env, stall);
}

/* Two numbers, by the side that sent. */
static bool put_pair(napi_env env, napi_value object, const char *name, uint64_t client,
                     uint64_t server)
{
    napi_value pair = NULL;
    napi_value first = from_number(env, (double)client);
    napi_value second = from_number(env, (double)server);
    return first != NULL && second != NULL &&
           okay(env, napi_create_array_with_length(env, 2, &pair)) &&
           okay(env, napi_set_element(env, pair, PORTCULLIS_CLIENT, first)) &&
           okay(env, napi_set_element(env, pair, PORTCULLIS_SERVER, second)) &&
           put(env, object, name, pair);
}

/* metrics() */
static napi_value engine_metrics(napi_env env, napi_callback_info info)
{
    struct call call;
    portcullis_metrics m = {.struct_size = sizeof m};
    napi_value object = NULL;
    NEED(call_info(env, info, &call));
    struct handle *handle = unwrap(env, call.self, KIND_ENGINE);
    NEED(handle != NULL);
    NEED(done(env, portcullis_engine_metrics(handle->native, &m)));
    NEED(okay(env, napi_create_object(env, &object)));
    NEED(put_pair(env, object, "bytesIn", m.bytes_in[0], m.bytes_in[1]) &&
         put_pair(env, object, "bytesOut", m.bytes_out[0], m.bytes_out[1]) &&
         put_pair(env, object, "frames", m.frames[0], m.frames[1]) &&
         put_pair(env, object, "passed", m.passed[0], m.passed[1]) &&
         put_pair(env, object, "changed", m.changed[0], m.changed[1]) &&
         put_pair(env, object, "refused", m.refused[0], m.refused[1]) &&
         put_pair(env, object, "dropped", m.dropped[0], m.dropped[1]) &&
         put_number(env, object, "edits", (double)m.edits) &&
         put_pair(env, object, "requestsOpen", m.requests_open[0], m.requests_open[1]) &&
         put_pair(env, object, "answersOwed", m.answers_owed[0], m.answers_owed[1]) &&
         put_number(env, object, "eventsDropped", (double)m.events_dropped) &&
         put_number(env, object, "noiseBytes", (double)m.noise_bytes) &&
         put_number(env, object, "noiseBytesDropped", (double)m.noise_bytes_dropped) &&
         put_number(env, object, "memoryBytes", (double)m.memory_bytes));
    return object;
}

bool engine_define(napi_env env, struct addon *addon, napi_value exports)
{
    const napi_property_descriptor methods[] = {
        METHOD("recvSpace", engine_recv_space),
        METHOD("recvCopy", engine_recv_copy),
        METHOD("recvClose", engine_recv_close),
        METHOD("sendReady", engine_send_ready),
        METHOD("sendCommit", engine_send_commit),
        METHOD("take", engine_take),
        METHOD("pump", engine_pump),
        METHOD("nextEvent", engine_next_event),
        METHOD("deadline", engine_deadline),
        METHOD("tick", engine_tick),
        METHOD("isFinished", engine_is_finished),
        METHOD("facts", engine_facts),
        METHOD("introduce", engine_introduce),
        METHOD("swapPolicy", engine_swap_policy),
        METHOD("beginDrain", engine_begin_drain),
        METHOD("question", engine_question),
        METHOD("answer", engine_answer),
        METHOD("resolve", engine_resolve),
        METHOD("stalled", engine_stalled),
        METHOD("metrics", engine_metrics),
        METHOD("close", method_close),
    };
    return class_define(env, addon, exports, "Engine", engine_new, COUNT(methods), methods);
}
