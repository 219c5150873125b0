/*
 * Policies and ledgers.
 */

#include "addon.h"

/* What a policy weighs, for the collector: its search tables. A judgement, not a measurement. */
enum { POLICY_BYTES = 1 << 20 };

/* new Policy(json | undefined, sealKey | undefined) */
static napi_value policy_new(napi_env env, napi_callback_info info)
{
    struct call call;
    struct bytes json = {0};
    struct bytes key = {0};
    NEED(call_info(env, info, &call) && must_construct(env, info));
    if (!is_nothing(env, call.arguments[1]))
        NEED(to_bytes(env, call.arguments[1], &key));
    if (!is_nothing(env, call.arguments[0]))
        NEED(to_text(env, call.arguments[0], &json));
    char why[WHY_BYTES];
    portcullis_policy *policy = NULL;
    uint32_t status = portcullis_policy_new(PORTCULLIS_ABI, (const char *)json.data, json.len,
                                            key.data, key.len, why, sizeof why, &policy);
    bytes_free(&json);
    if (status == PORTCULLIS_STATUS_BAD_CONFIG)
        NEED(refuse(env, "ERR_PORTCULLIS_BAD_CONFIG", why));
    NEED(done(env, status));
    napi_value self = adopt(env, &call, KIND_POLICY, policy, NULL);
    NEED(self != NULL);
    struct handle *handle = unwrap(env, self, KIND_POLICY);
    NEED(handle != NULL);
    tell_memory(env, handle, POLICY_BYTES);
    return self;
}

/* faults(): the host's own patterns that were skipped. */
static napi_value policy_faults(napi_env env, napi_callback_info info)
{
    struct call call;
    NEED(call_info(env, info, &call));
    struct handle *handle = unwrap(env, call.self, KIND_POLICY);
    NEED(handle != NULL);
    size_t count = 0;
    NEED(done(env, portcullis_policy_fault_count(handle->native, &count)));
    napi_value list = NULL;
    NEED(okay(env, napi_create_array_with_length(env, count, &list)));
    for (size_t number = 0; number < count; number++) {
        portcullis_fault fault = {.struct_size = sizeof fault};
        napi_value object = NULL;
        NEED(done(env, portcullis_policy_fault(handle->native, number, &fault)));
        NEED(okay(env, napi_create_object(env, &object)));
        napi_value at = fault.has_at ? from_number(env, (double)fault.at) : null_value(env);
        NEED(put_number(env, object, "index", (double)fault.index) &&
             put(env, object, "at", at) &&
             put_text(env, object, "name", fault.name, fault.name_len) &&
             put_text(env, object, "reason", fault.reason, fault.reason_len) &&
             okay(env, napi_set_element(env, list, (uint32_t)number, object)));
    }
    return list;
}

static napi_value rule_object(napi_env env, const portcullis_rule *rule)
{
    napi_value object = NULL;
    NEED(okay(env, napi_create_object(env, &object)));
    NEED(put_number(env, object, "id", rule->id) &&
         put_text(env, object, "name", rule->name, rule->name_len) &&
         put_text(env, object, "provider", rule->provider, rule->provider_len) &&
         put_number(env, object, "severity", rule->severity) &&
         put_number(env, object, "group", rule->group) &&
         put_number(env, object, "kind", rule->kind) &&
         put_number(env, object, "action", rule->action) &&
         put_bool(env, object, "proven", rule->proven != 0) &&
         put_bool(env, object, "checked", rule->checked != 0) &&
         put_bool(env, object, "anchored", rule->anchored != 0) &&
         put_bool(env, object, "custom", rule->custom != 0) &&
         put_bool(env, object, "slow", rule->slow != 0) &&
         put_text(env, object, "replacement", rule->replacement, rule->replacement_len) &&
         put_text(env, object, "replacementJson", rule->replacement_json,
                  rule->replacement_json_len));
    return object;
}

/* rules(): those in force. */
static napi_value policy_rules(napi_env env, napi_callback_info info)
{
    struct call call;
    NEED(call_info(env, info, &call));
    struct handle *handle = unwrap(env, call.self, KIND_POLICY);
    NEED(handle != NULL);
    size_t count = 0;
    NEED(done(env, portcullis_policy_rule_count(handle->native, &count)));
    napi_value list = NULL;
    NEED(okay(env, napi_create_array_with_length(env, count, &list)));
    for (size_t place = 0; place < count; place++) {
        portcullis_rule rule = {.struct_size = sizeof rule};
        NEED(done(env, portcullis_policy_rule(handle->native, place, &rule)));
        napi_value object = rule_object(env, &rule);
        NEED(object != NULL && okay(env, napi_set_element(env, list, (uint32_t)place, object)));
    }
    return list;
}

bool policy_define(napi_env env, struct addon *addon, napi_value exports)
{
    const napi_property_descriptor methods[] = {
        METHOD("faults", policy_faults),
        METHOD("rules", policy_rules),
        METHOD("close", method_close),
    };
    return class_define(env, addon, exports, "Policy", policy_new, COUNT(methods), methods);
}

/* new Ledger(keysMax | undefined) */
static napi_value ledger_new(napi_env env, napi_callback_info info)
{
    struct call call;
    NEED(call_info(env, info, &call) && must_construct(env, info));
    portcullis_ledger *ledger = NULL;
    uint32_t keys_max = 0;
    bool is_sized = !is_nothing(env, call.arguments[0]);
    if (is_sized)
        NEED(to_u32(env, call.arguments[0], &keys_max));
    NEED(done(env, is_sized ? portcullis_ledger_new_sized(PORTCULLIS_ABI, keys_max, &ledger)
                            : portcullis_ledger_new(PORTCULLIS_ABI, &ledger)));
    return adopt(env, &call, KIND_LEDGER, ledger, NULL);
}

/* counts() */
static napi_value ledger_counts(napi_env env, napi_callback_info info)
{
    struct call call;
    NEED(call_info(env, info, &call));
    struct handle *handle = unwrap(env, call.self, KIND_LEDGER);
    NEED(handle != NULL);
    portcullis_ledger_counts counts = {.struct_size = sizeof counts};
    napi_value object = NULL;
    NEED(done(env, portcullis_ledger_count(handle->native, &counts)));
    NEED(okay(env, napi_create_object(env, &object)));
    NEED(put_number(env, object, "frames", (double)counts.frames) &&
         put_number(env, object, "refused", (double)counts.refused) &&
         put_number(env, object, "changed", (double)counts.changed) &&
         put_number(env, object, "requestsOpen", (double)counts.requests_open) &&
         put_number(env, object, "authFailures", (double)counts.auth_failures));
    return object;
}

/* refusals(reason) */
static napi_value ledger_refusals(napi_env env, napi_callback_info info)
{
    struct call call;
    uint32_t reason = 0;
    uint64_t count = 0;
    NEED(call_info(env, info, &call) && to_u32(env, call.arguments[0], &reason));
    struct handle *handle = unwrap(env, call.self, KIND_LEDGER);
    NEED(handle != NULL);
    NEED(done(env, portcullis_ledger_refusals(handle->native, reason, &count)));
    return from_number(env, (double)count);
}

/* What a call about a peer needs: facts first, since reading them may run script. */
static struct handle *about(napi_env env, const struct call *call, struct facts *facts)
{
    NEED(unwrap(env, call->self, KIND_LEDGER) != NULL);
    NEED(to_facts(env, call->arguments[0], facts));
    struct handle *handle = unwrap(env, call->self, KIND_LEDGER);
    if (handle == NULL)
        facts_free(facts);
    return handle;
}

/* ban(peer, untilMs, monotonicMs, wallMs): 0, or until when there is no room. */
static napi_value ledger_ban(napi_env env, napi_callback_info info)
{
    struct call call;
    struct facts facts;
    struct portcullis_time now;
    uint64_t until = 0;
    uint64_t full = 0;
    NEED(call_info(env, info, &call) && to_u64(env, call.arguments[1], &until) &&
         to_time(env, &call, 2, &now));
    struct handle *handle = about(env, &call, &facts);
    NEED(handle != NULL);
    uint32_t status = portcullis_ledger_ban(handle->native, &facts.native, until, now, &full);
    facts_free(&facts);
    NEED(done(env, status));
    return from_number(env, (double)full);
}

/* liftBan(peer): whether there was one. */
static napi_value ledger_lift_ban(napi_env env, napi_callback_info info)
{
    struct call call;
    struct facts facts;
    uint32_t lifted = 0;
    NEED(call_info(env, info, &call));
    struct handle *handle = about(env, &call, &facts);
    NEED(handle != NULL);
    uint32_t status = portcullis_ledger_lift_ban(handle->native, &facts.native, &lifted);
    facts_free(&facts);
    NEED(done(env, status));
    return from_bool(env, lifted != 0);
}

/* banned(peer, monotonicMs, wallMs): for how many milliseconds more. */
static napi_value ledger_banned(napi_env env, napi_callback_info info)
{
    struct call call;
    struct facts facts;
    struct portcullis_time now;
    uint32_t left = 0;
    NEED(call_info(env, info, &call) && to_time(env, &call, 1, &now));
    struct handle *handle = about(env, &call, &facts);
    NEED(handle != NULL);
    uint32_t status = portcullis_ledger_banned(handle->native, &facts.native, now, &left);
    facts_free(&facts);
    NEED(done(env, status));
    return from_number(env, left);
}

/* forgetSession(session) */
static napi_value ledger_forget_session(napi_env env, napi_callback_info info)
{
    struct call call;
    uint64_t session = 0;
    NEED(call_info(env, info, &call) && to_u64(env, call.arguments[0], &session));
    struct handle *handle = unwrap(env, call.self, KIND_LEDGER);
    NEED(handle != NULL && done(env, portcullis_ledger_forget_session(handle->native, session)));
    return undefined_value(env);
}

/* memory(): what it holds, and the most that it ever holds, in bytes. */
static napi_value ledger_memory(napi_env env, napi_callback_info info)
{
    struct call call;
    uint64_t bytes = 0;
    uint64_t bytes_max = 0;
    napi_value object = NULL;
    NEED(call_info(env, info, &call));
    struct handle *handle = unwrap(env, call.self, KIND_LEDGER);
    NEED(handle != NULL && done(env, portcullis_ledger_memory(handle->native, &bytes, &bytes_max)));
    NEED(okay(env, napi_create_object(env, &object)));
    NEED(put_number(env, object, "bytes", (double)bytes) &&
         put_number(env, object, "bytesMax", (double)bytes_max));
    return object;
}

bool ledger_define(napi_env env, struct addon *addon, napi_value exports)
{
    const napi_property_descriptor methods[] = {
        METHOD("counts", ledger_counts),
        METHOD("refusals", ledger_refusals),
        METHOD("ban", ledger_ban),
        METHOD("liftBan", ledger_lift_ban),
        METHOD("banned", ledger_banned),
        METHOD("forgetSession", ledger_forget_session),
        METHOD("memory", ledger_memory),
        METHOD("close", method_close),
    };
    return class_define(env, addon, exports, "Ledger", ledger_new, COUNT(methods), methods);
}
