/*
 * Objects that own a handle of the library: made, checked, closed, collected.
 *
 * `close()` is the rule and the finalizer only a net. A ledger is kept for the engines that count
 * in it, so its handle is freed with the last of them.
 */

#include "addon.h"

static const napi_type_tag TAGS[KIND_COUNT] = {
    [KIND_POLICY] = {0x5b0d1f4e2c9a4d01, 0x9c51a6f07be34210},
    [KIND_LEDGER] = {0x5b0d1f4e2c9a4d02, 0x9c51a6f07be34211},
    [KIND_ENGINE] = {0x5b0d1f4e2c9a4d03, 0x9c51a6f07be34212},
    [KIND_FINDER] = {0x5b0d1f4e2c9a4d04, 0x9c51a6f07be34213},
    [KIND_REDACTOR] = {0x5b0d1f4e2c9a4d05, 0x9c51a6f07be34214},
    [KIND_GUARD] = {0x5b0d1f4e2c9a4d06, 0x9c51a6f07be34215},
};

static const char *const WRONG[KIND_COUNT] = {
    [KIND_POLICY] = "a Policy is wanted",
    [KIND_LEDGER] = "a Ledger is wanted",
    [KIND_ENGINE] = "an Engine is wanted",
    [KIND_FINDER] = "a Finder is wanted",
    [KIND_REDACTOR] = "a Redactor is wanted",
    [KIND_GUARD] = "a NetGuard is wanted",
};

static void native_free(struct handle *handle)
{
    void *native = handle->native;
    handle->native = NULL;
    switch (handle->kind) {
    case KIND_POLICY: portcullis_policy_free(native); break;
    case KIND_LEDGER: portcullis_ledger_free(native); break;
    case KIND_ENGINE: portcullis_engine_free(native); break;
    case KIND_FINDER: portcullis_finder_free(native); break;
    case KIND_REDACTOR: portcullis_redactor_free(native); break;
    case KIND_GUARD: portcullis_guard_free(native); break;
    case KIND_COUNT: break;
    }
    handle->addon->live--;
}

static void release(struct handle *handle)
{
    handle->refs--;
    /* Only its own object is left, and that was closed; or not even that. */
    if (handle->native != NULL && (handle->refs == 0 || (handle->refs == 1 && handle->closed)))
        native_free(handle);
    if (handle->refs == 0) {
        if (--handle->addon->refs == 0)
            free(handle->addon);
        free(handle);
    }
}

/* Frees what the handle holds. Its object may live on. */
static void close_handle(napi_env env, struct handle *handle)
{
    if (handle->closed)
        return;
    handle->closed = true;
    tell_memory(env, handle, 0);
    if (handle->refs == 1)
        native_free(handle);
    if (handle->ledger != NULL) {
        release(handle->ledger);
        handle->ledger = NULL;
    }
}

static void finalize(napi_env env, void *data, void *hint)
{
    (void)hint;
    close_handle(env, data);
    release(data);
}

/* A class is called with `new`, or not at all. */
bool must_construct(napi_env env, napi_callback_info info)
{
    napi_value target = NULL;
    return okay(env, napi_get_new_target(env, info, &target)) &&
           (target != NULL || refuse_type(env, "a class is called with new"));
}

/* Makes `this` the owner of a handle that the library made. On failure the handle is freed. */
napi_value adopt(napi_env env, const struct call *call, enum kind kind, void *native,
                 struct handle *ledger)
{
    struct handle *handle = calloc(1, sizeof *handle);
    if (handle == NULL)
        abort(); /* As the library does. */
    *handle = (struct handle){
        .addon = call->addon, .kind = kind, .refs = 1, .native = native, .ledger = ledger};
    call->addon->refs++;
    call->addon->live++;
    if (ledger != NULL)
        ledger->refs++;
    if (!okay(env, napi_wrap(env, call->self, handle, finalize, NULL, NULL))) {
        finalize(env, handle, NULL);
        return NULL;
    }
    /* From here on the finalizer frees it. */
    NEED(okay(env, napi_type_tag_object(env, call->self, &TAGS[kind])));
    return call->self;
}

/* The handle of an object, checked: of this class, and not closed. */
struct handle *unwrap(napi_env env, napi_value value, enum kind kind)
{
    bool is_ours = false;
    void *data = NULL;
    if (napi_check_object_type_tag(env, value, &TAGS[kind], &is_ours) != napi_ok || !is_ours ||
        napi_unwrap(env, value, &data) != napi_ok) {
        refuse_type(env, WRONG[kind]);
        return NULL;
    }
    struct handle *handle = data;
    if (handle->closed) {
        refuse(env, "ERR_PORTCULLIS_CLOSED", "the object was closed");
        return NULL;
    }
    return handle;
}

/* close(): any number of times. */
napi_value method_close(napi_env env, napi_callback_info info)
{
    struct call call;
    NEED(call_info(env, info, &call));
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        bool is_ours = false;
        void *data = NULL;
        if (napi_check_object_type_tag(env, call.self, &TAGS[kind], &is_ours) != napi_ok)
            break;
        if (is_ours && napi_unwrap(env, call.self, &data) == napi_ok) {
            close_handle(env, data);
            return undefined_value(env);
        }
    }
    refuse_type(env, "an object of portcullis is wanted");
    return NULL;
}

/* Says how much memory stands behind an object, so that the collector knows what it is worth. */
void tell_memory(napi_env env, struct handle *handle, uint64_t bytes)
{
    int64_t total = 0;
    int64_t change = (int64_t)bytes - handle->told;
    if (change == 0)
        return;
    handle->told = (int64_t)bytes;
    napi_adjust_external_memory(env, change, &total);
}

bool class_define(napi_env env, struct addon *addon, napi_value exports, const char *name,
                  napi_callback constructor, size_t count,
                  const napi_property_descriptor *methods)
{
    napi_value made = NULL;
    return okay(env, napi_define_class(env, name, NAPI_AUTO_LENGTH, constructor, addon, count,
                                       methods, &made)) &&
           put(env, exports, name, made);
}
