/*
 * Guards: what URLs, paths, clients and their pages may be. A verdict is an object; only a wrong call
 * throws.
 */

#include "addon.h"

/* Enough for the host of a plain URL, and for the headers of most configurations. */
enum { HOST_BYTES = 256, HEADER_BYTES = 2 << 10, GROWN_BYTES = 1 << 20 };

/* new NetGuard(json | undefined, policy | undefined) */
static napi_value guard_new(napi_env env, napi_callback_info info)
{
    struct call call;
    struct bytes json = {0};
    portcullis_guard *guard = NULL;
    NEED(call_info(env, info, &call) && must_construct(env, info));
    if (!is_nothing(env, call.arguments[1])) {
        struct handle *policy = unwrap(env, call.arguments[1], KIND_POLICY);
        NEED(policy != NULL && done(env, portcullis_guard_of(PORTCULLIS_ABI, policy->native, &guard)));
        return adopt(env, &call, KIND_GUARD, guard, NULL);
    }
    if (!is_nothing(env, call.arguments[0]))
        NEED(to_text(env, call.arguments[0], &json));
    char why[WHY_BYTES];
    uint32_t status = portcullis_guard_new(PORTCULLIS_ABI, (const char *)json.data, json.len, why,
                                           sizeof why, &guard);
    bytes_free(&json);
    if (status == PORTCULLIS_STATUS_BAD_CONFIG)
        NEED(refuse(env, "ERR_PORTCULLIS_BAD_CONFIG", why));
    NEED(done(env, status));
    return adopt(env, &call, KIND_GUARD, guard, NULL);
}

static bool put_word(napi_env env, napi_value object, const char *name, const char *text)
{
    napi_value value = text == NULL ? null_value(env) : from_text(env, text, NAPI_AUTO_LENGTH);
    return put(env, object, name, value);
}

static napi_value verdict_object(napi_env env, const portcullis_verdict *verdict)
{
    napi_value object = NULL;
    NEED(okay(env, napi_create_object(env, &object)));
    NEED(put_bool(env, object, "allowed", verdict->allowed != 0) &&
         put_word(env, object, "rule", verdict->rule) &&
         put_word(env, object, "why", verdict->why));
    return object;
}

static bool to_bool(napi_env env, napi_value value, bool *flag)
{
    return napi_get_value_bool(env, value, flag) == napi_ok ||
           refuse_type(env, "a boolean is wanted");
}

/* A text, or for nothing at all a NULL. */
static bool to_header(napi_env env, napi_value value, struct bytes *bytes)
{
    *bytes = (struct bytes){0};
    if (is_nothing(env, value))
        return true;
    if (!to_text(env, value, bytes))
        return false;
    if (bytes->data == NULL)
        bytes->data = (const uint8_t *)"";
    return true;
}

/* A check of one text. */
static napi_value check(napi_env env, napi_callback_info info,
                        bool (*to)(napi_env, napi_value, struct bytes *),
                        uint32_t (*of)(const portcullis_guard *, const char *, size_t,
                                       portcullis_verdict *))
{
    struct call call;
    struct bytes text = {0};
    portcullis_verdict verdict = {.struct_size = sizeof verdict};
    NEED(call_info(env, info, &call));
    struct handle *handle = unwrap(env, call.self, KIND_GUARD);
    NEED(handle != NULL && to(env, call.arguments[0], &text));
    uint32_t status = of(handle->native, (const char *)text.data, text.len, &verdict);
    bytes_free(&text);
    NEED(done(env, status));
    return verdict_object(env, &verdict);
}

#define CHECK(name, to, of)                                       \
    static napi_value name(napi_env env, napi_callback_info info) \
    {                                                             \
        return check(env, info, to, of);                          \
    }

CHECK(check_upstream, to_text, portcullis_guard_check_upstream)
CHECK(check_addresses, to_text, portcullis_guard_check_addresses)
CHECK(check_path, to_text, portcullis_guard_check_path)
CHECK(check_resolved, to_text, portcullis_guard_check_resolved)
CHECK(check_origin, to_header, portcullis_guard_check_origin)
CHECK(check_host, to_header, portcullis_guard_check_host)

/* checkUrl(url): a verdict with `host` and `hostKind`. */
static napi_value check_url(napi_env env, napi_callback_info info)
{
    struct call call;
    struct bytes url = {0};
    portcullis_verdict verdict = {.struct_size = sizeof verdict};
    uint32_t kind = 0;
    size_t len = 0;
    char small[HOST_BYTES];
    char *host = small;
    NEED(call_info(env, info, &call));
    struct handle *handle = unwrap(env, call.self, KIND_GUARD);
    NEED(handle != NULL && to_text(env, call.arguments[0], &url));
    uint32_t status = portcullis_guard_check_url(handle->native, (const char *)url.data, url.len, host,
                                                 sizeof small, &len, &kind, &verdict);
    /* Only with `loose_syntax`: a long host, which may be longer in ASCII than it is spelled. */
    if (status == PORTCULLIS_STATUS_TOO_SMALL && (host = malloc(8 * url.len)) != NULL)
        status = portcullis_guard_check_url(handle->native, (const char *)url.data, url.len, host,
                                            8 * url.len, &len, &kind, &verdict);
    bytes_free(&url);
    napi_value object = NULL;
    if (done(env, status) && (object = verdict_object(env, &verdict)) != NULL &&
        !(put_number(env, object, "hostKind", kind) && put_text(env, object, "host", host, len)))
        object = NULL;
    if (host != small)
        free(host);
    return object;
}

/* checkIp(text, wallMs) */
static napi_value check_ip(napi_env env, napi_callback_info info)
{
    struct call call;
    struct bytes text = {0};
    uint64_t wall_ms = 0;
    portcullis_verdict verdict = {.struct_size = sizeof verdict};
    NEED(call_info(env, info, &call) && to_u64(env, call.arguments[1], &wall_ms));
    struct handle *handle = unwrap(env, call.self, KIND_GUARD);
    NEED(handle != NULL && to_text(env, call.arguments[0], &text));
    uint32_t status = portcullis_guard_check_ip(handle->native, (const char *)text.data, text.len,
                                                wall_ms, &verdict);
    bytes_free(&text);
    NEED(done(env, status));
    return verdict_object(env, &verdict);
}

/* clientAddress(peer, forwardedFor | undefined) */
static napi_value client_address(napi_env env, napi_callback_info info)
{
    struct call call;
    struct bytes peer = {0};
    struct bytes values = {0};
    char text[64];
    size_t len = 0;
    NEED(call_info(env, info, &call));
    struct handle *handle = unwrap(env, call.self, KIND_GUARD);
    NEED(handle != NULL && to_header(env, call.arguments[1], &values));
    if (!to_text(env, call.arguments[0], &peer)) {
        bytes_free(&values);
        return NULL;
    }
    uint32_t status = portcullis_guard_client_address(
        handle->native, (const char *)peer.data, peer.len, (const char *)values.data, values.len, text,
        sizeof text, &len);
    bytes_free(&peer);
    bytes_free(&values);
    NEED(done(env, status));
    return from_text(env, text, len);
}

/* Headers as the library writes them. The text is the caller's to free. */
struct headers {
    char *text;
    size_t len;
};

typedef uint32_t headers_call(void *asked, char *text, size_t capacity, size_t *len);

/* Calls with a buffer, and again with a larger one while that is too small. */
static uint32_t headers_of(struct headers *headers, headers_call *call, void *asked)
{
    uint32_t status = PORTCULLIS_STATUS_TOO_SMALL;
    for (size_t size = HEADER_BYTES;
         status == PORTCULLIS_STATUS_TOO_SMALL && size <= GROWN_BYTES; size *= 4) {
        free(headers->text);
        headers->text = malloc(size);
        if (headers->text == NULL)
            abort(); /* As the library does. */
        status = call(asked, headers->text, size, &headers->len);
    }
    return status;
}

/* Lines of HTTP/1.1, which the library wrote, as pairs of texts. */
static napi_value headers_list(napi_env env, const struct headers *headers)
{
    napi_value list = NULL;
    const char *at = headers->text;
    const char *end = headers->text + headers->len;
    NEED(okay(env, napi_create_array(env, &list)));
    for (uint32_t count = 0; at < end; count++) {
        const char *colon = memchr(at, ':', (size_t)(end - at));
        const char *line_end = memchr(at, '\r', (size_t)(end - at));
        napi_value pair = NULL;
        NEED(okay(env, napi_create_array_with_length(env, 2, &pair)));
        napi_value name = from_text(env, at, (size_t)(colon - at));
        napi_value value = from_text(env, colon + 2, (size_t)(line_end - colon - 2));
        NEED(name != NULL && value != NULL && okay(env, napi_set_element(env, pair, 0, name)) &&
             okay(env, napi_set_element(env, pair, 1, value)) &&
             okay(env, napi_set_element(env, list, count, pair)));
        at = line_end + 2;
    }
    return list;
}

struct cors {
    const portcullis_guard *guard;
    portcullis_cors_request request;
    portcullis_verdict verdict;
    uint32_t status;
};

static uint32_t cors_call(void *asked, char *text, size_t capacity, size_t *len)
{
    struct cors *cors = asked;
    return portcullis_guard_cors(cors->guard, &cors->request, text, capacity, len, &cors->status,
                                 &cors->verdict);
}

/* cors(method, origin, requestMethod, requestHeaders, privateNetwork): a verdict with `status` and
 * `headers`. */
static napi_value guard_cors(napi_env env, napi_callback_info info)
{
    struct call call;
    struct bytes texts[4] = {{0}};
    struct headers headers = {0};
    struct cors cors = {
        .request = {.struct_size = sizeof cors.request},
        .verdict = {.struct_size = sizeof cors.verdict},
    };
    bool is_good = false;
    napi_value object = NULL;
    NEED(call_info(env, info, &call));
    NEED(to_bool(env, call.arguments[4], &is_good));
    cors.request.private_network = is_good;
    struct handle *handle = unwrap(env, call.self, KIND_GUARD);
    NEED(handle != NULL);
    cors.guard = handle->native;
    is_good = to_text(env, call.arguments[0], &texts[0]);
    for (size_t place = 1; is_good && place < COUNT(texts); place++)
        is_good = to_header(env, call.arguments[place], &texts[place]);
    cors.request.method = (const char *)texts[0].data;
    cors.request.method_len = texts[0].len;
    cors.request.origin = (const char *)texts[1].data;
    cors.request.origin_len = texts[1].len;
    cors.request.request_method = (const char *)texts[2].data;
    cors.request.request_method_len = texts[2].len;
    cors.request.request_headers = (const char *)texts[3].data;
    cors.request.request_headers_len = texts[3].len;
    is_good = is_good && done(env, headers_of(&headers, cors_call, &cors));
    for (size_t place = 0; place < COUNT(texts); place++)
        bytes_free(&texts[place]);
    if (is_good && (object = verdict_object(env, &cors.verdict)) != NULL &&
        !(put_number(env, object, "status", cors.status) &&
          put(env, object, "headers", headers_list(env, &headers))))
        object = NULL;
    free(headers.text);
    return object;
}

struct tls {
    const portcullis_guard *guard;
    uint32_t tls;
};

static uint32_t tls_call(void *asked, char *text, size_t capacity, size_t *len)
{
    const struct tls *tls = asked;
    return portcullis_guard_headers(tls->guard, tls->tls, text, capacity, len);
}

/* headers(isTls): pairs of texts. */
static napi_value guard_headers(napi_env env, napi_callback_info info)
{
    struct call call;
    struct headers headers = {0};
    bool is_tls = false;
    NEED(call_info(env, info, &call));
    if (!is_nothing(env, call.arguments[0]))
        NEED(to_bool(env, call.arguments[0], &is_tls));
    struct handle *handle = unwrap(env, call.self, KIND_GUARD);
    NEED(handle != NULL);
    struct tls tls = {.guard = handle->native, .tls = is_tls};
    napi_value list = NULL;
    if (done(env, headers_of(&headers, tls_call, &tls)))
        list = headers_list(env, &headers);
    free(headers.text);
    return list;
}

/* addressClass(text) */
static napi_value address_class(napi_env env, napi_callback_info info)
{
    struct call call;
    struct bytes text = {0};
    uint32_t class = 0;
    NEED(call_info(env, info, &call) && to_text(env, call.arguments[0], &text));
    uint32_t status = portcullis_address_class((const char *)text.data, text.len, &class);
    bytes_free(&text);
    NEED(done(env, status));
    return from_number(env, class);
}

bool guard_define(napi_env env, struct addon *addon, napi_value exports)
{
    const napi_property_descriptor functions[] = {METHOD("addressClass", address_class)};
    const napi_property_descriptor methods[] = {
        METHOD("checkUrl", check_url),
        METHOD("checkUpstream", check_upstream),
        METHOD("checkAddresses", check_addresses),
        METHOD("checkPath", check_path),
        METHOD("checkResolved", check_resolved),
        METHOD("checkIp", check_ip),
        METHOD("checkOrigin", check_origin),
        METHOD("checkHost", check_host),
        METHOD("clientAddress", client_address),
        METHOD("cors", guard_cors),
        METHOD("headers", guard_headers),
        METHOD("close", method_close),
    };
    return okay(env, napi_define_properties(env, exports, COUNT(functions), functions)) &&
           class_define(env, addon, exports, "NetGuard", guard_new, COUNT(methods), methods);
}
