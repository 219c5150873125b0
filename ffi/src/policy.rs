//! Policies: made once from JSON text, shared by any number of engines.

use std::ffi::c_char;
use std::sync::Arc;

use portcullis_engine::{Policy, PolicyConfig, SealKey};

use crate::border::{self, Record};
use crate::status::{PORTCULLIS_STATUS_BAD_CONFIG, PORTCULLIS_STATUS_BAD_NUMBER};
use crate::strict;

/// What passes, what is taken out, and who may send. It never changes, so any number of engines,
/// finders and redactors share one, and threads may use it at the same time. It may be freed while
/// they live: each keeps what it needs.
pub struct portcullis_policy {
    pub(crate) policy: Arc<Policy>,
}

/// A pattern of the host's own that was skipped, and why. The texts live as long as the policy; no
/// NUL stands behind them.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct portcullis_fault {
    /// `sizeof(portcullis_fault)`, set by the caller.
    pub struct_size: u32,
    /// Whether `at` tells a place in the pattern: 0 or 1.
    pub has_at: u32,
    /// The pattern's place among `redaction.patterns`, from 0.
    pub index: u64,
    /// Where in the pattern, in bytes; 0 if that is not known.
    pub at: u64,
    /// The pattern's name.
    pub name: *const c_char,
    /// Its length in bytes.
    pub name_len: usize,
    /// What is wrong with it, and how to mend it.
    pub reason: *const c_char,
    /// Its length in bytes.
    pub reason_len: usize,
}

/// What there is to say about a rule that is in force. The texts live as long as the policy; no NUL
/// stands behind them.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct portcullis_rule {
    /// `sizeof(portcullis_rule)`, set by the caller.
    pub struct_size: u32,
    /// Its number within this policy, as `portcullis_match` has it.
    pub id: u32,
    /// How much harm a leak does, `PORTCULLIS_SEVERITY_...`.
    pub severity: u32,
    /// The group that it is switched with, `PORTCULLIS_GROUP_...`.
    pub group: u32,
    /// How it recognises its secrets, `PORTCULLIS_RULE_...`.
    pub kind: u32,
    /// What becomes of its matches, `PORTCULLIS_ACTION_...`.
    pub action: u32,
    /// 1 if an example of such a secret was found outside of this project, or it is a pattern of the
    /// host's own; else 0.
    pub proven: u32,
    /// 1 if a checksum or a structure within the secret is verified; else 0.
    pub checked: u32,
    /// 1 if the secret itself shows what it is, rather than its surroundings; else 0.
    pub anchored: u32,
    /// 1 if it is a pattern of the host's own; else 0.
    pub custom: u32,
    /// 1 if it has to be searched for in every string, for want of a text that all its matches hold;
    /// else 0.
    pub slow: u32,
    /// 0.
    pub reserved: u32,
    /// Its name, as in events and configurations.
    pub name: *const c_char,
    /// Its length in bytes.
    pub name_len: usize,
    /// Who issues such secrets; `generic` if nobody in particular, `custom` for the host's own.
    pub provider: *const c_char,
    /// Its length in bytes.
    pub provider_len: usize,
    /// What stands in for a match in plain text, where it is redacted.
    pub replacement: *const c_char,
    /// Its length in bytes.
    pub replacement_len: usize,
    /// The same within a JSON string, escaped and without quotes.
    pub replacement_json: *const c_char,
    /// Its length in bytes.
    pub replacement_json_len: usize,
}

// SAFETY: both are `repr(C)`, begin with `struct_size`, and hold numbers and pointers only.
unsafe impl Record for portcullis_fault {}
// SAFETY: as above.
unsafe impl Record for portcullis_rule {}

/// Makes a policy from a configuration in JSON. The text is UTF-8; an empty or blank one is the default
/// policy: every built-in rule takes its secrets out, nobody has to show a token. An unknown or
/// duplicate key is an error. Messages name keys, rules and patterns, and quote no other value. The
/// keys, all optional, with what they are if they are left out:
///
/// ```text
/// auth                        who may send
///   .tokens   []              live tokens, one of which every request and notification of the client
///                             has to carry as `auth_token`; each {"name": of its principal, and
///                             "token": the token itself, or "sha256": the SHA-256 of it in 64
///                             hexadecimal digits; "not_before_ms", "expires_ms": when it is valid, in
///                             milliseconds since 1970; "scopes": [], "roles": []: what rules ask for;
///                             "servers": [patterns of names], none: every server}
///   .attach   none            a token that is put into what the client sends; never with `tokens`
///   .sources  ["member", "bearer", "header"]    how a credential may come; also "query", which logs
///                             and histories keep
///   .loopback false           on: a peer with an address of this machine needs none: every program and
///                             user of it, and everybody behind a proxy on it
///   .lockout  {"failures": 0, "window_ms": 60000, "ban_ms": 300000, "success_clears": false}    so many
///                             failures, less than the window apart, lock a peer out; 0: never.
///                             "success_clears": a success forgets them, so that who has a token of his
///                             own may guess others for ever
///   .jwt      none            the issuer of JSON Web Tokens that are taken as credentials, beside `tokens`;
///                             a library that was built without them refuses this key.
///                             {"algorithms": such as ["ES256"], "issuer": `iss`, "audience": [of which
///                             `aud` names one], "keys": 1 to 16 of {"kid", "algorithm", and "secret",
///                             or "pem", or "n" and "e", or "x" and "y"}, "skew_ms": 60000 (300000 at
///                             most), "require_exp": true, "name_claim": "sub", "scopes_claim": "scope",
///                             "roles_claim": "roles", "servers_claim": none}
/// redaction                   what is taken out
///   .enabled  true            off: nothing is looked for
///   .strict   false           on: a pattern that cannot be used is an error, and is not skipped
///   .disable  []              names of rules that are switched off, whatever else is said of them
///   .groups   {"secrets": "on", "pii": "off", "entropy": "on"}
///   .rules    {}              single rules by name, before what their group says. A rule or a group
///                             is "off", "on", "log", "mask", "redact", "seal", "block", or
///                             {"action": one of these, "to": [tools for which a seal is opened, by
///                             name or as "beginning*"], "replacement": a text}
///   .patterns []              the host's own: {"name", "pattern", "type": "regex" (if left out),
///                             "literal" or "glob", "replacement": a text, "action": as above, "to":
///                             as above, "linear": true for a regular expression that a backtracking
///                             engine would choke on; here each is linear}
///   .allow    []              what passes all the same: {"value": a text, or "sha256": that of one,
///                             or "regex": for the whole of one (with "linear" as above), or "path": a
///                             place such as "/result/content/0/text"; "rules": for these rules only}
///   .names    {"add": [], "remove": []}    names of members whose values are secret
/// sanitise                    characters that a reader does not see, in what the server sends; each is
///                             "off", "log", "strip" or "block"
///   .zero_width "log"  .bidi "log"  .tags "strip"  .ansi "off"
/// batch       {"enabled": true}            off: arrays of messages are refused
/// requests                    milliseconds until a request without an answer is ended
///   .timeout_ms none          for all of them
///   .timeouts {}              for single methods: {"tools/call": 600000}
///   .require_initialize false on: what a client asks before `initialize` had its result is refused with
///                             `not_initialized`; of 2026-07-28, which has no such exchange, nothing
/// refusals
///   .as_result false          on: a `tools/call` that policy refuses gets a result with `isError`
///   .unreadable_id "revision" what stands for an id that cannot be read: "null", "absent", "none" (no
///                             answer), or what the "revision" in use says
/// tools                       by patterns of their names: `*` is any run of characters, `?` one, a
///                             backslash takes their meaning from them; case differs
///   .deny     []              neither listed nor called
///   .ask      []              called only when the host approves: an event of the kind
///                             PORTCULLIS_EVENT_LIFECYCLE brings a ticket, so that kind has to be wanted;
///                             an unanswered ticket is a no after `ticket_ms`
/// rights                      who may use what; what may not be used is not listed either
///   .default                  "allow" or "deny" for what no rule speaks of, each of .tools "allow",
///                             .resources "allow", .prompts "allow", .methods "allow"; where methods are
///                             "deny", a rule has to allow `initialize`, `ping` and all notifications
///   .rules    []              one that denies goes before all that allow, their order means nothing:
///                             {"name": what refusals call it, 1 to 62 bytes, "effect": "allow" (if left
///                             out) or "deny", for whom: "principals", "roles", "scopes" (none: for
///                             everybody), "servers" (none: all), and with what: "tools", "resources"
///                             (URIs), "prompts", "methods"; each a list of patterns as above}
/// arguments   []              what the arguments of calls may be: rules, each of one place, whose checks
///                             all have to hold; a value of another type than a check is for is refused.
///                             {"name": 1 to 62 bytes, no two alike, "tools", "servers": patterns, none:
///                             all, "at": a JSON pointer from `arguments`, in which one star is any one
///                             step and two, once, are any number: "/path", "" for all of it}, and any of
///   "path"                    where a path may lead: an object as `network.paths`
///   "url"                     where a URL may lead: an object as `network.urls`
///   "resolve" false           on: the host is asked, by a ticket (PORTCULLIS_WANT_LIFECYCLE has to be
///                             wanted), where the path leads once links are followed, or for the
///                             addresses of the URL's name, and the answer is judged
///   "no_leading_dash" false   on: a string must not begin with a dash
///   "regex", "not_regex"      the whole string has to match, no part of it may; "linear" as above
///   "one_of"  []              texts, one of which it is; numbers, true, false, null by their spelling
///   "length"  {"min", "max"}  of a string in characters, of an array in elements
///   "range"   {"min", "max"}  of a number
///   "members" none            the only names that members of an object may have
///   "required" false          on: a value has to be there
///   "kind"    none            "string", "number", "integer", "boolean", "object", "array" or "null"
/// schema                      the `inputSchema` that the server listed for a tool
///   .validate false           on: arguments have to be what it says; a library that was built without
///                             schemas refuses this key
///   .unknown  "pass"          or "refuse": what becomes of a call of a tool that was not listed yet
/// quotas                      how often, how many and how much; all is off unless it is said. For whom a
///                             rule counts apart is its "per": "global" (if left out), "address" (of IPv6
///                             a /64), "principal", "session", "server" or "tool"; "tools", "methods",
///                             "servers" are patterns of what it counts, none: all; "every" is "second",
///                             "minute" (if left out), "hour" or "day"; "burst" is how many at once after
///                             a quiet time, 0: as many as "count". No two rules of a list have one name.
///                             Clients make names of tools up: a rule per "tool" names its "tools", or
///                             rights.default.tools "deny" refuses others; else one client fills the
///                             places (4,096) of all, and tools that were not called lately wait
///   .rates    []              requests and notifications of clients: {"name", "per", "count", "every",
///                             "burst", "tools", "methods", "servers"}
///   .bytes    []              the same for bytes of frames; "from": "client" (if left out) or "server"
///   .concurrency []           calls of tools that are open: {"name", "per", "max", "tools", "servers"}
///   .timeouts {}              milliseconds until a call is ended, by patterns of tools: {"build*": 600000}
///   .breaker  {"enabled": false, "failures": 5, "window_ms": 60000, "open_ms": 30000, "probes": 1}    so
///                             many calls in a row without an answer, less than the window apart: for
///                             so long none is sent to this server, then as many as probes
///   .sessions {"per_principal_max": 0, "per_address_max": 0, "idle_ms": 0}    at once; 0: no limit
///   .responses                how long answers may be: .bytes_max 0 for no limit, .action "block" or
///                             "truncate" (valid JSON with cut texts), .tools {}: both, by patterns
///                             (the answer to tasks/result is one of the tool that made the task, for
///                             .bytes and .timeouts too; of a task that is not known, of any tool; the
///                             tasks of 2026-07-28, whose results come inside tasks/get and
///                             notifications/tasks, do not count for their tool)
///   .open_report_ms 60000     a call that is still open then is reported by an event, once; 0: never
/// network                     where clients may be, where URLs and paths may lead, what pages are told;
///                             its keys stand at `portcullis_guard_new`. Of a client whose address,
///                             `Origin` or `Host` is known and denied every message is refused; the rest
///                             is for `portcullis_guard_of`
/// rate                        requests and notifications of clients, over all engines of a ledger
///   .per_second 0             in the long run; 0: as many as come
///   .burst    0               at once after a quiet time; 0: ten times as many
/// ```
///
/// A rule that seals needs a key of 32 random bytes in `seal_key`; without one `seal_key_len` is 0.
/// Placeholders stay the same as long as the key does. The library copies and wipes it.
///
/// On `PORTCULLIS_STATUS_BAD_CONFIG` what is wrong stands in `message`, in English, cut to
/// `message_capacity` bytes with a NUL at its end; 1,024 are enough for most. `message` may be NULL
/// if nobody wants to know, and is written in no other case.
///
/// Patterns that cannot be used are skipped, unless `redaction.strict` is on; see
/// `portcullis_policy_fault`. It takes some milliseconds: make a policy once.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_policy_new(
    abi: u32,
    json: *const c_char,
    json_len: usize,
    seal_key: *const u8,
    seal_key_len: usize,
    message: *mut c_char,
    message_capacity: usize,
    policy: *mut *mut portcullis_policy,
) -> u32 {
    border::guard(|| {
        border::check_abi(abi)?;
        let policy = border::out(policy)?;
        let json = border::text(json, json_len)?;
        let key = border::bytes(seal_key, seal_key_len)?;
        let refuse = |why: &str| {
            border::say(why, message, message_capacity);
            PORTCULLIS_STATUS_BAD_CONFIG
        };
        let mut config: PolicyConfig = strict::read(json).map_err(|why| refuse(&why))?;
        config.redaction.seal_key = match key {
            [] => None,
            key => Some(SealKey::new(
                key.try_into().map_err(|_| refuse("a seal key is 32 random bytes"))?,
            )),
        };
        let made = Policy::compile(&config).map_err(|why| refuse(&why.to_string()))?;
        policy.write(Box::into_raw(Box::new(portcullis_policy { policy: Arc::new(made) })));
        Ok(())
    })
}

/// Frees a policy. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_policy_free(policy: Option<Box<portcullis_policy>>) {
    border::free(policy);
}

/// How many patterns of the host's own were skipped.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_policy_fault_count(
    policy: Option<&portcullis_policy>,
    count: *mut usize,
) -> u32 {
    border::guard(|| {
        let policy = border::given(policy)?;
        border::out(count)?.write(policy.policy.faults().len());
        Ok(())
    })
}

/// One of the patterns that were skipped, by its number from 0.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_policy_fault(
    policy: Option<&portcullis_policy>,
    number: usize,
    fault: *mut portcullis_fault,
) -> u32 {
    border::guard(|| {
        let policy = border::given(policy)?;
        let fault = border::record(fault)?;
        let told = policy.policy.faults().get(number).ok_or(PORTCULLIS_STATUS_BAD_NUMBER)?;
        fault.write(portcullis_fault {
            struct_size: portcullis_fault::SIZE,
            has_at: told.at.is_some().into(),
            index: told.index as u64,
            at: told.at.unwrap_or_default() as u64,
            name: told.name.as_ptr().cast(),
            name_len: told.name.len(),
            reason: told.reason.as_ptr().cast(),
            reason_len: told.reason.len(),
        });
        Ok(())
    })
}

/// How many rules are in force; 0 if redaction is switched off.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_policy_rule_count(
    policy: Option<&portcullis_policy>,
    count: *mut usize,
) -> u32 {
    border::guard(|| {
        let rules = border::given(policy)?.policy.rules();
        border::out(count)?.write(if rules.enabled() { rules.len() } else { 0 });
        Ok(())
    })
}

/// One of the rules in force, by its place from 0.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_policy_rule(
    policy: Option<&portcullis_policy>,
    place: usize,
    rule: *mut portcullis_rule,
) -> u32 {
    border::guard(|| {
        let rules = border::given(policy)?.policy.rules();
        let rule = border::record(rule)?;
        let known = if rules.enabled() { rules.iter().nth(place) } else { None };
        let id = known.ok_or(PORTCULLIS_STATUS_BAD_NUMBER)?;
        let info = rules.info(id);
        let (plain, json) = (rules.replacement(id), rules.replacement_json(id));
        rule.write(portcullis_rule {
            struct_size: portcullis_rule::SIZE,
            id: id.0.into(),
            severity: info.severity as u32,
            group: info.group as u32,
            kind: info.kind as u32,
            action: rules.action(id) as u32,
            proven: info.proven.into(),
            checked: info.checked.into(),
            anchored: info.anchored.into(),
            custom: info.custom.into(),
            slow: info.slow.into(),
            reserved: 0,
            name: info.name.as_ptr().cast(),
            name_len: info.name.len(),
            provider: info.provider.as_ptr().cast(),
            provider_len: info.provider.len(),
            replacement: plain.as_ptr().cast(),
            replacement_len: plain.len(),
            replacement_json: json.as_ptr().cast(),
            replacement_json_len: json.len(),
        });
        Ok(())
    })
}
