/*
 * What the parts of the addon share. It binds portcullis.h to Node-API, one method a call, and
 * decides nothing. There are no globals: what lives as long as an environment (the main thread, a
 * worker) is in `struct addon`.
 *
 * Bytes are copied in both directions. No memory of the library is ever seen from JavaScript, since
 * some hosts refuse external buffers, and since a loan ends with the next call.
 *
 * ORDER. Reading a property of an object may run script, and script may close a handle or detach a
 * buffer. So each method reads objects first, and looks up handles and bytes last.
 */

#ifndef PORTCULLIS_ADDON_H
#define PORTCULLIS_ADDON_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "portcullis.h"

/* The classes. Each has a type tag of its own, so that a wrong `this` is a TypeError. */
enum kind {
    KIND_POLICY,
    KIND_LEDGER,
    KIND_ENGINE,
    KIND_FINDER,
    KIND_REDACTOR,
    KIND_GUARD,
    KIND_COUNT
};

/* Of one environment. It is freed with the last of its handles, or with the environment. */
struct addon {
    size_t refs;
    size_t live;
};

/* What an object of ours wraps. */
struct handle {
    struct addon *addon;
    enum kind kind;
    bool closed;
    /* The object itself, and for a ledger the engines that count in it. */
    size_t refs;
    /* The library's handle; NULL once it was freed. */
    void *native;
    /* An engine's ledger, which outlives it. */
    struct handle *ledger;
    /* So many bytes were told to the garbage collector. */
    int64_t told;
};

/* Bytes of a caller, for as long as no script runs. */
struct bytes {
    const uint8_t *data;
    size_t len;
    /* Ours to free, where a string had to be spelled out. */
    char *made;
};

enum { ARGUMENTS_MAX = 9, WHY_BYTES = 1024 };

/* A call: its arguments, those that were left out being undefined. */
struct call {
    napi_value self;
    napi_value arguments[ARGUMENTS_MAX];
    struct addon *addon;
};

/* The functions below throw and give false or NULL if they fail. */
#define NEED(condition)  \
    do {                 \
        if (!(condition)) \
            return NULL; \
    } while (0)

bool okay(napi_env env, napi_status status);
bool done(napi_env env, uint32_t status);
bool refuse(napi_env env, const char *code, const char *message);
bool refuse_type(napi_env env, const char *message);

bool call_info(napi_env env, napi_callback_info info, struct call *call);
bool is_nothing(napi_env env, napi_value value);
bool to_u32(napi_env env, napi_value value, uint32_t *number);
bool to_u64(napi_env env, napi_value value, uint64_t *number);
bool to_time(napi_env env, const struct call *call, size_t at, struct portcullis_time *time);
bool to_bytes(napi_env env, napi_value value, struct bytes *bytes);
bool to_text(napi_env env, napi_value value, struct bytes *bytes);
void bytes_free(struct bytes *bytes);
bool to_limits(napi_env env, napi_value value, struct portcullis_limits *limits);

napi_value from_number(napi_env env, double number);
napi_value from_bool(napi_env env, bool flag);
napi_value from_text(napi_env env, const char *text, size_t len);
napi_value from_bytes(napi_env env, const void *data, size_t len);
napi_value from_limits(napi_env env, const struct portcullis_limits *limits);
napi_value null_value(napi_env env);
napi_value undefined_value(napi_env env);

bool put(napi_env env, napi_value object, const char *name, napi_value value);
bool put_number(napi_env env, napi_value object, const char *name, double number);
bool put_big(napi_env env, napi_value object, const char *name, uint64_t number);
bool put_bool(napi_env env, napi_value object, const char *name, bool flag);
bool put_text(napi_env env, napi_value object, const char *name, const char *text, size_t len);

/* Facts of a peer as the library takes them; the texts are theirs. */
struct facts {
    portcullis_facts native;
    struct bytes texts[5];
};

bool to_facts(napi_env env, napi_value value, struct facts *facts);
void facts_free(struct facts *facts);

bool must_construct(napi_env env, napi_callback_info info);
napi_value adopt(napi_env env, const struct call *call, enum kind kind, void *native,
                 struct handle *ledger);
struct handle *unwrap(napi_env env, napi_value value, enum kind kind);
napi_value method_close(napi_env env, napi_callback_info info);
void tell_memory(napi_env env, struct handle *handle, uint64_t bytes);

bool policy_define(napi_env env, struct addon *addon, napi_value exports);
bool ledger_define(napi_env env, struct addon *addon, napi_value exports);
bool engine_define(napi_env env, struct addon *addon, napi_value exports);
bool finder_define(napi_env env, struct addon *addon, napi_value exports);
bool redactor_define(napi_env env, struct addon *addon, napi_value exports);
bool guard_define(napi_env env, struct addon *addon, napi_value exports);
bool facts_define(napi_env env, struct addon *addon, napi_value exports);
bool constants_define(napi_env env, napi_value exports);
bool class_define(napi_env env, struct addon *addon, napi_value exports, const char *name,
                  napi_callback constructor, size_t count,
                  const napi_property_descriptor *methods);

#define METHOD(name, function) {name, NULL, function, NULL, NULL, NULL, napi_default_method, addon}
#define COUNT(array) (sizeof(array) / sizeof *(array))

#endif
