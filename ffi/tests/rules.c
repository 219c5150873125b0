/*
 * Rules, what a finder finds by them, and what a redactor lends.
 */
#include "support.h"

static int is_text(const char *text, size_t len, const char *expected) {
    return len == strlen(expected) && memcmp(text, expected, len) == 0;
}

static portcullis_rule rule_of(const portcullis_policy *policy, size_t place) {
    portcullis_rule rule;
    memset(&rule, 0xA5, sizeof rule);
    rule.struct_size = sizeof rule;
    OK(portcullis_policy_rule(policy, place, &rule));
    CHECK(rule.struct_size == sizeof rule && rule.reserved == 0);
    return rule;
}

static portcullis_rule rule_by_name(const portcullis_policy *policy, const char *name) {
    size_t count = 0;
    OK(portcullis_policy_rule_count(policy, &count));
    for (size_t place = 0; place < count; place++) {
        const portcullis_rule rule = rule_of(policy, place);
        if (is_text(rule.name, rule.name_len, name)) return rule;
    }
    fprintf(stderr, "no rule %s\n", name);
    exit(1);
}

static portcullis_policy *policy_with_patterns(void) {
    return policy_of(
        "{\"redaction\": {\"groups\": {\"pii\": \"log\"}, \"rules\": {\"jwt\": \"block\", \"random-value\": \"mask\"},"
        "\"patterns\": ["
        "{\"name\": \"slow\", \"type\": \"regex\", \"pattern\": \"[a-z]+[0-9]{4}\"},"
        "{\"name\": \"quick\", \"type\": \"regex\", \"pattern\": \"MINE-[0-9]{8}\"},"
        "{\"name\": \"literal\", \"type\": \"literal\", \"pattern\": \"HELLO\"},"
        "{\"name\": \"unclosed\", \"pattern\": \"ab(c\"},"
        "{\"name\": \"glob\", \"type\": \"glob\", \"pattern\": \"AB-*\"},"
        "{\"name\": \"nothing\", \"pattern\": \"\"}]}}");
}

static void rules_have_their_own_values(void) {
    enum {
        LOW = PORTCULLIS_SEVERITY_LOW, MEDIUM = PORTCULLIS_SEVERITY_MEDIUM, HIGH = PORTCULLIS_SEVERITY_HIGH,
        CRITICAL = PORTCULLIS_SEVERITY_CRITICAL, SECRETS = PORTCULLIS_GROUP_SECRETS,
        PERSONAL = PORTCULLIS_GROUP_PERSONAL, ENTROPY = PORTCULLIS_GROUP_ENTROPY, LOG = PORTCULLIS_ACTION_LOG,
        MASK = PORTCULLIS_ACTION_MASK, REDACT = PORTCULLIS_ACTION_REDACT, BLOCK = PORTCULLIS_ACTION_BLOCK
    };
    static const struct {
        const char *name, *provider;
        uint32_t severity, group, kind, action, proven, checked, anchored, custom, slow;
    } known[] = {
        /*                                    severity  group     kind                      action  p  ch a  cu s */
        {"github-classic-pat", "GitHub",      CRITICAL, SECRETS,  PORTCULLIS_RULE_TOKEN,    REDACT, 1, 1, 1, 0, 0},
        {"bitbucket-access-token", "Bitbucket", CRITICAL, SECRETS, PORTCULLIS_RULE_TOKEN,   REDACT, 0, 1, 1, 0, 0},
        {"jwt", "generic",                    HIGH,     SECRETS,  PORTCULLIS_RULE_TOKEN,    BLOCK,  1, 1, 1, 0, 0},
        {"private-key", "generic",            CRITICAL, SECRETS,  PORTCULLIS_RULE_BLOCK,    REDACT, 1, 1, 1, 0, 0},
        {"iban", "ISO 13616",                 HIGH,     PERSONAL, PORTCULLIS_RULE_PERSONAL, LOG,    0, 1, 0, 0, 0},
        {"email", "RFC 5322",                 LOW,      PERSONAL, PORTCULLIS_RULE_PERSONAL, LOG,    0, 0, 0, 0, 0},
        {"random-value", "generic",           MEDIUM,   ENTROPY,  PORTCULLIS_RULE_CONTEXT,  MASK,   1, 0, 0, 0, 0},
        {"slow", "custom",                    HIGH,     SECRETS,  PORTCULLIS_RULE_REGEX,    REDACT, 1, 0, 0, 1, 1},
        {"quick", "custom",                   HIGH,     SECRETS,  PORTCULLIS_RULE_REGEX,    REDACT, 1, 0, 0, 1, 0},
        {"literal", "custom",                 HIGH,     SECRETS,  PORTCULLIS_RULE_LITERAL,  REDACT, 1, 0, 0, 1, 0},
        {"glob", "custom",                    HIGH,     SECRETS,  PORTCULLIS_RULE_GLOB,     REDACT, 1, 0, 0, 1, 0},
    };
    portcullis_policy *policy = policy_with_patterns();
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const portcullis_rule rule = rule_by_name(policy, known[i].name);
        char replacement[64];
        snprintf(replacement, sizeof replacement, "[REDACTED:%s]", known[i].name);
        CHECK(is_text(rule.provider, rule.provider_len, known[i].provider));
        CHECK(is_text(rule.replacement, rule.replacement_len, replacement));
        CHECK(rule.severity == known[i].severity && rule.group == known[i].group && rule.kind == known[i].kind);
        CHECK(rule.action == known[i].action && rule.proven == known[i].proven);
        CHECK(rule.checked == known[i].checked && rule.anchored == known[i].anchored);
        CHECK(rule.custom == known[i].custom && rule.slow == known[i].slow);
    }

    static const struct {
        const char *name;
        uint64_t index, at;
        uint32_t has_at;
        const char *reason;
    } faults[] = {{"unclosed", 3, 2, 1, "unclosed group"}, {"nothing", 5, 0, 0, "the pattern is empty"}};
    size_t count = 0;
    OK(portcullis_policy_fault_count(policy, &count));
    CHECK(count == 2);
    for (size_t i = 0; i < count; i++) {
        portcullis_fault fault;
        memset(&fault, 0xA5, sizeof fault);
        fault.struct_size = sizeof fault;
        OK(portcullis_policy_fault(policy, i, &fault));
        CHECK(fault.struct_size == sizeof fault && fault.index == faults[i].index);
        CHECK(fault.has_at == faults[i].has_at && fault.at == faults[i].at);
        CHECK(is_text(fault.name, fault.name_len, faults[i].name));
        CHECK(is_text(fault.reason, fault.reason_len, faults[i].reason));
    }
    portcullis_policy_free(policy);
}

static size_t found(portcullis_finder *finder, const char *text, size_t len, portcullis_match *first) {
    size_t count = SIZE_MAX;
    OK(portcullis_finder_find(finder, NULL, 0, (const uint8_t *)text, len, &count));
    memset(first, 0xA5, sizeof *first);
    first->struct_size = sizeof *first;
    if (count > 0) OK(portcullis_finder_match(finder, 0, first));
    return count;
}

static size_t in_base64(const char *text, size_t len, char *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t written = 0;
    for (size_t i = 0; i < len; i += 3) {
        const size_t bytes = len - i < 3 ? len - i : 3;
        uint32_t three = 0;
        for (size_t k = 0; k < 3; k++) three = three << 8 | (k < bytes ? (unsigned char)text[i + k] : 0);
        for (size_t k = 0; k < 4; k++) out[written++] = k > bytes ? '=' : digits[three >> (18 - 6 * k) & 63];
    }
    return written;
}

/* The example of every rule is found by it where it stands, and verified exactly by the rules that say
   that they look. */
static void matches_have_their_own_values(void) {
    portcullis_policy *policy = policy_of("{\"redaction\": {\"groups\": {\"pii\": \"log\"}}}");
    portcullis_finder *finder = NULL;
    OK(portcullis_finder_new(PORTCULLIS_ABI, policy, &finder));
    char text[8192], spelled[12288];
    const char *example = NULL;
    size_t len = 0, start = 0, end = 0, count = 0, shifted = 0;
    portcullis_match match;
    OK(portcullis_policy_rule_count(policy, &count));
    for (size_t place = 0; place < count; place++) {
        const portcullis_rule rule = rule_of(policy, place);
        OK(portcullis_finder_example(finder, rule.id, 3, &example, &len, &start, &end));
        CHECK(rule.custom == 0 && start < end && end <= len && len <= sizeof text);
        memcpy(text, example, len);
        CHECK(found(finder, text, len, &match) == 1);
        CHECK(match.rule == rule.id && match.start == start && match.end == end && match.plain == 1);
        CHECK(match.verified == (rule.checked ? PORTCULLIS_VERIFIED_YES : PORTCULLIS_VERIFIED_UNKNOWN));
        shifted += start > 0 && end < len;
    }
    CHECK(count > 400 && shifted > 0);

    const portcullis_rule github = rule_by_name(policy, "github-app-token");
    OK(portcullis_finder_example(finder, github.id, 9, &example, &len, &start, &end));
    memcpy(text, example, len);
    const size_t spelled_len = in_base64(text, len, spelled);
    CHECK(found(finder, spelled, spelled_len, &match) == 1);
    CHECK(match.rule == github.id && match.plain == 0 && match.verified == PORTCULLIS_VERIFIED_YES);
    text[end - 1] = text[end - 1] == 'a' ? 'b' : 'a'; /* the last character of the checksum */
    CHECK(found(finder, text, len, &match) == 1);
    CHECK(match.rule == github.id && match.plain == 1 && match.verified == PORTCULLIS_VERIFIED_NO);
    CHECK(match.start == start && match.end == end);
    /* Of two in one text each has its own verdict. */
    text[len] = '\n';
    OK(portcullis_finder_example(finder, github.id, 9, &example, &len, &start, &end));
    memcpy(text + len + 1, example, len);
    CHECK(found(finder, text, 2 * len + 1, &match) == 2 && match.verified == PORTCULLIS_VERIFIED_NO);
    OK(portcullis_finder_match(finder, 1, &match));
    CHECK(match.start > len && match.rule == github.id && match.verified == PORTCULLIS_VERIFIED_YES);

    /* Stretches that nobody sees, one of each kind. */
    static const char unseen_text[] = "ab\xE2\x80\x8B" "c\xE2\x80\xAE" "d\xF3\xA0\x81\x81\xF3\xA0\x81\x82" "e\x1B[31mf";
    static const struct {
        uint32_t kind;
        size_t start, end;
    } stretches[] = {{PORTCULLIS_UNSEEN_ZERO_WIDTH, 2, 5}, {PORTCULLIS_UNSEEN_BIDI, 6, 9},
                     {PORTCULLIS_UNSEEN_TAG, 10, 18},      {PORTCULLIS_UNSEEN_ANSI, 19, 24}};
    for (int twice = 0; twice < 2; twice++) {
        OK(portcullis_finder_find_unseen(finder, (const uint8_t *)unseen_text, sizeof unseen_text - 1, &count));
        CHECK(count == 4);
    }
    for (size_t i = 0; i < count; i++) {
        portcullis_unseen unseen = {.struct_size = sizeof unseen};
        OK(portcullis_finder_unseen(finder, i, &unseen));
        CHECK(unseen.struct_size == sizeof unseen && unseen.kind == stretches[i].kind);
        CHECK(unseen.start == stretches[i].start && unseen.end == stretches[i].end);
    }
    portcullis_finder_free(finder);
    portcullis_policy_free(policy);

    /* The host's own patterns are found by their numbers, and have no example. */
    policy = policy_with_patterns();
    const uint32_t slow = rule_by_name(policy, "slow").id;
    OK(portcullis_finder_new(PORTCULLIS_ABI, policy, &finder));
    CHECK(found(finder, "- slow1234", 10, &match) == 1 && match.rule == slow);
    CHECK(match.start == 2 && match.end == 10 && match.plain == 1 && match.verified == PORTCULLIS_VERIFIED_UNKNOWN);
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_NUMBER,
                 portcullis_finder_example(finder, slow, 3, &example, &len, &start, &end));
    portcullis_finder_free(finder);
    portcullis_policy_free(policy);
}

/* Lines with a secret in each, and the same lines as they may leave. */
struct lines {
    char *text, *clean;
    size_t text_len, clean_len;
};

static struct lines lines_of(portcullis_finder *finder, const portcullis_rule *rule, size_t bytes, uint64_t seed) {
    /* A line takes at most twice as much with the one as with the other. */
    struct lines lines = {.text = malloc(2 * bytes + 4096), .clean = malloc(2 * bytes + 4096)};
    CHECK(lines.text != NULL && lines.clean != NULL);
    while (lines.text_len < bytes) {
        const char *example = NULL;
        size_t len = 0, start = 0, end = 0;
        char number[32];
        OK(portcullis_finder_example(finder, rule->id, seed++, &example, &len, &start, &end));
        CHECK(end - start < 1000 && rule->replacement_len < 100);
        const size_t digits = (size_t)snprintf(number, sizeof number, "line %zu ", lines.text_len);
        memcpy(lines.text + lines.text_len, number, digits);
        memcpy(lines.text + lines.text_len + digits, example + start, end - start);
        lines.text_len += digits + end - start;
        lines.text[lines.text_len++] = '\n';
        memcpy(lines.clean + lines.clean_len, number, digits);
        memcpy(lines.clean + lines.clean_len + digits, rule->replacement, rule->replacement_len);
        lines.clean_len += digits + rule->replacement_len;
        lines.clean[lines.clean_len++] = '\n';
    }
    return lines;
}

static void a_redactor_lends_what_this_call_made(void) {
    static const size_t sizes[] = {100, 1 << 20, 100, 1 << 18, 5000, 1 << 20, 1, 1};
    portcullis_policy *policy = policy_of("");
    portcullis_finder *finder = NULL;
    portcullis_redactor *redactor = NULL, *other = NULL;
    OK(portcullis_finder_new(PORTCULLIS_ABI, policy, &finder));
    OK(portcullis_redactor_new(PORTCULLIS_ABI, policy, &redactor));
    OK(portcullis_redactor_new(PORTCULLIS_ABI, policy, &other));
    const portcullis_rule rule = rule_by_name(policy, "github-classic-pat");
    const uint8_t *lent = NULL, *lent_by_other = NULL;
    size_t len = 0, len_by_other = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const struct lines lines = lines_of(finder, &rule, sizes[i], 1000 * i);
        OK(portcullis_redactor_push(redactor, (const uint8_t *)lines.text, lines.text_len, &lent, &len));
        /* The loan outlives the text, and what another redactor does. */
        memset(lines.text, '#', lines.text_len);
        OK(portcullis_redactor_push(other, (const uint8_t *)"another text\n", 13, &lent_by_other, &len_by_other));
        CHECK(is_text((const char *)lent_by_other, len_by_other, "another text\n"));
        /* It outlives a call that fails, too. */
        CHECK_STATUS(PORTCULLIS_STATUS_NULL,
                     portcullis_redactor_push(redactor, NULL, 1, &lent_by_other, &len_by_other));
        CHECK_STATUS(PORTCULLIS_STATUS_NULL, portcullis_redactor_finish(redactor, NULL, &len_by_other));
        CHECK(len == lines.clean_len && memcmp(lent, lines.clean, len) == 0);
        free(lines.text);
        free(lines.clean);
    }
    /* An unfinished line is lent by the call that ends it, and by no other. */
    OK(portcullis_redactor_push(redactor, (const uint8_t *)"the", 3, &lent, &len));
    CHECK(len == 0);
    OK(portcullis_redactor_push(redactor, (const uint8_t *)" end\nand", 8, &lent, &len));
    CHECK(is_text((const char *)lent, len, "the end\n"));
    OK(portcullis_redactor_push(redactor, NULL, 0, &lent, &len));
    CHECK(len == 0);
    OK(portcullis_redactor_finish(redactor, &lent, &len));
    CHECK(is_text((const char *)lent, len, "and"));
    OK(portcullis_redactor_finish(redactor, &lent, &len));
    CHECK(len == 0);
    OK(portcullis_redactor_push(redactor, (const uint8_t *)"another\n", 8, &lent, &len));
    CHECK(is_text((const char *)lent, len, "another\n"));
    portcullis_redactor_free(other);
    portcullis_redactor_free(redactor);
    portcullis_finder_free(finder);
    portcullis_policy_free(policy);
}

int main(void) {
    rules_have_their_own_values();
    matches_have_their_own_values();
    a_redactor_lends_what_this_call_made();
    puts("rules: each is told, found and redacted");
    return 0;
}
