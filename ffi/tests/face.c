/* Every function of the header at work, as a host uses it. */
#include <inttypes.h>

#include "support.h"

static const char PING[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";

static int names(const char *text, size_t len, const char *expected) {
    return len == strlen(expected) && memcmp(text, expected, len) == 0;
}

static void words(void) {
    CHECK(portcullis_abi() == PORTCULLIS_ABI);
    CHECK(strchr(portcullis_version(), '.') != NULL);
    CHECK(strcmp(portcullis_reason_str(PORTCULLIS_REASON_TOOL_DENIED), "tool_denied") == 0);
    CHECK(portcullis_reason_code(PORTCULLIS_REASON_AUTH_FAILED) == -32605);
    CHECK(strcmp(portcullis_reason_message(PORTCULLIS_REASON_AUTH_REQUIRED), "authentication required") == 0);
    CHECK(portcullis_reason_code(9999) == 0);
    CHECK(strcmp(portcullis_reason_str(9999), "unknown") == 0);
    CHECK(strcmp(portcullis_reason_message(0), "unknown") == 0);
    CHECK(strcmp(portcullis_receiver_str(PORTCULLIS_NOISE), "noise") == 0);
    CHECK(strcmp(portcullis_event_kind_str(PORTCULLIS_EVENT_LIFECYCLE), "lifecycle") == 0);
    CHECK(strcmp(portcullis_message_str(PORTCULLIS_MESSAGE_BATCH), "batch") == 0);
    CHECK(strcmp(portcullis_wake_str(PORTCULLIS_WAKE_FRAME), "frame") == 0);
    CHECK(strcmp(portcullis_stall_str(PORTCULLIS_STALL_ENDED), "ended") == 0);
    CHECK(strcmp(portcullis_action_str(PORTCULLIS_ACTION_SEAL), "seal") == 0);
    CHECK(strcmp(portcullis_severity_str(PORTCULLIS_SEVERITY_CRITICAL), "critical") == 0);
    CHECK(strcmp(portcullis_group_str(PORTCULLIS_GROUP_PERSONAL), "pii") == 0);
    CHECK(strcmp(portcullis_rule_kind_str(PORTCULLIS_RULE_GLOB), "glob") == 0);
    CHECK(strcmp(portcullis_unseen_kind_str(PORTCULLIS_UNSEEN_ANSI), "ansi") == 0);
    CHECK(strcmp(portcullis_status_str(PORTCULLIS_STATUS_OK), "done") == 0);
    CHECK(strcmp(portcullis_status_str(12345), "an unknown status") == 0);
}

static void a_session(void) {
    portcullis_policy *policy = policy_of("{\"tools\": {\"deny\": [\"rm\"], \"ask\": [\"deploy\"]}}");
    portcullis_engine *engine = engine_of(policy, PORTCULLIS_WANT_ALL);
    portcullis_ledger *ledger = NULL;
    OK(portcullis_ledger_new(PORTCULLIS_ABI, &ledger));
    portcullis_policy_free(policy); /* the engine keeps what it needs */

    OK(portcullis_engine_facts(engine, PORTCULLIS_CLIENT, 42, "me", 2));
    OK(portcullis_engine_facts(engine, PORTCULLIS_SERVER, 42, "files", 5));
    say(engine, ledger, PORTCULLIS_CLIENT, "{\"jsonrpc\":\"2.0\",\"auth_token\":\"x\",\"id\":1,\"method\":\"ping\"}\n");
    CHECK(strcmp(heard(engine, ledger, PORTCULLIS_SERVER), PING) == 0);
    say(engine, ledger, PORTCULLIS_SERVER, "hello\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n");
    CHECK(strcmp(heard(engine, ledger, PORTCULLIS_CLIENT), "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n") == 0);
    CHECK(strcmp(heard(engine, ledger, PORTCULLIS_NOISE), "hello\n") == 0);

    say(engine, ledger, PORTCULLIS_CLIENT,
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"rm\"}}\n");
    CHECK(strstr(heard(engine, ledger, PORTCULLIS_CLIENT), "tool_denied") != NULL);

    uint64_t ticket = 0;
    uint32_t found = 1, known = 0, seen = 0;
    say(engine, ledger, PORTCULLIS_CLIENT,
        "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/call\",\"params\":{\"name\":\"deploy\"}}\n");
    CHECK(strcmp(heard(engine, ledger, PORTCULLIS_SERVER), "") == 0);
    while (found) {
        portcullis_event event;
        memset(&event, 0xAA, sizeof event);
        event.struct_size = sizeof event;
        OK(portcullis_engine_next_event(engine, &event, &found));
        if (!found) {
            CHECK(event.kind == 0xAAAAAAAA);
            break;
        }
        CHECK(event.session == 42 || event.reason == PORTCULLIS_REASON_INTRODUCED);
        if (event.kind == PORTCULLIS_EVENT_REFUSED) {
            CHECK(event.reason == PORTCULLIS_REASON_TOOL_DENIED && event.code == -31600);
            CHECK(strcmp(event.tool.text, "rm") == 0 && event.tool.len == 2 && event.tool.cut == 0);
            CHECK(strcmp(event.server.text, "files") == 0 && event.from == PORTCULLIS_CLIENT);
            CHECK(event.duration_ms == PORTCULLIS_NEVER && event.ticket == 0 && event.bytes_out == 0);
        }
        if (event.ticket != 0) ticket = event.ticket;
        seen++;
    }
    CHECK(seen == 7 && ticket == 1);
    uint64_t due = 0;
    uint32_t wake = 0, stall = 9, finished = 9;
    OK(portcullis_engine_deadline(engine, &due, &wake));
    CHECK(due == 45000 && wake == PORTCULLIS_WAKE_TICKET);
    OK(portcullis_engine_answer(engine, ledger, ticket, PORTCULLIS_ANSWER_APPROVED, at(5), &known));
    CHECK(known == 1);
    OK(portcullis_engine_answer(engine, ledger, ticket, PORTCULLIS_ANSWER_APPROVED, at(5), &known));
    CHECK(known == 0);
    CHECK(strstr(heard(engine, ledger, PORTCULLIS_SERVER), "deploy") != NULL);

    portcullis_policy *other = policy_of("");
    OK(portcullis_engine_swap_policy(engine, other));
    portcullis_policy_free(other);
    say(engine, ledger, PORTCULLIS_CLIENT,
        "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/call\",\"params\":{\"name\":\"rm\"}}\n");
    CHECK(strstr(heard(engine, ledger, PORTCULLIS_SERVER), "\"rm\"") != NULL);

    OK(portcullis_engine_begin_drain(engine, at(6), 100));
    size_t taken = 0;
    OK(portcullis_engine_recv_copy(engine, ledger, PORTCULLIS_CLIENT, (const uint8_t *)PING, sizeof PING - 1, at(6), &taken));
    CHECK(taken == sizeof PING - 1);
    CHECK(strstr(heard(engine, ledger, PORTCULLIS_CLIENT), "draining") != NULL);
    OK(portcullis_engine_tick(engine, ledger, at(100)));
    CHECK(strstr(heard(engine, ledger, PORTCULLIS_CLIENT), "draining") != NULL);
    OK(portcullis_engine_recv_close(engine, ledger, PORTCULLIS_CLIENT, at(101)));
    OK(portcullis_engine_recv_close(engine, ledger, PORTCULLIS_SERVER, at(101)));
    heard(engine, ledger, PORTCULLIS_CLIENT);
    OK(portcullis_engine_is_finished(engine, &finished));
    CHECK(finished == 1);
    OK(portcullis_engine_stalled(engine, PORTCULLIS_CLIENT, &stall));
    CHECK(stall == PORTCULLIS_STALL_ENDED);

    portcullis_metrics metrics = {.struct_size = sizeof metrics};
    OK(portcullis_engine_metrics(engine, &metrics));
    CHECK(metrics.frames[PORTCULLIS_CLIENT] == 5 && metrics.frames[PORTCULLIS_SERVER] == 2);
    CHECK(metrics.noise_bytes == 6 && metrics.memory_bytes > 0);
    portcullis_ledger_counts counts = {.struct_size = sizeof counts};
    OK(portcullis_ledger_count(ledger, &counts));
    CHECK(counts.frames == 7 && counts.refused >= 3 && counts.requests_open == 0);
    uint64_t refusals = 0;
    OK(portcullis_ledger_refusals(ledger, PORTCULLIS_REASON_TOOL_DENIED, &refusals));
    CHECK(refusals == 1);
    OK(portcullis_ledger_refusals(ledger, PORTCULLIS_REASON_NOT_JSON, &refusals));
    CHECK(refusals == 0);
    portcullis_engine_free(engine);
    portcullis_ledger_free(ledger);
}

static void a_policy(void) {
    portcullis_policy *policy = policy_of(
        "{\"redaction\": {\"patterns\": [{\"name\": \"bad\", \"pattern\": \"(\"},"
        "{\"name\": \"mine\", \"pattern\": \"MINE-[0-9]{8}\", \"replacement\": \"<\\\">\"}]}}");
    size_t count = 0;
    portcullis_fault fault = {.struct_size = sizeof fault};
    OK(portcullis_policy_fault_count(policy, &count));
    CHECK(count == 1);
    OK(portcullis_policy_fault(policy, 0, &fault));
    CHECK(fault.index == 0 && names(fault.name, fault.name_len, "bad") && fault.reason_len > 0);
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_NUMBER, portcullis_policy_fault(policy, 1, &fault));
    OK(portcullis_policy_rule_count(policy, &count));
    CHECK(count > 400);
    portcullis_rule rule = {.struct_size = sizeof rule};
    OK(portcullis_policy_rule(policy, count - 1, &rule));
    CHECK(names(rule.name, rule.name_len, "mine") && names(rule.provider, rule.provider_len, "custom"));
    CHECK(rule.custom == 1 && rule.kind == PORTCULLIS_RULE_REGEX && rule.action == PORTCULLIS_ACTION_REDACT);
    CHECK(names(rule.replacement, rule.replacement_len, "<\">"));
    CHECK(names(rule.replacement_json, rule.replacement_json_len, "<\\\">"));
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_NUMBER, portcullis_policy_rule(policy, count, &rule));
    portcullis_policy_free(policy);

    policy = policy_of("{\"redaction\": {\"enabled\": false}}");
    OK(portcullis_policy_rule_count(policy, &count));
    CHECK(count == 0);
    portcullis_policy_free(policy);

    const uint8_t key[32] = {1, 2, 3};
    const char seals[] = "{\"redaction\": {\"groups\": {\"secrets\": \"seal\"}}}";
    char why[256] = "";
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_CONFIG,
                 portcullis_policy_new(PORTCULLIS_ABI, seals, sizeof seals - 1, NULL, 0, why, sizeof why, &policy));
    CHECK(strstr(why, "32 random bytes") != NULL);
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_CONFIG,
                 portcullis_policy_new(PORTCULLIS_ABI, seals, sizeof seals - 1, key, 31, why, sizeof why, &policy));
    OK(portcullis_policy_new(PORTCULLIS_ABI, seals, sizeof seals - 1, key, 32, NULL, 0, &policy));
    portcullis_policy_free(policy);
}

static void texts(void) {
    portcullis_policy *policy = policy_of("");
    portcullis_finder *finder = NULL;
    portcullis_redactor *redactor = NULL;
    OK(portcullis_finder_new(PORTCULLIS_ABI, policy, &finder));
    OK(portcullis_redactor_new(PORTCULLIS_ABI, policy, &redactor));
    portcullis_policy_free(policy);

    const char *example = NULL;
    size_t len = 0, start = 0, end = 0, count = 0;
    char line[4096];
    OK(portcullis_finder_example(finder, 0, 7, &example, &len, &start, &end));
    CHECK(start < end && end <= len && len < sizeof line - 1);
    memcpy(line, example, len);
    line[len] = '\n';
    OK(portcullis_finder_find(finder, NULL, 0, (uint8_t *)line, len, &count));
    CHECK(count == 1);
    portcullis_match found = {.struct_size = sizeof found};
    OK(portcullis_finder_match(finder, 0, &found));
    CHECK(found.start == start && found.end == end && found.rule == 0 && found.plain == 1);
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_NUMBER, portcullis_finder_match(finder, 1, &found));
    OK(portcullis_finder_find(finder, "password", 8, (const uint8_t *)"Corr3ct-Horse!", 14, &count));
    CHECK(count == 1);
    OK(portcullis_finder_find(finder, "title", 5, (const uint8_t *)"Corr3ct-Horse!", 14, &count));
    CHECK(count == 0);

    portcullis_unseen unseen = {.struct_size = sizeof unseen};
    OK(portcullis_finder_find_unseen(finder, (const uint8_t *)"a\xE2\x80\x8B" "b", 5, &count));
    CHECK(count == 1);
    OK(portcullis_finder_unseen(finder, 0, &unseen));
    CHECK(unseen.kind == PORTCULLIS_UNSEEN_ZERO_WIDTH && unseen.start == 1 && unseen.end == 4);

    const uint8_t *out = NULL;
    OK(portcullis_redactor_push(redactor, (uint8_t *)line, len, &out, &count));
    CHECK(count == 0);
    OK(portcullis_redactor_push(redactor, (uint8_t *)line + len, 1, &out, &count));
    CHECK(count > 0 && memcmp(out + start, "[REDACTED:", 10) == 0 && out[count - 1] == '\n');
    OK(portcullis_redactor_push(redactor, (const uint8_t *)"the rest", 8, &out, &count));
    OK(portcullis_redactor_finish(redactor, &out, &count));
    CHECK(names((const char *)out, count, "the rest"));
    portcullis_redactor_free(redactor);
    portcullis_finder_free(finder);
}

static void the_rest(void) {
    char line[513];
    size_t len = 0;
    OK(portcullis_notice(PORTCULLIS_REASON_TOO_MANY_SESSIONS, line, sizeof line, &len));
    CHECK(len > 2 && line[len - 1] == '\n' && memcmp(line, "{\"jsonrpc\"", 10) == 0);
    for (uint32_t reason = 0; reason < 256; reason++) { /* a reason has a line if it has a code */
        const int32_t code = portcullis_reason_code(reason);
        char expected[64];
        snprintf(expected, sizeof expected, "\"code\":%" PRId32 ",", code);
        memset(line, 0, sizeof line);
        CHECK_STATUS(code == 0 ? PORTCULLIS_STATUS_BAD_NUMBER : PORTCULLIS_STATUS_OK,
                     portcullis_notice(reason, line, sizeof line - 1, &len));
        CHECK((strstr(line, expected) != NULL) == (code != 0));
        CHECK((strstr(line, portcullis_reason_str(reason)) != NULL) == (code != 0));
    }
    portcullis_limits limits = {.struct_size = sizeof limits};
    OK(portcullis_limits_default(&limits));
    CHECK(limits.frame_bytes_max[0] == 16u << 20 && limits.ticket_ms == 45000);
    uint64_t most = 0, less = 0;
    OK(portcullis_limits_memory_max(&limits, &most));
    limits.frame_bytes_max[0] = limits.frame_bytes_max[1] = 4096;
    OK(portcullis_limits_memory_max(&limits, &less));
    CHECK(less < most);
    limits.tickets_max = 0;
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_CONFIG, portcullis_limits_memory_max(&limits, &less));
}

int main(void) {
    words();
    a_session();
    a_policy();
    texts();
    the_rest();
    puts("face: all functions do their work");
    return 0;
}
