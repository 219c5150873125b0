/*
 * Finders and redactors: texts that the host holds itself.
 */

#include "addon.h"

/* The policy of a constructor's first argument. */
static const portcullis_policy *given_policy(napi_env env, const struct call *call)
{
    struct handle *policy = unwrap(env, call->arguments[0], KIND_POLICY);
    return policy == NULL ? NULL : policy->native;
}

/* new Finder(policy) */
static napi_value finder_new(napi_env env, napi_callback_info info)
{
    struct call call;
    NEED(call_info(env, info, &call) && must_construct(env, info));
    const portcullis_policy *policy = given_policy(env, &call);
    NEED(policy != NULL);
    portcullis_finder *finder = NULL;
    NEED(done(env, portcullis_finder_new(PORTCULLIS_ABI, policy, &finder)));
    return adopt(env, &call, KIND_FINDER, finder, NULL);
}

static napi_value matches(napi_env env, struct handle *finder, size_t count)
{
    napi_value list = NULL;
    NEED(okay(env, napi_create_array_with_length(env, count, &list)));
    for (size_t number = 0; number < count; number++) {
        portcullis_match place = {.struct_size = sizeof place};
        napi_value object = NULL;
        NEED(done(env, portcullis_finder_match(finder->native, number, &place)));
        NEED(okay(env, napi_create_object(env, &object)));
        NEED(put_number(env, object, "rule", place.rule) &&
             put_number(env, object, "start", (double)place.start) &&
             put_number(env, object, "end", (double)place.end) &&
             put_bool(env, object, "plain", place.plain != 0) &&
             put_number(env, object, "verified", place.verified) &&
             okay(env, napi_set_element(env, list, (uint32_t)number, object)));
    }
    return list;
}

/* find(text, name | undefined) */
static napi_value finder_find(napi_env env, napi_callback_info info)
{
    struct call call;
    struct bytes text;
    struct bytes name = {0};
    size_t count = 0;
    NEED(call_info(env, info, &call));
    struct handle *handle = unwrap(env, call.self, KIND_FINDER);
    NEED(handle != NULL && to_text(env, call.arguments[0], &text));
    if (!is_nothing(env, call.arguments[1]) && !to_text(env, call.arguments[1], &name)) {
        bytes_free(&text);
        return NULL;
    }
    uint32_t status = portcullis_finder_find(handle->native, (const char *)name.data, name.len,
                                             text.data, text.len, &count);
    bytes_free(&text);
    bytes_free(&name);
    NEED(done(env, status));
    return matches(env, handle, count);
}

/* unseen(text) */
static napi_value finder_unseen(napi_env env, napi_callback_info info)
{
    struct call call;
    struct bytes text;
    size_t count = 0;
    NEED(call_info(env, info, &call));
    struct handle *handle = unwrap(env, call.self, KIND_FINDER);
    NEED(handle != NULL && to_text(env, call.arguments[0], &text));
    uint32_t status = portcullis_finder_find_unseen(handle->native, text.data, text.len, &count);
    bytes_free(&text);
    NEED(done(env, status));
    napi_value list = NULL;
    NEED(okay(env, napi_create_array_with_length(env, count, &list)));
    for (size_t number = 0; number < count; number++) {
        portcullis_unseen place = {.struct_size = sizeof place};
        napi_value object = NULL;
        NEED(done(env, portcullis_finder_unseen(handle->native, number, &place)));
        NEED(okay(env, napi_create_object(env, &object)));
        NEED(put_number(env, object, "kind", place.kind) &&
             put_number(env, object, "start", (double)place.start) &&
             put_number(env, object, "end", (double)place.end) &&
             okay(env, napi_set_element(env, list, (uint32_t)number, object)));
    }
    return list;
}

/* example(rule, seed) */
static napi_value finder_example(napi_env env, napi_callback_info info)
{
    struct call call;
    uint32_t rule = 0;
    uint64_t seed = 0;
    const char *text = NULL;
    size_t len = 0;
    size_t start = 0;
    size_t end = 0;
    NEED(call_info(env, info, &call) && to_u32(env, call.arguments[0], &rule) &&
         to_u64(env, call.arguments[1], &seed));
    struct handle *handle = unwrap(env, call.self, KIND_FINDER);
    NEED(handle != NULL);
    NEED(done(env, portcullis_finder_example(handle->native, rule, seed, &text, &len, &start,
                                             &end)));
    napi_value object = NULL;
    NEED(okay(env, napi_create_object(env, &object)));
    NEED(put_text(env, object, "text", text, len) &&
         put_number(env, object, "start", (double)start) &&
         put_number(env, object, "end", (double)end));
    return object;
}

bool finder_define(napi_env env, struct addon *addon, napi_value exports)
{
    const napi_property_descriptor methods[] = {
        METHOD("find", finder_find),
        METHOD("unseen", finder_unseen),
        METHOD("example", finder_example),
        METHOD("close", method_close),
    };
    return class_define(env, addon, exports, "Finder", finder_new, COUNT(methods), methods);
}

/* new Redactor(policy) */
static napi_value redactor_new(napi_env env, napi_callback_info info)
{
    struct call call;
    NEED(call_info(env, info, &call) && must_construct(env, info));
    const portcullis_policy *policy = given_policy(env, &call);
    NEED(policy != NULL);
    portcullis_redactor *redactor = NULL;
    NEED(done(env, portcullis_redactor_new(PORTCULLIS_ABI, policy, &redactor)));
    return adopt(env, &call, KIND_REDACTOR, redactor, NULL);
}

/* push(text): what may leave, perhaps nothing. */
static napi_value redactor_push(napi_env env, napi_callback_info info)
{
    struct call call;
    struct bytes text;
    const uint8_t *data = NULL;
    size_t len = 0;
    NEED(call_info(env, info, &call));
    struct handle *handle = unwrap(env, call.self, KIND_REDACTOR);
    NEED(handle != NULL && to_text(env, call.arguments[0], &text));
    uint32_t status = portcullis_redactor_push(handle->native, text.data, text.len, &data, &len);
    bytes_free(&text);
    NEED(done(env, status));
    return from_bytes(env, data, len);
}

/* finish(): the rest. */
static napi_value redactor_finish(napi_env env, napi_callback_info info)
{
    struct call call;
    const uint8_t *data = NULL;
    size_t len = 0;
    NEED(call_info(env, info, &call));
    struct handle *handle = unwrap(env, call.self, KIND_REDACTOR);
    NEED(handle != NULL);
    NEED(done(env, portcullis_redactor_finish(handle->native, &data, &len)));
    return from_bytes(env, data, len);
}

bool redactor_define(napi_env env, struct addon *addon, napi_value exports)
{
    const napi_property_descriptor methods[] = {
        METHOD("push", redactor_push),
        METHOD("finish", redactor_finish),
        METHOD("close", method_close),
    };
    return class_define(env, addon, exports, "Redactor", redactor_new, COUNT(methods), methods);
}
