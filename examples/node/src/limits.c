/*
 * Limits: a struct of C as an object of JavaScript. Names are the same in camelCase.
 */

#include <stddef.h>

#include "addon.h"

enum width { U32, U32_PAIR, U64 };

struct field {
    const char *name;
    enum width width;
    size_t offset;
};

#define FIELD(name, width, member) {name, width, offsetof(struct portcullis_limits, member)}

static const struct field FIELDS[] = {
    FIELD("frameBytesMax", U32_PAIR, frame_bytes_max),
    FIELD("frameDepthMax", U32, frame_depth_max),
    FIELD("idBytesMax", U32, id_bytes_max),
    FIELD("membersMax", U32, members_max),
    FIELD("requestsOpenMax", U32, requests_open_max),
    FIELD("answersOwedMax", U32, answers_owed_max),
    FIELD("batchWindow", U32, batch_window),
    FIELD("batchesMax", U32, batches_max),
    FIELD("ticketsMax", U32, tickets_max),
    FIELD("eventsMax", U32, events_max),
    FIELD("refusedInARowMax", U32, refused_in_a_row_max),
    FIELD("idsTakenMax", U32, ids_taken_max),
    FIELD("listensMax", U32, listens_max),
    FIELD("sealsMax", U32, seals_max),
    FIELD("frameMsMax", U64, frame_ms_max),
    FIELD("ticketMs", U64, ticket_ms),
    FIELD("idTakenMs", U64, id_taken_ms),
};

static const struct field *field_by_name(napi_env env, napi_value key)
{
    char name[32];
    size_t len = 0;
    NEED(okay(env, napi_get_value_string_utf8(env, key, name, sizeof name, &len)));
    for (size_t place = 0; place < COUNT(FIELDS); place++)
        if (strcmp(FIELDS[place].name, name) == 0)
            return &FIELDS[place];
    refuse_type(env, "no limit has this name; limitsDefault() shows them all");
    return NULL;
}

static bool read_field(napi_env env, napi_value value, const struct field *field, char *place)
{
    uint64_t wide = 0;
    uint32_t pair[2];
    switch (field->width) {
    case U64:
        if (!to_u64(env, value, &wide))
            return false;
        memcpy(place, &wide, sizeof wide);
        return true;
    case U32:
        if (!to_u32(env, value, pair))
            return false;
        memcpy(place, pair, sizeof *pair);
        return true;
    case U32_PAIR:
        for (uint32_t side = 0; side < 2; side++) {
            napi_value element = NULL;
            if (!okay(env, napi_get_element(env, value, side, &element)) ||
                !to_u32(env, element, &pair[side]))
                return false;
        }
        memcpy(place, pair, sizeof pair);
        return true;
    }
    return false;
}

/* The defaults, and in place of them what an object says. A name that is none is refused. */
bool to_limits(napi_env env, napi_value value, struct portcullis_limits *limits)
{
    *limits = (struct portcullis_limits){.struct_size = sizeof *limits};
    if (!done(env, portcullis_limits_default(limits)))
        return false;
    if (is_nothing(env, value))
        return true;
    napi_value keys = NULL;
    uint32_t count = 0;
    if (!okay(env, napi_get_property_names(env, value, &keys)) ||
        !okay(env, napi_get_array_length(env, keys, &count)))
        return false;
    for (uint32_t place = 0; place < count; place++) {
        napi_value key = NULL;
        napi_value given = NULL;
        if (!okay(env, napi_get_element(env, keys, place, &key)))
            return false;
        const struct field *field = field_by_name(env, key);
        if (field == NULL || !okay(env, napi_get_property(env, value, key, &given)))
            return false;
        if (!is_nothing(env, given) &&
            !read_field(env, given, field, (char *)limits + field->offset))
            return false;
    }
    return true;
}

napi_value from_limits(napi_env env, const struct portcullis_limits *limits)
{
    napi_value object = NULL;
    NEED(okay(env, napi_create_object(env, &object)));
    for (size_t place = 0; place < COUNT(FIELDS); place++) {
        const struct field *field = &FIELDS[place];
        const char *from = (const char *)limits + field->offset;
        uint64_t wide = 0;
        uint32_t pair[2] = {0};
        napi_value value = NULL;
        memcpy(field->width == U64 ? (void *)&wide : (void *)pair, from,
               field->width == U32 ? sizeof *pair : sizeof wide);
        if (field->width == U32_PAIR) {
            NEED(okay(env, napi_create_array_with_length(env, 2, &value)));
            for (uint32_t side = 0; side < 2; side++) {
                napi_value number = from_number(env, pair[side]);
                NEED(number != NULL && okay(env, napi_set_element(env, value, side, number)));
            }
        } else {
            value = from_number(env, field->width == U64 ? (double)wide : pair[0]);
        }
        NEED(put(env, object, field->name, value));
    }
    return object;
}
