/*
 * Transcripts: what two peers said and when, one record after another.
 *
 *   recv SIDE MONOTONIC_MS LENGTH\n and so many bytes and \n
 *   close SIDE MONOTONIC_MS\n
 *   tick MONOTONIC_MS\n
 *
 * SIDE is `client` or `server`.
 */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "portcullis.h"

enum { WALL_MS_EPOCH = 1795000 }; /* times a million: 2026-11-18 */

typedef struct {
    enum { RECORD_RECV, RECORD_CLOSE, RECORD_TICK } kind;
    uint32_t side;
    portcullis_time time;
    const uint8_t *data;
    size_t len;
} record;

static inline void refuse(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(2);
}

static inline void check(uint32_t status, const char *what) {
    if (status != PORTCULLIS_STATUS_OK) refuse(what, portcullis_status_str(status));
}

/* The whole of a file, with a NUL behind it. */
static inline uint8_t *load(const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    if (!file) perror(path), exit(2);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    uint8_t *bytes = size < 0 ? NULL : malloc((size_t)size + 1);
    if (!bytes || fread(bytes, 1, (size_t)size, file) != (size_t)size) refuse(path, "cannot be read");
    fclose(file);
    bytes[size] = 0;
    *len = (size_t)size;
    return bytes;
}

static inline uint32_t side_of(const char *word) {
    if (strcmp(word, "client") == 0) return PORTCULLIS_CLIENT;
    if (strcmp(word, "server") == 0) return PORTCULLIS_SERVER;
    refuse("transcript: no such side", word);
    return 0;
}

/* Takes the record at *at; 0 behind the last one. */
static inline int next_record(const uint8_t *bytes, size_t len, size_t *at, record *found) {
    if (*at == len) return 0;
    const char *line = (const char *)bytes + *at;
    const uint8_t *end = memchr(line, '\n', len - *at);
    char word[16] = "", side[16] = "";
    unsigned long long monotonic = 0, size = 0;
    if (!end) refuse("transcript", "the last line has no end");
    if (sscanf(line, "%15s", word) != 1) refuse("transcript", "a record has no name");
    *at = (size_t)(end + 1 - bytes);
    *found = (record){.kind = RECORD_TICK};
    if (strcmp(word, "recv") == 0 && sscanf(line, "recv %15s %llu %llu", side, &monotonic, &size) == 3) {
        if (size >= len - *at || bytes[*at + size] != '\n') refuse("transcript", "a record has no end");
        found->kind = RECORD_RECV;
        found->data = bytes + *at;
        found->len = (size_t)size;
        *at += (size_t)size + 1;
    } else if (strcmp(word, "close") == 0 && sscanf(line, "close %15s %llu", side, &monotonic) == 2) {
        found->kind = RECORD_CLOSE;
    } else if (strcmp(word, "tick") != 0 || sscanf(line, "tick %llu", &monotonic) != 1) {
        refuse("transcript: no such record", word);
    }
    if (found->kind != RECORD_TICK) found->side = side_of(side);
    found->time = (portcullis_time){monotonic, WALL_MS_EPOCH * 1000000ull + monotonic};
    return 1;
}

#endif
