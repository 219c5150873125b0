/* Guards: each check with what it lets be and what it refuses, and what becomes of wrong calls. */
#include "support.h"

#define NULL_ PORTCULLIS_STATUS_NULL
#define NUMBER PORTCULLIS_STATUS_BAD_NUMBER

static portcullis_guard *guard_of(const char *json) {
    portcullis_guard *guard = NULL;
    char why[1024] = "";
    const uint32_t status = portcullis_guard_new(PORTCULLIS_ABI, json, strlen(json), why, sizeof why, &guard);
    if (status != PORTCULLIS_STATUS_OK) fprintf(stderr, "%s\n", why);
    CHECK(status == PORTCULLIS_STATUS_OK && guard != NULL);
    return guard;
}

/* The guard of a typical server. */
static portcullis_guard *typical(void) {
    return guard_of("{\"urls\": {\"ports\": [80, 443], \"nets\": [\"10.1.0.0/16\"]},"
                    "\"paths\": {\"roots\": [\"/srv/data\"]},"
                    "\"addresses\": {\"allow\": [{\"net\": \"192.0.2.0/24\"}],"
                    " \"deny\": [{\"net\": \"192.0.2.66\", \"until_ms\": 2000}], \"trusted\": [\"127.0.0.0/8\"]},"
                    "\"origins\": {\"origins\": [\"https://*.example.com\"], \"hosts\": [\"mcp.example.com\"]},"
                    "\"cors\": {\"enabled\": true, \"allowed_origins\": [\"https://app.example.com\"]}}");
}

static portcullis_verdict verdict_new(void) {
    portcullis_verdict verdict;
    memset(&verdict, 0xA5, sizeof verdict);
    verdict.struct_size = sizeof verdict;
    return verdict;
}

/* Allowed, where no rule is expected; else refused by this one, which says how to allow it. */
static int is(const portcullis_verdict *verdict, const char *rule) {
    CHECK(verdict->struct_size == sizeof *verdict);
    if (rule == NULL) return verdict->allowed == 1 && verdict->rule == NULL && verdict->why == NULL;
    if (verdict->allowed != 0 || strcmp(verdict->rule, rule) != 0) {
        fprintf(stderr, "%s, not %s\n", verdict->allowed ? "allowed" : verdict->rule, rule);
        return 0;
    }
    return strlen(verdict->why) > 20;
}

typedef uint32_t asks(const portcullis_guard *, const char *, size_t, portcullis_verdict *);

static int says(asks *check, const portcullis_guard *guard, const char *text, const char *rule) {
    portcullis_verdict verdict = verdict_new();
    OK(check(guard, text, text == NULL ? 0 : strlen(text), &verdict));
    return is(&verdict, rule);
}

static int url_is(const portcullis_guard *guard, const char *url, const char *rule, uint32_t kind, const char *host) {
    portcullis_verdict verdict = verdict_new();
    char read[256];
    size_t len = SIZE_MAX;
    uint32_t found = UINT32_MAX;
    OK(portcullis_guard_check_url(guard, url, strlen(url), read, sizeof read, &len, &found, &verdict));
    return is(&verdict, rule) && found == kind && len == strlen(host) && memcmp(read, host, len) == 0;
}

static void urls(void) {
    portcullis_guard *guard = typical();
    CHECK(url_is(guard, "https://API.Example.com./v1?q=1", NULL, PORTCULLIS_HOST_NAME, "api.example.com"));
    CHECK(url_is(guard, "http://8.8.8.8/", NULL, PORTCULLIS_HOST_ADDRESS, "8.8.8.8"));
    CHECK(url_is(guard, "http://[2606:4700::1111]/", NULL, PORTCULLIS_HOST_ADDRESS, "2606:4700::1111"));
    CHECK(url_is(guard, "http://10.1.2.3/", NULL, PORTCULLIS_HOST_ADDRESS, "10.1.2.3"));
    static const struct { const char *url, *rule; } hostile[] = {
        {"http://169.254.169.254/latest/meta-data/", "metadata"},
        {"http://2130706433/", "loopback"},
        {"http://[::ffff:10.2.0.1]/", "private"},
        {"https://user@example.com/", "userinfo"},
        {"https://my-internal-host.example/", "label"},
        {"https://127.0.0.1.nip.io/", "wildcard-dns"},
        {"https://example.com:8443/", "port"},
        {"file:///etc/passwd", "scheme"},
        {"not a url", "syntax"},
    };
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
        CHECK(url_is(guard, hostile[i].url, hostile[i].rule, PORTCULLIS_HOST_NONE, ""));
    CHECK(says(portcullis_guard_check_upstream, guard, "http://10.9.9.9/", NULL));
    CHECK(says(portcullis_guard_check_upstream, guard, "http://10.9.9.9:1/", "port"));
    CHECK(says(portcullis_guard_check_addresses, guard, "8.8.8.8  2606:4700::1111", NULL));
    CHECK(says(portcullis_guard_check_addresses, guard, "8.8.8.8 192.168.1.1", "private"));
    CHECK(says(portcullis_guard_check_addresses, guard, "fe80::1%eth0", "link-local"));
    CHECK(says(portcullis_guard_check_addresses, guard, " ", "unresolved"));
    portcullis_guard_free(guard);
    portcullis_policy *policy = policy_of("{\"network\": {\"urls\": {\"userinfo\": true}}}");
    OK(portcullis_guard_of(PORTCULLIS_ABI, policy, &guard));
    portcullis_policy_free(policy);
    CHECK(url_is(guard, "https://user@example.com/", NULL, PORTCULLIS_HOST_NAME, "example.com"));
    CHECK(url_is(guard, "http://[::1]/", "loopback", PORTCULLIS_HOST_NONE, ""));
    portcullis_guard_free(guard);
    /* A check that is switched off lets its own thing be. */
    guard = guard_of("{\"urls\": {\"userinfo\": true, \"classes\": [\"loopback\"]}}");
    CHECK(url_is(guard, "https://user@example.com/", NULL, PORTCULLIS_HOST_NAME, "example.com"));
    CHECK(url_is(guard, "http://2130706433/", NULL, PORTCULLIS_HOST_ADDRESS, "127.0.0.1"));
    portcullis_guard_free(guard);
}

static void paths(void) {
    portcullis_guard *guard = typical();
    CHECK(says(portcullis_guard_check_path, guard, "/srv/data/a/../b.txt", NULL));
    CHECK(says(portcullis_guard_check_path, guard, "notes.txt", NULL));
    CHECK(says(portcullis_guard_check_path, guard, "/srv/data/../../etc/passwd", "denied-path"));
    CHECK(says(portcullis_guard_check_path, guard, "/srv/database", "outside-roots"));
    CHECK(says(portcullis_guard_check_path, guard, "%2e%2e/%2e%2e/etc/passwd", "encoded"));
    CHECK(says(portcullis_guard_check_path, guard, "~root/.ssh", "home"));
    CHECK(says(portcullis_guard_check_path, guard, "..\\windows", "windows"));
    portcullis_verdict verdict = verdict_new();
    OK(portcullis_guard_check_path(guard, "a\0b", 3, &verdict));
    CHECK(is(&verdict, "nul"));
    CHECK(says(portcullis_guard_check_resolved, guard, "/srv/data/b.txt", NULL));
    CHECK(says(portcullis_guard_check_resolved, guard, "/etc/shadow", "denied-path"));
    CHECK(says(portcullis_guard_check_resolved, guard, "b.txt", "not-resolved"));
    portcullis_guard_free(guard);
}

static int client_is(const portcullis_guard *guard, const char *peer, const char *forwarded, const char *expected) {
    char buffer[46];
    size_t len = SIZE_MAX;
    OK(portcullis_guard_client_address(guard, peer, strlen(peer), forwarded, strlen(forwarded), buffer, sizeof buffer, &len));
    return len == strlen(expected) && memcmp(buffer, expected, len) == 0;
}

static int ip_is(const portcullis_guard *guard, const char *text, uint64_t wall_ms, const char *rule) {
    portcullis_verdict verdict = verdict_new();
    OK(portcullis_guard_check_ip(guard, text, strlen(text), wall_ms, &verdict));
    return is(&verdict, rule);
}

static void clients(void) {
    portcullis_guard *guard = typical();
    CHECK(ip_is(guard, "192.0.2.7", 0, NULL) && ip_is(guard, "::ffff:192.0.2.7", 0, NULL));
    CHECK(ip_is(guard, "192.0.2.66", 1999, "address-denied") && ip_is(guard, "192.0.2.66", 2000, NULL));
    CHECK(ip_is(guard, "198.51.100.7", 0, "address-unlisted"));
    CHECK(client_is(guard, "127.0.0.1", "203.0.113.9, 192.0.2.8", "192.0.2.8"));
    CHECK(client_is(guard, "127.0.0.1", "", "127.0.0.1") && client_is(guard, "127.0.0.1", "\xFF", "127.0.0.1"));
    CHECK(client_is(guard, "192.0.2.7", "127.0.0.1", "192.0.2.7")); /* nobody vouches for it */
    CHECK(says(portcullis_guard_check_origin, guard, "https://app.example.com", NULL));
    CHECK(says(portcullis_guard_check_origin, guard, NULL, NULL));
    CHECK(says(portcullis_guard_check_origin, guard, "", "origin"));
    CHECK(says(portcullis_guard_check_origin, guard, "https://evil-example.com", "origin"));
    CHECK(says(portcullis_guard_check_origin, guard, "null", "null-origin"));
    CHECK(says(portcullis_guard_check_host, guard, "mcp.example.com:8080", NULL));
    CHECK(says(portcullis_guard_check_host, guard, "rebind.evil.example", "host"));
    CHECK(says(portcullis_guard_check_host, guard, NULL, "host"));
    portcullis_guard_free(guard);
    guard = guard_of("");
    CHECK(ip_is(guard, "198.51.100.7", 0, NULL));
    CHECK(says(portcullis_guard_check_origin, guard, "https://evil.example", NULL));
    CHECK(says(portcullis_guard_check_host, guard, "rebind.evil.example", NULL));
    portcullis_guard_free(guard);
}

static uint32_t class_of(const char *text) {
    uint32_t class = UINT32_MAX;
    OK(portcullis_address_class(text, strlen(text), &class));
    return class;
}

static void classes(void) {
    static const struct { const char *text; uint32_t class; } known[] = {
        {"8.8.8.8", PORTCULLIS_ADDRESS_PUBLIC},       {"0.0.0.0", PORTCULLIS_ADDRESS_UNSPECIFIED},
        {"::1", PORTCULLIS_ADDRESS_LOOPBACK},         {"172.16.0.1", PORTCULLIS_ADDRESS_PRIVATE},
        {"fe80::1%2", PORTCULLIS_ADDRESS_LINK_LOCAL}, {"169.254.169.254", PORTCULLIS_ADDRESS_METADATA},
        {"100.64.0.1", PORTCULLIS_ADDRESS_CARRIER_GRADE}, {"224.0.0.1", PORTCULLIS_ADDRESS_MULTICAST},
        {"255.255.255.255", PORTCULLIS_ADDRESS_BROADCAST}, {"192.0.2.1", PORTCULLIS_ADDRESS_DOCUMENTATION},
        {"198.18.0.1", PORTCULLIS_ADDRESS_BENCHMARK}, {"240.0.0.1", PORTCULLIS_ADDRESS_RESERVED},
        {"fd00::1", PORTCULLIS_ADDRESS_UNIQUE_LOCAL}, {"fec0::1", PORTCULLIS_ADDRESS_SITE_LOCAL},
        {"64:ff9b::a9fe:a9fe", PORTCULLIS_ADDRESS_METADATA}, /* NAT64 */
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) CHECK(class_of(known[i].text) == known[i].class);
    CHECK(strcmp(portcullis_address_class_str(PORTCULLIS_ADDRESS_CARRIER_GRADE), "carrier-grade") == 0);
    CHECK(strcmp(portcullis_address_class_str(14), "unknown") == 0);
    uint32_t class = 77;
    CHECK_STATUS(NUMBER, portcullis_address_class("1.2.3.4:80", 10, &class));
    CHECK_STATUS(NUMBER, portcullis_address_class("010.2.3.4", 9, &class));
    CHECK_STATUS(NUMBER, portcullis_address_class("localhost", 9, &class));
    CHECK(class == 77);
}

#define TEXT(member, value) .member = value, .member##_len = sizeof value - 1

/* What a page is told, as a text that lives until the next call. */
static const char *cors_of(const portcullis_guard *guard, const portcullis_cors_request *request, uint32_t expected, const char *rule) {
    static char headers[2048];
    portcullis_verdict verdict = verdict_new();
    size_t len = SIZE_MAX;
    uint32_t status = UINT32_MAX;
    OK(portcullis_guard_cors(guard, request, headers, sizeof headers - 1, &len, &status, &verdict));
    CHECK(status == expected && is(&verdict, rule));
    headers[len] = '\0';
    return headers;
}

static void pages(void) {
    portcullis_guard *guard = typical();
    portcullis_cors_request request = {.struct_size = sizeof request, TEXT(method, "POST"), TEXT(origin, "https://app.example.com")};
    CHECK(strcmp(cors_of(guard, &request, 0, NULL), "Access-Control-Allow-Origin: https://app.example.com\r\n"
                 "Access-Control-Expose-Headers: Mcp-Session-Id\r\nVary: Origin\r\n") == 0);
    portcullis_cors_request preflight = {.struct_size = sizeof preflight, TEXT(method, "OPTIONS"), TEXT(origin, "https://app.example.com"),
                                         TEXT(request_method, "DELETE"), TEXT(request_headers, "content-type, mcp-session-id")};
    CHECK(strstr(cors_of(guard, &preflight, 204, NULL), "\r\nAccess-Control-Allow-Methods: GET, POST, DELETE\r\n") != NULL);
    preflight.private_network = 1;
    CHECK(strstr(cors_of(guard, &preflight, 403, "cors-private-network"), "Allow") == NULL);
    preflight.private_network = 0;
    preflight.origin = "https://evil.example";
    preflight.origin_len = 20;
    CHECK(strstr(cors_of(guard, &preflight, 403, "cors-origin"), "Access-Control-Allow-Origin") == NULL);
    request.origin = NULL;
    request.origin_len = 0;
    CHECK(strcmp(cors_of(guard, &request, 0, NULL), "Vary: Origin\r\n") == 0);
    portcullis_guard_free(guard);

    guard = guard_of(" ");
    CHECK(strcmp(cors_of(guard, &preflight, 0, NULL), "") == 0);
    char headers[2048];
    size_t plain = 0, tls = 0;
    OK(portcullis_guard_headers(guard, 0, headers, sizeof headers, &plain));
    OK(portcullis_guard_headers(guard, 1, headers, 1024, &tls));
    CHECK(plain < tls && tls < 1024);
    headers[tls] = '\0';
    CHECK(strstr(headers, "X-Content-Type-Options: nosniff\r\n") == headers);
    CHECK(strstr(headers, "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n") == headers + plain);
    portcullis_guard_free(guard);
    guard = guard_of("{\"headers\": {\"enabled\": false}}");
    OK(portcullis_guard_headers(guard, 1, NULL, 0, &tls));
    CHECK(tls == 0);
    portcullis_guard_free(guard);
}

/* A wrong configuration names its key, as the guard has it, and makes no guard. */
static void configurations(void) {
    static const struct { const char *json, *said; } wrong[] = {
        {"{\"url\": {}}", "line 1, column 6: unknown field `url`"},
        {"{\"urls\": {\"nets\": [\"10.0.0.0/8\", \"nowhere\"]}}", "urls.nets[1]"},
        {"{\"paths\": {\"roots\": [\"data\"]}}", "paths.roots[0]"},
        {"{\"addresses\": {\"deny\": [{\"net\": \"x\"}]}}", "addresses.deny[0].net"},
        {"{\"origins\": {\"origins\": [\"example.com\"]}}", "origins.origins[0]"},
        {"{\"cors\": {\"allowed_origins\": [\"*\"], \"allow_credentials\": true}}", "cors.allowed_origins[0]"},
        {"{\"headers\": {\"frame_options\": \"a\\r\\nb\"}}", "headers.frame_options"},
        {"{\"urls\": {\"classes\": [\"SECRET-1\"]}}", "line 1, column 32"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        portcullis_guard *guard = NULL;
        char why[1024] = "";
        CHECK_STATUS(PORTCULLIS_STATUS_BAD_CONFIG,
                     portcullis_guard_new(PORTCULLIS_ABI, wrong[i].json, strlen(wrong[i].json), why, sizeof why, &guard));
        if (strstr(why, wrong[i].said) == NULL) fprintf(stderr, "%s\n", why);
        CHECK(guard == NULL && strstr(why, wrong[i].said) != NULL);
        CHECK(strstr(why, "SECRET-1") == NULL && strstr(why, "network.") != why);
    }
}

/* Wrong calls have their status, and touch no output. */
static void misuse(void) {
    portcullis_guard *guard = typical(), *made = NULL;
    portcullis_verdict verdict = verdict_new();
    const portcullis_verdict before = verdict;
    char text[64] = "before";
    size_t len = 77;
    uint32_t number = 77;
    CHECK_STATUS(NULL_, portcullis_guard_new(PORTCULLIS_ABI, NULL, 2, NULL, 0, &made));
    CHECK_STATUS(NULL_, portcullis_guard_new(PORTCULLIS_ABI, "{}", 2, NULL, 0, NULL));
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_ABI, portcullis_guard_new(PORTCULLIS_ABI + 1, "{}", 2, NULL, 0, &made));
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_UTF8, portcullis_guard_new(PORTCULLIS_ABI, "\xFF", 1, NULL, 0, &made));
    portcullis_guard_free(NULL);
    CHECK_STATUS(NULL_, portcullis_guard_of(PORTCULLIS_ABI, NULL, &made));
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_ABI, portcullis_guard_of(PORTCULLIS_ABI + 1, NULL, &made));

    static asks *const checks[] = {portcullis_guard_check_upstream, portcullis_guard_check_addresses,
                                    portcullis_guard_check_path, portcullis_guard_check_resolved,
                                    portcullis_guard_check_origin, portcullis_guard_check_host};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        CHECK_STATUS(NULL_, checks[i](NULL, "x", 1, &verdict));
        CHECK_STATUS(NULL_, checks[i](guard, NULL, 1, &verdict));
        CHECK_STATUS(NULL_, checks[i](guard, "x", 1, NULL));
        CHECK_STATUS(PORTCULLIS_STATUS_BAD_UTF8, checks[i](guard, "\xFF", 1, &verdict));
        verdict.struct_size--;
        CHECK_STATUS(PORTCULLIS_STATUS_BAD_STRUCT_SIZE, checks[i](guard, "x", 1, &verdict));
        verdict.struct_size++;
    }
    CHECK_STATUS(NUMBER, portcullis_guard_check_addresses(guard, "8.8.8.8,1.1.1.1", 15, &verdict));
    CHECK_STATUS(NUMBER, portcullis_guard_check_addresses(guard, "8.8.8.8\n1.1.1.1", 15, &verdict));

    const char url[] = "https://example.com/";
    CHECK_STATUS(NULL_, portcullis_guard_check_url(NULL, url, 20, text, 64, &len, &number, &verdict));
    CHECK_STATUS(NULL_, portcullis_guard_check_url(guard, NULL, 20, text, 64, &len, &number, &verdict));
    CHECK_STATUS(NULL_, portcullis_guard_check_url(guard, url, 20, text, 64, NULL, &number, &verdict));
    CHECK_STATUS(NULL_, portcullis_guard_check_url(guard, url, 20, text, 64, &len, NULL, &verdict));
    CHECK_STATUS(NULL_, portcullis_guard_check_url(guard, url, 20, text, 64, &len, &number, NULL));
    CHECK_STATUS(PORTCULLIS_STATUS_TOO_SMALL, portcullis_guard_check_url(guard, url, 20, text, 10, &len, &number, &verdict));

    CHECK_STATUS(NULL_, portcullis_guard_check_ip(NULL, "::1", 3, 0, &verdict));
    CHECK_STATUS(NULL_, portcullis_guard_check_ip(guard, NULL, 3, 0, &verdict));
    CHECK_STATUS(NULL_, portcullis_guard_check_ip(guard, "::1", 3, 0, NULL));
    CHECK_STATUS(NUMBER, portcullis_guard_check_ip(guard, "::g", 3, 0, &verdict));
    CHECK_STATUS(NUMBER, portcullis_guard_check_ip(guard, "", 0, 0, &verdict));

    CHECK_STATUS(NULL_, portcullis_guard_client_address(NULL, "::1", 3, "", 0, text, 64, &len));
    CHECK_STATUS(NULL_, portcullis_guard_client_address(guard, NULL, 3, "", 0, text, 64, &len));
    CHECK_STATUS(NULL_, portcullis_guard_client_address(guard, "::1", 3, NULL, 1, text, 64, &len));
    CHECK_STATUS(NULL_, portcullis_guard_client_address(guard, "::1", 3, "", 0, NULL, 64, &len));
    CHECK_STATUS(NULL_, portcullis_guard_client_address(guard, "::1", 3, "", 0, text, 64, NULL));
    CHECK_STATUS(NUMBER, portcullis_guard_client_address(guard, "unix:", 5, "", 0, text, 64, &len));
    CHECK_STATUS(PORTCULLIS_STATUS_TOO_SMALL, portcullis_guard_client_address(guard, "::1", 3, "", 0, text, 2, &len));

    portcullis_cors_request request = {.struct_size = sizeof request, TEXT(method, "GET"), TEXT(origin, "https://app.example.com")};
    CHECK_STATUS(NULL_, portcullis_guard_cors(NULL, &request, text, 64, &len, &number, &verdict));
    CHECK_STATUS(NULL_, portcullis_guard_cors(guard, NULL, text, 64, &len, &number, &verdict));
    CHECK_STATUS(NULL_, portcullis_guard_cors(guard, &request, NULL, 2048, &len, &number, &verdict));
    CHECK_STATUS(NULL_, portcullis_guard_cors(guard, &request, text, 64, NULL, &number, &verdict));
    CHECK_STATUS(NULL_, portcullis_guard_cors(guard, &request, text, 64, &len, NULL, &verdict));
    CHECK_STATUS(NULL_, portcullis_guard_cors(guard, &request, text, 64, &len, &number, NULL));
    CHECK_STATUS(PORTCULLIS_STATUS_TOO_SMALL, portcullis_guard_cors(guard, &request, text, 64, &len, &number, &verdict));
    request.struct_size = 8;
    CHECK_STATUS(PORTCULLIS_STATUS_BAD_STRUCT_SIZE, portcullis_guard_cors(guard, &request, text, 64, &len, &number, &verdict));
    CHECK_STATUS(NULL_, portcullis_guard_headers(NULL, 0, text, 64, &len));
    CHECK_STATUS(NULL_, portcullis_guard_headers(guard, 0, NULL, 4096, &len));
    CHECK_STATUS(NULL_, portcullis_guard_headers(guard, 0, text, 64, NULL));
    CHECK_STATUS(PORTCULLIS_STATUS_TOO_SMALL, portcullis_guard_headers(guard, 0, text, 64, &len));
    CHECK(made == NULL && strcmp(text, "before") == 0 && len == 77 && number == 77);
    CHECK(memcmp(&verdict, &before, sizeof verdict) == 0);

    OK(portcullis_guard_check_url(guard, url, 20, NULL, 0, &len, &number, &verdict));
    CHECK(is(&verdict, NULL) && len == 11 && number == PORTCULLIS_HOST_NAME);
    portcullis_guard_free(guard);
}

int main(void) {
    urls();
    paths();
    clients();
    classes();
    pages();
    configurations();
    misuse();
    puts("guards: each check lets its own be, and refuses what is hostile");
    return 0;
}
