/*
 * The module: what an environment gets when it loads the addon, and the functions that belong to no
 * object.
 */

#include "addon.h"

/* version() */
static napi_value version(napi_env env, napi_callback_info info)
{
    (void)info;
    return from_text(env, portcullis_version(), NAPI_AUTO_LENGTH);
}

/* abi(): of the library, not of the header. */
static napi_value abi(napi_env env, napi_callback_info info)
{
    (void)info;
    return from_number(env, portcullis_abi());
}

/* notice(reason): a line for a client that gets no engine. */
static napi_value notice(napi_env env, napi_callback_info info)
{
    struct call call;
    uint32_t reason = 0;
    char line[512];
    size_t len = 0;
    NEED(call_info(env, info, &call) && to_u32(env, call.arguments[0], &reason));
    NEED(done(env, portcullis_notice(reason, line, sizeof line, &len)));
    return from_bytes(env, line, len);
}

/* reasonCode(reason) */
static napi_value reason_code(napi_env env, napi_callback_info info)
{
    struct call call;
    uint32_t reason = 0;
    NEED(call_info(env, info, &call) && to_u32(env, call.arguments[0], &reason));
    return from_number(env, portcullis_reason_code(reason));
}

/* limitsDefault() */
static napi_value limits_default(napi_env env, napi_callback_info info)
{
    (void)info;
    portcullis_limits limits = {.struct_size = sizeof limits};
    NEED(done(env, portcullis_limits_default(&limits)));
    return from_limits(env, &limits);
}

/* limitsMemoryMax(limits) */
static napi_value limits_memory_max(napi_env env, napi_callback_info info)
{
    struct call call;
    portcullis_limits limits;
    uint64_t bytes = 0;
    NEED(call_info(env, info, &call) && to_limits(env, call.arguments[0], &limits));
    NEED(done(env, portcullis_limits_memory_max(&limits, &bytes)));
    return from_number(env, (double)bytes);
}

/* handles(): how many handles of the library live in this environment, for tests. */
static napi_value handles(napi_env env, napi_callback_info info)
{
    struct call call;
    NEED(call_info(env, info, &call));
    return from_number(env, (double)call.addon->live);
}

/* externalMemory(): bytes that the collector was told of, for tests. */
static napi_value external_memory(napi_env env, napi_callback_info info)
{
    (void)info;
    int64_t total = 0;
    NEED(okay(env, napi_adjust_external_memory(env, 0, &total)));
    return from_number(env, (double)total);
}

/* A word for a number. */
static napi_value word(napi_env env, napi_callback_info info, const char *(*of)(uint32_t))
{
    struct call call;
    uint32_t number = 0;
    NEED(call_info(env, info, &call) && to_u32(env, call.arguments[0], &number));
    return from_text(env, of(number), NAPI_AUTO_LENGTH);
}

#define WORD(name, of)                                              \
    static napi_value name(napi_env env, napi_callback_info info)   \
    {                                                               \
        return word(env, info, of);                                 \
    }

WORD(receiver_str, portcullis_receiver_str)
WORD(event_kind_str, portcullis_event_kind_str)
WORD(message_str, portcullis_message_str)
WORD(reason_str, portcullis_reason_str)
WORD(reason_message, portcullis_reason_message)
WORD(wake_str, portcullis_wake_str)
WORD(stall_str, portcullis_stall_str)
WORD(action_str, portcullis_action_str)
WORD(severity_str, portcullis_severity_str)
WORD(group_str, portcullis_group_str)
WORD(rule_kind_str, portcullis_rule_kind_str)
WORD(unseen_kind_str, portcullis_unseen_kind_str)
WORD(address_class_str, portcullis_address_class_str)
WORD(status_str, portcullis_status_str)

static bool functions_define(napi_env env, struct addon *addon, napi_value exports)
{
    const napi_property_descriptor functions[] = {
        METHOD("version", version),
        METHOD("abi", abi),
        METHOD("notice", notice),
        METHOD("reasonCode", reason_code),
        METHOD("limitsDefault", limits_default),
        METHOD("limitsMemoryMax", limits_memory_max),
        METHOD("handles", handles),
        METHOD("externalMemory", external_memory),
        METHOD("receiverStr", receiver_str),
        METHOD("eventKindStr", event_kind_str),
        METHOD("messageStr", message_str),
        METHOD("reasonStr", reason_str),
        METHOD("reasonMessage", reason_message),
        METHOD("wakeStr", wake_str),
        METHOD("stallStr", stall_str),
        METHOD("actionStr", action_str),
        METHOD("severityStr", severity_str),
        METHOD("groupStr", group_str),
        METHOD("ruleKindStr", rule_kind_str),
        METHOD("unseenKindStr", unseen_kind_str),
        METHOD("addressClassStr", address_class_str),
        METHOD("statusStr", status_str),
    };
    return okay(env, napi_define_properties(env, exports, COUNT(functions), functions));
}

/* The environment is gone. Finalizers of its objects may still follow. */
static void let_go(napi_env env, void *data, void *hint)
{
    (void)env;
    (void)hint;
    struct addon *addon = data;
    if (--addon->refs == 0)
        free(addon);
}

NAPI_MODULE_INIT()
{
    struct addon *addon = calloc(1, sizeof *addon);
    if (addon == NULL)
        abort();
    addon->refs = 1;
    if (!okay(env, napi_set_instance_data(env, addon, let_go, NULL))) {
        free(addon);
        return NULL;
    }
    NEED(functions_define(env, addon, exports) && constants_define(env, exports) &&
         policy_define(env, addon, exports) && ledger_define(env, addon, exports) &&
         engine_define(env, addon, exports) && finder_define(env, addon, exports) &&
         redactor_define(env, addon, exports) && guard_define(env, addon, exports) &&
         facts_define(env, addon, exports));
    return exports;
}
