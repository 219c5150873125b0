/*
 * Facts of peers, and the credentials that they present.
 */

#include "addon.h"

enum { CREDENTIAL_BYTES = 16 << 10 };

static bool member(napi_env env, napi_value object, const char *name, napi_value *value)
{
    return okay(env, napi_get_named_property(env, object, name, value));
}

void facts_free(struct facts *facts)
{
    for (size_t place = 0; place < COUNT(facts->texts); place++)
        bytes_free(&facts->texts[place]);
}

/* An object with any of session, user, source, name, address, credential, origin, host. Properties
 * are read first: script may run. */
bool to_facts(napi_env env, napi_value value, struct facts *facts)
{
    static const char *const NAMES[] = {"name", "address", "credential", "origin", "host"};
    napi_value texts[COUNT(NAMES)];
    napi_value session = NULL;
    napi_value user = NULL;
    napi_value source = NULL;
    napi_valuetype type = napi_undefined;
    *facts = (struct facts){.native = {.struct_size = sizeof facts->native}};
    if (!okay(env, napi_typeof(env, value, &type)))
        return false;
    if (type != napi_object)
        return refuse_type(env, "facts are an object");
    if (!member(env, value, "session", &session) || !member(env, value, "user", &user) ||
        !member(env, value, "source", &source))
        return false;
    for (size_t place = 0; place < COUNT(NAMES); place++)
        if (!member(env, value, NAMES[place], &texts[place]))
            return false;
    if ((!is_nothing(env, session) && !to_u64(env, session, &facts->native.session)) ||
        (!is_nothing(env, source) && !to_u32(env, source, &facts->native.source)) ||
        (!is_nothing(env, user) && !to_u32(env, user, &facts->native.user)))
        return false;
    facts->native.has_user = !is_nothing(env, user);
    for (size_t place = 0; place < COUNT(NAMES); place++) {
        struct bytes *text = &facts->texts[place];
        if (is_nothing(env, texts[place]))
            continue;
        if (!to_text(env, texts[place], text)) {
            facts_free(facts);
            return false;
        }
        if (text->data == NULL)
            text->data = (const uint8_t *)"";
    }
    facts->native.name = (const char *)facts->texts[0].data;
    facts->native.name_len = facts->texts[0].len;
    facts->native.address = (const char *)facts->texts[1].data;
    facts->native.address_len = facts->texts[1].len;
    facts->native.credential = (const char *)facts->texts[2].data;
    facts->native.credential_len = facts->texts[2].len;
    facts->native.origin = (const char *)facts->texts[3].data;
    facts->native.origin_len = facts->texts[3].len;
    facts->native.host = (const char *)facts->texts[4].data;
    facts->native.host_len = facts->texts[4].len;
    return true;
}

/* readCredential(source, text, name | undefined): the token as bytes, or null. */
static napi_value credential_read(napi_env env, napi_callback_info info)
{
    struct call call;
    uint32_t source = 0;
    struct bytes text = {0};
    struct bytes name = {0};
    char token[CREDENTIAL_BYTES];
    size_t len = 0;
    NEED(call_info(env, info, &call) && to_u32(env, call.arguments[0], &source));
    NEED(to_text(env, call.arguments[1], &text));
    if (!is_nothing(env, call.arguments[2]) && !to_text(env, call.arguments[2], &name)) {
        bytes_free(&text);
        return NULL;
    }
    uint32_t status = portcullis_credential_read(source, text.data, text.len,
                                                 (const char *)name.data, name.len, token,
                                                 sizeof token, &len);
    bytes_free(&text);
    bytes_free(&name);
    NEED(done(env, status));
    return len == 0 ? null_value(env) : from_bytes(env, token, len);
}

bool facts_define(napi_env env, struct addon *addon, napi_value exports)
{
    const napi_property_descriptor functions[] = {METHOD("readCredential", credential_read)};
    return okay(env, napi_define_properties(env, exports, COUNT(functions), functions));
}
