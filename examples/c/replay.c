/*
 * replay POLICY.json TRANSCRIPT FOLDER: feeds what two peers said to an engine, and writes what each
 * receiver got, and the events, to the files client, server, noise and events. Every host of this
 * library writes the same bytes.
 */
#include "transcript.h"

static portcullis_engine *engine;
static portcullis_ledger *ledger;
static FILE *files[3], *events;

static FILE *open_file(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file) perror(path), exit(2);
    return file;
}

static void write_label(const portcullis_label *label) {
    if (label->len == 0) fputc('-', events);
    for (uint32_t i = 0; i < label->len; i++) fprintf(events, "%02x", (unsigned char)label->text[i]);
    fputs(label->cut ? "~\t" : "\t", events);
}

static void write_event(const portcullis_event *event) {
    fprintf(events, "%s\t%s\t%s\t%s\t%d\t%llu\t", portcullis_event_kind_str(event->kind),
            portcullis_receiver_str(event->from), portcullis_message_str(event->message),
            event->reason ? portcullis_reason_str(event->reason) : "-", event->code,
            (unsigned long long)event->session);
    write_label(&event->server);
    write_label(&event->method);
    write_label(&event->tool);
    write_label(&event->rule);
    write_label(&event->check);
    fprintf(events, "%llu\t%llu\t%llu\t%016llx\t", (unsigned long long)event->bytes_in,
            (unsigned long long)event->bytes_out, (unsigned long long)event->count,
            (unsigned long long)event->id_digest);
    if (event->duration_ms == PORTCULLIS_NEVER) fputs("-\t", events);
    else fprintf(events, "%llu\t", (unsigned long long)event->duration_ms);
    fprintf(events, "%llu\t%llu\t%llu\n", (unsigned long long)event->ticket,
            (unsigned long long)event->time.monotonic_ms, (unsigned long long)event->time.wall_ms);
}

/* Takes all that leaves, and all events; says whether there was anything. */
static int drain(portcullis_time now) {
    int any = 0;
    for (int moved = 1; moved; any |= moved) {
        moved = 0;
        for (uint32_t to = PORTCULLIS_CLIENT; to <= PORTCULLIS_NOISE; to++) {
            const uint8_t *data;
            size_t len;
            for (;;) {
                check(portcullis_engine_send_ready(engine, to, &data, &len), "send_ready");
                if (len == 0) break;
                fwrite(data, 1, len, files[to]);
                check(portcullis_engine_send_commit(engine, ledger, to, len), "send_commit");
                moved = 1;
            }
        }
        for (;;) {
            portcullis_event event = {.struct_size = sizeof event};
            uint32_t found, known;
            check(portcullis_engine_next_event(engine, &event, &found), "next_event");
            if (!found) break;
            write_event(&event);
            uint32_t answer = event.ticket % 2 ? PORTCULLIS_ANSWER_APPROVED : PORTCULLIS_ANSWER_DENIED;
            if (event.ticket != 0)
                check(portcullis_engine_answer(engine, ledger, event.ticket, answer, now, &known), "answer");
            moved = 1;
        }
        if (moved) check(portcullis_engine_tick(engine, ledger, now), "tick");
    }
    return any;
}

static void receive(const record *said) {
    for (size_t at = 0; at < said->len;) {
        uint8_t *space;
        size_t room;
        check(portcullis_engine_recv_space(engine, said->side, &space, &room), "recv_space");
        if (room > said->len - at) room = said->len - at;
        memcpy(space, said->data + at, room);
        if (room > 0) check(portcullis_engine_recv_commit(engine, ledger, said->side, room, said->time), "commit");
        at += room;
        if (!drain(said->time) && room == 0) refuse("replay", "the lane stands");
    }
}

int main(int count, char **given) {
    if (count != 4) return fprintf(stderr, "usage: replay POLICY.json TRANSCRIPT FOLDER\n"), 2;
    size_t json_len, len, at = 0;
    char why[1024] = "";
    uint8_t *json = load(given[1], &json_len), *bytes = load(given[2], &len);
    const char *names[] = {"client", "server", "noise"};
    for (int to = 0; to < 3; to++) files[to] = open_file(given[3], names[to]);
    events = open_file(given[3], "events");

    portcullis_policy *policy;
    portcullis_time start = {0, WALL_MS_EPOCH * 1000000ull};
    if (portcullis_policy_new(PORTCULLIS_ABI, (char *)json, json_len, NULL, 0, why, sizeof why, &policy))
        refuse(given[1], why);
    check(portcullis_ledger_new(PORTCULLIS_ABI, &ledger), "ledger");
    check(portcullis_engine_new(PORTCULLIS_ABI, policy, NULL, PORTCULLIS_WANT_ALL, start, NULL, 0, &engine), "engine");
    check(portcullis_engine_facts(engine, PORTCULLIS_CLIENT, 7, "replay", 6), "facts");
    check(portcullis_engine_facts(engine, PORTCULLIS_SERVER, 7, "replay", 6), "facts");
    drain(start);
    for (record said; next_record(bytes, len, &at, &said); drain(said.time)) {
        if (said.kind == RECORD_RECV) receive(&said);
        else if (said.kind == RECORD_TICK) check(portcullis_engine_tick(engine, ledger, said.time), "tick");
        else check(portcullis_engine_recv_close(engine, ledger, said.side, said.time), "recv_close");
    }
    for (int to = 0; to < 3; to++) if (fclose(files[to])) refuse(names[to], "cannot be written");
    if (fclose(events)) refuse("events", "cannot be written");
    portcullis_engine_free(engine);
    portcullis_ledger_free(ledger);
    portcullis_policy_free(policy);
    free(json);
    free(bytes);
    return 0;
}
