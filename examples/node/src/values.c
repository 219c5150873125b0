/*
 * Values of JavaScript in and out, and errors. It knows nothing of handles.
 */

#include "addon.h"

/* Throws for a call of Node-API that failed, unless script has thrown already. */
bool okay(napi_env env, napi_status status)
{
    if (status == napi_ok)
        return true;
    const napi_extended_error_info *info = NULL;
    napi_get_last_error_info(env, &info);
    const char *message = info != NULL && info->error_message != NULL ? info->error_message
                                                                      : "Node-API failed";
    bool pending = false;
    napi_is_exception_pending(env, &pending);
    if (!pending)
        napi_throw_error(env, "ERR_PORTCULLIS_NODE_API", message);
    return false;
}

static const char *const CODES[] = {
    [PORTCULLIS_STATUS_OK] = NULL,
    [PORTCULLIS_STATUS_NULL] = "ERR_PORTCULLIS_NULL",
    [PORTCULLIS_STATUS_BAD_NUMBER] = "ERR_PORTCULLIS_BAD_NUMBER",
    [PORTCULLIS_STATUS_BAD_STRUCT_SIZE] = "ERR_PORTCULLIS_BAD_STRUCT_SIZE",
    [PORTCULLIS_STATUS_BAD_ABI] = "ERR_PORTCULLIS_BAD_ABI",
    [PORTCULLIS_STATUS_NOT_LENT] = "ERR_PORTCULLIS_NOT_LENT",
    [PORTCULLIS_STATUS_BAD_CONFIG] = "ERR_PORTCULLIS_BAD_CONFIG",
    [PORTCULLIS_STATUS_BAD_UTF8] = "ERR_PORTCULLIS_BAD_UTF8",
    [PORTCULLIS_STATUS_TOO_SMALL] = "ERR_PORTCULLIS_TOO_SMALL",
    [PORTCULLIS_STATUS_PANICKED] = "ERR_PORTCULLIS_PANICKED",
    [PORTCULLIS_STATUS_POISONED] = "ERR_PORTCULLIS_POISONED",
};

/* Throws for a status of the library that is not OK. */
bool done(napi_env env, uint32_t status)
{
    if (status == PORTCULLIS_STATUS_OK)
        return true;
    const char *code = status < COUNT(CODES) ? CODES[status] : "ERR_PORTCULLIS_UNKNOWN";
    return refuse(env, code, portcullis_status_str(status));
}

bool refuse(napi_env env, const char *code, const char *message)
{
    napi_throw_error(env, code, message);
    return false;
}

bool refuse_type(napi_env env, const char *message)
{
    napi_throw_type_error(env, "ERR_PORTCULLIS_ARGUMENT", message);
    return false;
}

bool call_info(napi_env env, napi_callback_info info, struct call *call)
{
    size_t count = ARGUMENTS_MAX;
    void *data = NULL;
    napi_status status = napi_get_cb_info(env, info, &count, call->arguments, &call->self, &data);
    call->addon = data;
    return okay(env, status);
}

/* Whether an argument was left out: undefined or null. */
bool is_nothing(napi_env env, napi_value value)
{
    napi_valuetype type = napi_undefined;
    napi_typeof(env, value, &type);
    return type == napi_undefined || type == napi_null;
}

/* A whole number, never guessed at: the wrong type, a fraction or a sign is refused. */
bool to_u64(napi_env env, napi_value value, uint64_t *number)
{
    double given = 0;
    if (napi_get_value_double(env, value, &given) == napi_ok) {
        /* Up to 2^53 each whole number is itself. The comparison is false for NaN, too. */
        if (!(given >= 0 && given <= 9007199254740992.0) || given != (double)(uint64_t)given)
            return refuse_type(env, "a number must be whole, and not below 0");
        *number = (uint64_t)given;
        return true;
    }
    bool lossless = false;
    if (napi_get_value_bigint_uint64(env, value, number, &lossless) != napi_ok)
        return refuse_type(env, "a number is wanted");
    return lossless || refuse_type(env, "a number must fit into 64 bits without a sign");
}

bool to_u32(napi_env env, napi_value value, uint32_t *number)
{
    uint64_t wide = 0;
    if (!to_u64(env, value, &wide))
        return false;
    if (wide > UINT32_MAX)
        return refuse_type(env, "a number must fit into 32 bits");
    *number = (uint32_t)wide;
    return true;
}

/* Two arguments: monotonic and wall-clock milliseconds. */
bool to_time(napi_env env, const struct call *call, size_t at, struct portcullis_time *time)
{
    return to_u64(env, call->arguments[at], &time->monotonic_ms) &&
           to_u64(env, call->arguments[at + 1], &time->wall_ms);
}

/* The bytes of a Uint8Array, in place. Shared memory is refused: another thread might write to it
 * while the library reads. */
bool to_bytes(napi_env env, napi_value value, struct bytes *bytes)
{
    *bytes = (struct bytes){0};
    napi_typedarray_type type = napi_int8_array;
    napi_value buffer = NULL;
    size_t len = 0;
    size_t offset = 0;
    void *data = NULL;
    bool is_array = false;
    bool is_own = false;
    if (napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array)
        return refuse_type(env, "a Uint8Array is wanted");
    if (!okay(env, napi_get_typedarray_info(env, value, &type, &len, &data, &buffer, &offset)))
        return false;
    if (type != napi_uint8_array)
        return refuse_type(env, "a Uint8Array is wanted");
    if (!okay(env, napi_is_arraybuffer(env, buffer, &is_own)))
        return false;
    if (!is_own)
        return refuse_type(env, "shared memory is refused; copy it first");
    bytes->data = data;
    bytes->len = data == NULL ? 0 : len;
    return true;
}

/* A string, spelled out in UTF-8, or bytes in place. */
bool to_text(napi_env env, napi_value value, struct bytes *bytes)
{
    *bytes = (struct bytes){0};
    napi_valuetype type = napi_undefined;
    if (!okay(env, napi_typeof(env, value, &type)))
        return false;
    if (type != napi_string)
        return to_bytes(env, value, bytes);
    size_t len = 0;
    if (!okay(env, napi_get_value_string_utf8(env, value, NULL, 0, &len)))
        return false;
    bytes->made = malloc(len + 1);
    if (bytes->made == NULL)
        return refuse(env, "ERR_PORTCULLIS_MEMORY", "out of memory");
    if (!okay(env, napi_get_value_string_utf8(env, value, bytes->made, len + 1, &bytes->len))) {
        bytes_free(bytes);
        return false;
    }
    bytes->data = (const uint8_t *)bytes->made;
    return true;
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->made);
    *bytes = (struct bytes){0};
}

napi_value from_number(napi_env env, double number)
{
    napi_value value = NULL;
    return okay(env, napi_create_double(env, number, &value)) ? value : NULL;
}

napi_value from_bool(napi_env env, bool flag)
{
    napi_value value = NULL;
    return okay(env, napi_get_boolean(env, flag, &value)) ? value : NULL;
}

napi_value from_text(napi_env env, const char *text, size_t len)
{
    napi_value value = NULL;
    return okay(env, napi_create_string_utf8(env, text, len, &value)) ? value : NULL;
}

napi_value from_bytes(napi_env env, const void *data, size_t len)
{
    napi_value value = NULL;
    return okay(env, napi_create_buffer_copy(env, len, data, NULL, &value)) ? value : NULL;
}

napi_value null_value(napi_env env)
{
    napi_value value = NULL;
    return okay(env, napi_get_null(env, &value)) ? value : NULL;
}

napi_value undefined_value(napi_env env)
{
    napi_value value = NULL;
    return okay(env, napi_get_undefined(env, &value)) ? value : NULL;
}

bool put(napi_env env, napi_value object, const char *name, napi_value value)
{
    return value != NULL && okay(env, napi_set_named_property(env, object, name, value));
}

bool put_number(napi_env env, napi_value object, const char *name, double number)
{
    return put(env, object, name, from_number(env, number));
}

bool put_big(napi_env env, napi_value object, const char *name, uint64_t number)
{
    napi_value value = NULL;
    return okay(env, napi_create_bigint_uint64(env, number, &value)) &&
           put(env, object, name, value);
}

bool put_bool(napi_env env, napi_value object, const char *name, bool flag)
{
    return put(env, object, name, from_bool(env, flag));
}

bool put_text(napi_env env, napi_value object, const char *name, const char *text, size_t len)
{
    return put(env, object, name, from_text(env, text, len));
}
