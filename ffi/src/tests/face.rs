//! The public face of the engine against the header: what C reaches, and why it does not reach the
//! rest. Whoever adds something public to the engine adds it to the header, or a reason here.

use std::collections::BTreeSet;
use std::path::Path;

use syn::{Fields, ImplItem, Item, UseTree, Visibility};

use super::{header, sources};

/// How C comes to a public item of the engine.
enum Reach {
    /// By this word of the header.
    By(&'static str),
    /// Not at all, for this reason.
    Not(&'static str),
}
use Reach::{By, Not};

/// It is a member of the configuration: C hands it over as JSON, which serde reads by these names.
const JSON: Reach = By("portcullis_policy_new");
/// The same, of a guard.
const GUARD: Reach = By("portcullis_guard_new");
const RUST: &str = "a means of Rust's, of no meaning in C";
/// Public so that it can be tested by itself, and shared with transports in Rust.
const INNER: &str = "the engine asks it while it judges";
const WORD: &str = "C configures by the word, in JSON";

/// Items by name, methods and members as `Type::name`; `Type::*` for all of a type that are not
/// named. What is not listed is an error.
const FACE: &[(&str, Reach)] = &[
    // The engine and its verbs.
    ("Engine", By("portcullis_engine")),
    ("Engine::new", By("portcullis_engine_new")),
    ("Engine::recv_space", By("portcullis_engine_recv_space")),
    ("Engine::recv_commit", By("portcullis_engine_recv_commit")),
    ("Engine::recv_close", By("portcullis_engine_recv_close")),
    ("Engine::recv_copy", By("portcullis_engine_recv_copy")),
    ("Engine::send_ready", By("portcullis_engine_send_ready")),
    ("Engine::send_commit", By("portcullis_engine_send_commit")),
    ("Engine::next_event", By("portcullis_engine_next_event")),
    ("Engine::deadline", By("portcullis_engine_deadline")),
    ("Engine::tick", By("portcullis_engine_tick")),
    ("Engine::is_finished", By("portcullis_engine_is_finished")),
    ("Engine::facts", By("portcullis_engine_facts")),
    ("Engine::swap_policy", By("portcullis_engine_swap_policy")),
    ("Engine::begin_drain", By("portcullis_engine_begin_drain")),
    ("Engine::question", By("portcullis_engine_question")),
    ("Engine::answer", By("portcullis_engine_answer")),
    ("Engine::stalled", By("portcullis_engine_stalled")),
    ("Engine::metrics", By("portcullis_engine_metrics")),
    ("Facts", By("portcullis_facts")),
    ("Facts::new", By("portcullis_engine_facts")),
    ("Facts::*", By("portcullis_facts")),
    ("notice", By("portcullis_notice")),
    // Numbers.
    ("Side", By("PORTCULLIS_CLIENT")),
    ("Side::name", By("portcullis_receiver_str")),
    ("Side::other", Not("it is 1 less the side")),
    ("Receiver", By("PORTCULLIS_NOISE")),
    ("Receiver::name", By("portcullis_receiver_str")),
    ("EventKind", By("PORTCULLIS_EVENT_PASSED")),
    ("EventKind::name", By("portcullis_event_kind_str")),
    ("Message", By("PORTCULLIS_MESSAGE_REQUEST")),
    ("Message::name", By("portcullis_message_str")),
    ("Reason", By("PORTCULLIS_REASON_NOT_JSON")),
    ("Reason::name", By("portcullis_reason_str")),
    ("Reason::code", By("portcullis_reason_code")),
    ("Reason::message", By("portcullis_reason_message")),
    ("Reason::number", By("PORTCULLIS_REASON_NOT_JSON")),
    ("Wake", By("PORTCULLIS_WAKE_REQUEST")),
    ("Wake::name", By("portcullis_wake_str")),
    ("Stall", By("PORTCULLIS_STALL_ENDED")),
    ("Stall::name", By("portcullis_stall_str")),
    ("Answer", By("PORTCULLIS_ANSWER_APPROVED")),
    ("Answer::number", By("PORTCULLIS_ANSWER_RESOLVED")),
    ("Question", By("portcullis_question")),
    ("Question::number", By("PORTCULLIS_QUESTION_CALL")),
    ("Action", By("PORTCULLIS_ACTION_REDACT")),
    ("Action::name", By("portcullis_action_str")),
    ("Severity", By("PORTCULLIS_SEVERITY_LOW")),
    ("Severity::name", By("portcullis_severity_str")),
    ("Group", By("PORTCULLIS_GROUP_SECRETS")),
    ("Group::name", By("portcullis_group_str")),
    ("RuleKind", By("PORTCULLIS_RULE_TOKEN")),
    ("RuleKind::name", By("portcullis_rule_kind_str")),
    ("UnseenKind", By("PORTCULLIS_UNSEEN_BIDI")),
    ("UnseenKind::name", By("portcullis_unseen_kind_str")),
    // Events, counts, time, limits.
    ("Event", By("portcullis_event")),
    ("Event::*", By("portcullis_event")),
    ("Label", By("portcullis_label")),
    ("Label::BYTES_MAX", By("portcullis_label")),
    ("Label::as_str", By("portcullis_label")),
    ("Label::is_cut", By("portcullis_label")),
    ("Label::is_empty", By("portcullis_label")),
    ("Label::EMPTY", Not("hosts make no labels")),
    ("Label::new", Not("hosts make no labels: names go over as texts")),
    ("Ticket", By("portcullis_event")),
    ("Ticket::*", By("portcullis_event")),
    ("Wanted", By("PORTCULLIS_WANT_ALL")),
    ("Wanted::NONE", By("PORTCULLIS_WANT_ALL")),
    ("Wanted::ALL", By("PORTCULLIS_WANT_ALL")),
    ("Wanted::and", By("PORTCULLIS_WANT_PASSED")),
    ("Wanted::dropping", By("PORTCULLIS_WANT_DROPPING")),
    ("Wanted::wants", Not("the bits are the host's own")),
    ("Metrics", By("portcullis_metrics")),
    ("Metrics::*", By("portcullis_metrics")),
    ("Time", By("portcullis_time")),
    ("Time::*", By("portcullis_time")),
    ("Limits", By("portcullis_limits")),
    ("Limits::*", By("portcullis_limits")),
    ("Limits::check", By("portcullis_engine_new")),
    ("Limits::memory_max", By("portcullis_limits_memory_max")),
    ("Ledger", By("portcullis_ledger")),
    ("Ledger::new", By("portcullis_ledger_new")),
    ("Ledger::refusals", By("portcullis_ledger_refusals")),
    ("Ledger::frames", By("portcullis_ledger_counts")),
    ("Ledger::refused", By("portcullis_ledger_counts")),
    ("Ledger::changed", By("portcullis_ledger_counts")),
    ("Ledger::requests_open", By("portcullis_ledger_counts")),
    ("Ledger::auth_failures", By("portcullis_ledger_counts")),
    ("Ledger::KEYS_MAX", By("portcullis_ledger_new_sized")),
    ("Ledger::with_keys_max", By("portcullis_ledger_new_sized")),
    ("Ledger::memory", By("portcullis_ledger_memory")),
    ("Ledger::memory_max", By("portcullis_ledger_memory")),
    ("Ledger::advance", By("portcullis_ledger_ban")),
    ("Ledger::ban", By("portcullis_ledger_ban")),
    ("Ledger::lift_ban", By("portcullis_ledger_lift_ban")),
    ("Ledger::banned_ms", By("portcullis_ledger_banned")),
    ("Ledger::forget_session", By("portcullis_ledger_forget_session")),
    ("Ledger::admit", Not(INNER)),
    ("Ledger::check_lockout", Not(INNER)),
    ("Ledger::fail_attempt", Not(INNER)),
    ("Ledger::succeed_attempt", Not(INNER)),
    ("Ledger::check_breaker", Not(INNER)),
    ("Ledger::send_call", Not(INNER)),
    ("Ledger::end_call", Not(INNER)),
    ("Ledger::is_on_trial", Not(INNER)),
    ("Ledger::give_back_probe", Not(INNER)),
    ("Ledger::enter", Not(INNER)),
    ("Ledger::leave", Not(INNER)),
    ("Ledger::open", Not(INNER)),
    // The policy.
    ("Policy", By("portcullis_policy")),
    ("Policy::compile", By("portcullis_policy_new")),
    ("Policy::faults", By("portcullis_policy_fault")),
    ("Policy::rules", By("portcullis_policy_rule")),
    ("ConfigError", By("PORTCULLIS_STATUS_BAD_CONFIG")),
    ("PatternFault", By("portcullis_fault")),
    ("PatternFault::*", By("portcullis_fault")),
    ("SealKey", By("seal_key")),
    ("SealKey::new", By("seal_key")),
    ("RedactionConfig::seal_key", By("seal_key")),
    // Rules, finder, redactor.
    ("RuleId", By("portcullis_rule")),
    ("RuleId::*", By("portcullis_rule")),
    ("RuleInfo", By("portcullis_rule")),
    ("RuleInfo::*", By("portcullis_rule")),
    ("all_rules", Not("a policy with every group switched on has them all in force")),
    ("Rules", By("portcullis_finder")),
    ("Rules::compile", By("portcullis_policy_new")),
    ("Rules::find", By("portcullis_finder_find")),
    ("Rules::find_value", By("portcullis_finder_find")),
    ("Rules::verified", By("portcullis_match")),
    ("Rules::iter", By("portcullis_policy_rule")),
    ("Rules::len", By("portcullis_policy_rule_count")),
    ("Rules::is_empty", By("portcullis_policy_rule_count")),
    ("Rules::enabled", By("portcullis_policy_rule_count")),
    ("Rules::info", By("portcullis_rule")),
    ("Rules::action", By("portcullis_rule")),
    ("Rules::replacement", By("portcullis_rule")),
    ("Rules::replacement_json", By("portcullis_rule")),
    ("Rules::example", By("portcullis_finder_example")),
    ("Rules::example_at", By("portcullis_finder_example")),
    ("Rules::may_member", Not("a question of the frame scanner; the finder asks it itself")),
    ("Rules::custom_may_match", Not("a question of the frame scanner; the finder asks it itself")),
    ("Match", By("portcullis_match")),
    ("Match::*", By("portcullis_match")),
    ("Writing", By("portcullis_match")),
    ("Writing::PLAIN", By("portcullis_match")),
    ("Writing::read", Not("only the redactor and the engine rewrite what is encoded")),
    ("Writing::write", Not("only the redactor and the engine rewrite what is encoded")),
    ("TextRedactor", By("portcullis_redactor")),
    ("TextRedactor::new", By("portcullis_redactor_new")),
    ("TextRedactor::push", By("portcullis_redactor_push")),
    ("TextRedactor::finish", By("portcullis_redactor_finish")),
    ("Unseen", By("portcullis_unseen")),
    ("Unseen::find", By("portcullis_finder_find_unseen")),
    ("Unseen::may_hold", Not("a question of the frame scanner; the finder asks it itself")),
    ("Unseen::*", By("portcullis_unseen")),
    // What is asked alone.
    ("net::AddressClass", By("PORTCULLIS_ADDRESS_PUBLIC")),
    ("net::AddressClass::name", By("portcullis_address_class_str")),
    ("net::classify", By("portcullis_address_class")),
    ("net::canonical", Not("C hands addresses over as texts, and each is read so")),
    ("net::parse_peer", Not("C hands addresses over as texts, and each is read so")),
    ("net::Peer", Not("C hands addresses over as texts, and each is read so")),
    ("net::Peer::*", Not("C hands addresses over as texts, and each is read so")),
    ("net::Denied", By("portcullis_verdict")),
    ("net::Denied::rule", By("portcullis_verdict")),
    ("net::Denied::rules", Not("a verdict brings its own word")),
    ("net::UrlConfig", GUARD),
    ("net::UrlConfig::*", GUARD),
    ("net::UrlGuard", GUARD),
    ("net::UrlGuard::compile", GUARD),
    ("net::UrlGuard::compile_at", GUARD),
    ("net::UrlGuard::check", By("portcullis_guard_check_url")),
    ("net::UrlGuard::allows_upstream", By("portcullis_guard_check_upstream")),
    ("net::UrlGuard::check_address", By("portcullis_guard_check_addresses")),
    ("net::UrlGuard::check_addresses", By("portcullis_guard_check_addresses")),
    ("net::UrlHost", By("PORTCULLIS_HOST_NAME")),
    ("net::PathConfig", GUARD),
    ("net::PathConfig::*", GUARD),
    ("net::PathGuard", GUARD),
    ("net::PathGuard::compile", GUARD),
    ("net::PathGuard::compile_at", GUARD),
    ("net::PathGuard::check", By("portcullis_guard_check_path")),
    ("net::PathGuard::check_resolved", By("portcullis_guard_check_resolved")),
    ("net::AddressConfig", GUARD),
    ("net::AddressConfig::*", GUARD),
    ("net::AddressEntry", GUARD),
    ("net::AddressEntry::*", GUARD),
    ("net::AddressGuard", GUARD),
    ("net::AddressGuard::compile", GUARD),
    ("net::AddressGuard::check", By("portcullis_guard_check_ip")),
    ("net::AddressGuard::client_address", By("portcullis_guard_client_address")),
    ("net::OriginConfig", GUARD),
    ("net::OriginConfig::*", GUARD),
    ("net::OriginGuard", GUARD),
    ("net::OriginGuard::compile", GUARD),
    ("net::OriginGuard::check_origin", By("portcullis_guard_check_origin")),
    ("net::OriginGuard::check_host", By("portcullis_guard_check_host")),
    ("net::CorsConfig", GUARD),
    ("net::CorsConfig::*", GUARD),
    ("net::CorsGuard", GUARD),
    ("net::CorsGuard::compile", GUARD),
    ("net::CorsGuard::decide", By("portcullis_guard_cors")),
    ("net::CorsRequest", By("portcullis_cors_request")),
    ("net::CorsRequest::*", By("portcullis_cors_request")),
    ("net::CorsAnswer", By("portcullis_guard_cors")),
    ("net::CorsAnswer::*", By("portcullis_guard_cors")),
    ("net::HeaderConfig", GUARD),
    ("net::HeaderConfig::*", GUARD),
    ("net::HeaderSet", GUARD),
    ("net::HeaderSet::compile", GUARD),
    ("net::HeaderSet::headers", By("portcullis_guard_headers")),
    ("Network", By("portcullis_guard")),
    ("Network::compile", GUARD),
    ("Network::addresses", By("portcullis_guard_check_ip")),
    ("Network::origins", By("portcullis_guard_check_origin")),
    ("Network::cors", By("portcullis_guard_cors")),
    ("Network::headers", By("portcullis_guard_headers")),
    ("Network::urls", By("portcullis_guard_check_url")),
    ("Network::paths", By("portcullis_guard_check_path")),
    ("NetworkConfig", GUARD),
    ("NetworkConfig::*", GUARD),
    ("Policy::network", By("portcullis_guard_of")),
    // The configuration, as JSON.
    ("PolicyConfig", JSON),
    ("PolicyConfig::*", JSON),
    ("AuthConfig", JSON),
    ("AuthConfig::*", JSON),
    ("TokenConfig", JSON),
    ("TokenConfig::*", JSON),
    ("CredentialSource", By("PORTCULLIS_SOURCE_BEARER")),
    ("CredentialSource::name", Not(WORD)),
    ("JwtConfig", JSON),
    ("JwtConfig::*", JSON),
    ("JwtKey", JSON),
    ("JwtKey::*", JSON),
    ("JwtAlgorithm", JSON),
    ("JwtAlgorithm::name", Not(WORD)),
    ("quota::QuotaConfig", JSON),
    ("quota::QuotaConfig::*", JSON),
    ("quota::RateRule", JSON),
    ("quota::RateRule::*", JSON),
    ("quota::ByteRule", JSON),
    ("quota::ByteRule::*", JSON),
    ("quota::GaugeRule", JSON),
    ("quota::GaugeRule::*", JSON),
    ("quota::BreakerConfig", JSON),
    ("quota::BreakerConfig::*", JSON),
    ("quota::SessionConfig", JSON),
    ("quota::SessionConfig::*", JSON),
    ("quota::ResponseConfig", JSON),
    ("quota::ResponseConfig::*", JSON),
    ("quota::ResponseLimit", JSON),
    ("quota::ResponseLimit::*", JSON),
    ("quota::LockoutConfig", JSON),
    ("quota::LockoutConfig::*", JSON),
    ("quota::LockoutConfig::check", Not(INNER)),
    ("quota::Per", JSON),
    ("quota::Every", JSON),
    ("quota::Origin", JSON),
    ("quota::ResponseAction", JSON),
    ("quota::Per::name", Not(WORD)),
    ("quota::Every::ms", Not(WORD)),
    ("quota::Quotas", Not(INNER)),
    ("quota::Quotas::*", Not(INNER)),
    ("quota::RateLimit", Not(INNER)),
    ("quota::RateLimit::*", Not(INNER)),
    ("quota::Gauge", Not(INNER)),
    ("quota::Gauge::*", Not(INNER)),
    ("quota::Rate", Not(INNER)),
    ("quota::Rate::*", Not(INNER)),
    ("quota::Bucket", Not(INNER)),
    ("quota::Bucket::*", Not(INNER)),
    ("quota::Buckets", Not(INNER)),
    ("quota::Buckets::*", Not(INNER)),
    ("quota::Charge", Not(INNER)),
    ("quota::Charge::*", Not(INNER)),
    ("quota::Limited", Not(INNER)),
    ("quota::Limited::*", Not(INNER)),
    ("quota::Table", Not(INNER)),
    ("quota::Table::*", Not(INNER)),
    ("quota::Span", Not(INNER)),
    ("quota::Span::*", Not(INNER)),
    ("quota::Key", Not(INNER)),
    ("quota::Tag", Not(INNER)),
    ("quota::Tag::*", Not(INNER)),
    ("quota::Gauges", Not(INNER)),
    ("quota::Gauges::*", Not(INNER)),
    ("quota::Hold", Not(INNER)),
    ("quota::Hold::*", Not(INNER)),
    ("quota::Lockouts", Not(INNER)),
    ("quota::Lockouts::*", Not(INNER)),
    ("quota::Bans", Not(INNER)),
    ("quota::Bans::*", Not(INNER)),
    ("quota::Breakers", Not(INNER)),
    ("quota::Breakers::*", Not(INNER)),
    ("quota::Breaker", Not(INNER)),
    ("quota::Breaker::*", Not(INNER)),
    ("quota::Outcome", Not(INNER)),
    ("quota::Turn", Not(INNER)),
    ("quota::Subject", Not(INNER)),
    ("quota::Subject::*", Not(INNER)),
    ("identity::Credential", By("portcullis_facts")),
    ("identity::Credential::new", By("portcullis_engine_introduce")),
    ("identity::Credential::from_authorization", By("portcullis_credential_read")),
    ("identity::Credential::from_header", By("portcullis_credential_read")),
    ("identity::Credential::from_query", By("portcullis_credential_read")),
    ("identity::Credential::source", Not("the host has said it itself")),
    ("identity::Credential::token", By("portcullis_credential_read")),
    ("identity::Denied", Not(INNER)),
    ("identity::Denied::*", Not(INNER)),
    ("identity::Identity", Not(INNER)),
    ("identity::Identity::*", Not(INNER)),
    ("identity::IdentityKind", Not(INNER)),
    ("identity::IdentityKind::*", Not(INNER)),
    ("identity::Principals", Not(INNER)),
    ("identity::Principals::*", Not(INNER)),
    ("ArgumentConfig", JSON),
    ("ArgumentConfig::*", JSON),
    ("LengthConfig", JSON),
    ("LengthConfig::*", JSON),
    ("RangeConfig", JSON),
    ("RangeConfig::*", JSON),
    ("SchemaConfig", JSON),
    ("SchemaConfig::*", JSON),
    ("SchemaConfig::check", Not(INNER)),
    ("ArgumentKind", JSON),
    ("Decimal", JSON),
    ("Decimal::parse", Not(INNER)),
    ("UnknownSchema", JSON),
    ("BatchConfig", JSON),
    ("BatchConfig::*", JSON),
    ("RequestConfig", JSON),
    ("RequestConfig::*", JSON),
    ("RefusalConfig", JSON),
    ("RefusalConfig::*", JSON),
    ("UnreadableId", JSON),
    ("ToolConfig", JSON),
    ("ToolConfig::*", JSON),
    ("RightsConfig", JSON),
    ("RightsConfig::*", JSON),
    ("DefaultConfig", JSON),
    ("DefaultConfig::*", JSON),
    ("RightConfig", JSON),
    ("RightConfig::*", JSON),
    ("Effect", JSON),
    ("RateConfig", JSON),
    ("RateConfig::*", JSON),
    ("SanitiseConfig", JSON),
    ("SanitiseConfig::*", JSON),
    ("Sanitise", JSON),
    ("RedactionConfig", JSON),
    ("RedactionConfig::*", JSON),
    ("GroupConfig", JSON),
    ("GroupConfig::*", JSON),
    ("RuleConfig", JSON),
    ("RuleConfig::*", JSON),
    ("PatternConfig", JSON),
    ("PatternConfig::*", JSON),
    ("PatternKind", JSON),
    ("NameConfig", JSON),
    ("NameConfig::*", JSON),
    ("AllowConfig", JSON),
    ("AllowConfig::*", JSON),
    ("Mode", JSON),
    ("Mode::name", Not(WORD)),
    ("Mode::action", Not(WORD)),
];

/// What the engine's crate page exports: the folder of its source, and its name inside and outside.
type Exported = Vec<(String, String, String)>;

/// What a `pub use` exports from a folder; `module` is where it stands, such as `net`.
fn exported(tree: &UseTree, folder: &str, module: &str, names: &mut Exported) {
    let outside = |name: &dyn ToString| match module {
        "" => name.to_string(),
        module => format!("{module}::{}", name.to_string()),
    };
    match tree {
        UseTree::Path(path) if folder.is_empty() => {
            exported(&path.tree, &path.ident.to_string(), module, names);
        }
        UseTree::Path(path) => exported(&path.tree, folder, module, names),
        UseTree::Group(group) => {
            group.items.iter().for_each(|tree| exported(tree, folder, module, names));
        }
        UseTree::Name(name) => {
            names.push((folder.to_owned(), name.ident.to_string(), outside(&name.ident)));
        }
        UseTree::Rename(it) => {
            names.push((folder.to_owned(), it.ident.to_string(), outside(&it.rename)));
        }
        UseTree::Glob(_) => panic!("a glob hides what is public"),
    }
}

/// The exports of a page. What the crate page has of a module goes before what the module has.
fn page(items: &[Item], module: &str, names: &mut Exported) {
    let mut found = Vec::new();
    for item in items {
        if let Item::Use(item) = item
            && is_public(&item.vis)
        {
            exported(&item.tree, module, module, &mut found);
        }
    }
    found.retain(|(folder, name, _)| !names.iter().any(|(f, n, _)| (f, n) == (folder, name)));
    names.extend(found);
}

fn is_public(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Public(_))
}

/// What the engine makes public.
struct Face {
    /// Every item, method and member; those of a public module with its name in front.
    items: BTreeSet<String>,
    /// The members of structs alone.
    members: BTreeSet<String>,
}

/// The sources of the engine with what exports them.
struct Sources {
    files: Vec<(String, syn::File)>,
    names: Exported,
}

impl Sources {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/src");
        let mut names = Vec::new();
        let files: Vec<(String, syn::File)> = sources::files(&root)
            .into_iter()
            .map(|(path, file)| {
                let path = path.strip_prefix(&root).expect("it lies there").to_owned();
                (path.to_string_lossy().into_owned(), file)
            })
            .collect();
        let items = |path: &str| {
            let file = files.iter().find(|(known, _)| known == path);
            &file.unwrap_or_else(|| panic!("there is no {path}")).1.items
        };
        page(items("lib.rs"), "", &mut names);
        for item in items("lib.rs") {
            if let Item::Mod(item) = item
                && is_public(&item.vis)
            {
                let module = item.ident.to_string();
                page(items(&format!("{module}/mod.rs")), &module, &mut names);
            }
        }
        Self { files, names }
    }

    /// What a type is called outside that a file speaks of by its name. Two parts may each have a
    /// type of one name: then that of the same folder is meant.
    fn outside(&self, path: &str, name: &str) -> Option<&str> {
        let folder = path.split('/').next().unwrap_or_default();
        let known = self.names.iter().filter(|(_, inside, _)| inside == name);
        let known: Vec<_> = known.collect();
        let here = known.iter().find(|(known, ..)| known == folder);
        let elsewhere = || match &known[..] {
            [one] if !self.defines(folder, name) => Some(*one),
            _ => None,
        };
        here.copied().or_else(elsewhere).map(|(_, _, outside)| &**outside)
    }

    fn defines(&self, folder: &str, name: &str) -> bool {
        let files = self.files.iter().filter(|(path, _)| path.starts_with(&format!("{folder}/")));
        files.flat_map(|(_, file)| &file.items).any(|item| match item {
            Item::Struct(item) => item.ident == name,
            Item::Enum(item) => item.ident == name,
            _ => false,
        })
    }
}

/// Every public item, method and member of the engine.
fn public() -> Face {
    let sources = Sources::read();
    let mut items: BTreeSet<String> =
        sources.names.iter().map(|(_, _, outside)| outside.clone()).collect();
    let mut members = BTreeSet::new();
    let every =
        sources.files.iter().flat_map(|(path, file)| file.items.iter().map(move |it| (path, it)));
    for (path, item) in every {
        match item {
            Item::Struct(item) => {
                let Some(name) = sources.outside(path, &item.ident.to_string()) else { continue };
                let fields = match &item.fields {
                    Fields::Named(fields) => &fields.named,
                    Fields::Unnamed(fields) => &fields.unnamed,
                    Fields::Unit => continue,
                };
                for member in fields.iter().filter(|member| is_public(&member.vis)) {
                    let member = member.ident.as_ref().map_or("0".to_owned(), |it| it.to_string());
                    members.insert(format!("{name}::{member}"));
                }
            }
            Item::Impl(item) if item.trait_.is_none() => {
                let syn::Type::Path(of) = &*item.self_ty else { continue };
                let Some(last) = of.path.segments.last() else { continue };
                let Some(name) = sources.outside(path, &last.ident.to_string()) else { continue };
                for item in &item.items {
                    let (vis, item) = match item {
                        ImplItem::Fn(item) => (&item.vis, &item.sig.ident),
                        ImplItem::Const(item) => (&item.vis, &item.ident),
                        _ => continue,
                    };
                    if is_public(vis) {
                        items.insert(format!("{name}::{item}"));
                    }
                }
            }
            _ => {}
        }
    }
    // A macro writes these, so they are not seen above.
    items.extend(["name", "code", "message", "number"].map(|it| format!("Reason::{it}")));
    items.extend(members.iter().cloned());
    Face { items, members }
}

/// The item that a member or method belongs to, and its own name; that is empty for the item itself.
fn parts(item: &str) -> (&str, &str) {
    let is_member = item.rsplit_once("::").is_some_and(|(whole, _)| {
        whole.rsplit("::").next().is_some_and(|last| last.starts_with(char::is_uppercase))
    });
    if is_member { item.rsplit_once("::").unwrap_or((item, "")) } else { (item, "") }
}

fn reach(item: &str) -> Option<&'static Reach> {
    let find = |wanted: &str| FACE.iter().find(|(name, _)| *name == wanted).map(|(_, reach)| reach);
    let (whole, part) = parts(item);
    find(item).or_else(|| {
        // Every number may be had, and every list of them: C has the constants.
        const LISTS: [&str; 2] = ["ALL", "from_number"];
        let listed = LISTS.contains(&part).then_some(&Not(RUST));
        listed.or_else(|| find(&format!("{whole}::*")))
    })
}

#[test]
fn c_reaches_the_whole_face_or_there_is_a_reason() {
    let public = public().items;
    assert!(public.len() > 200, "{} public items were found", public.len());
    let header = header::committed();
    let missing: Vec<&String> = public.iter().filter(|item| reach(item).is_none()).collect();
    assert!(missing.is_empty(), "neither in the header nor with a reason: {missing:?}");
    for item in &public {
        match reach(item) {
            Some(By(word)) => assert!(header.contains(word), "{item}: no {word} in the header"),
            Some(Not(reason)) => assert!(reason.len() > 10, "{item}"),
            None => {}
        }
    }
    for (item, _) in FACE {
        let (whole, part) = parts(item);
        let known = match part {
            "*" => public.contains(whole),
            _ => public.contains(*item),
        };
        assert!(known, "{item} is not public any more: take it off the list");
    }
}

/// Members of structs that go over as structs have the same names on both sides.
#[test]
fn members_keep_their_names() {
    let header = header::committed();
    let public = public().members;
    for (rust, c) in [
        ("Event", "portcullis_event"),
        ("Metrics", "portcullis_metrics"),
        ("Limits", "portcullis_limits"),
        ("Ledger", "portcullis_ledger_counts"),
        ("Facts", "portcullis_facts"),
        ("Time", "portcullis_time"),
        ("RuleInfo", "portcullis_rule"),
        ("PatternFault", "portcullis_fault"),
        ("net::CorsRequest", "portcullis_cors_request"),
    ] {
        let (_, body) = header.split_once(&format!("typedef struct {c} {{")).expect("a struct");
        let (body, _) = body.split_once(&format!("}} {c};")).expect("it has an end");
        let members = public.iter().filter_map(|item| item.strip_prefix(&format!("{rust}::")));
        for member in members {
            let found = body.lines().any(|line| {
                let line = line.trim().trim_end_matches(';');
                let name = line.split('[').next().unwrap_or_default();
                name.rsplit([' ', '*']).next() == Some(member)
            });
            assert!(found, "{c} has no member {member}");
        }
    }
}

/// Every key of a configuration is explained where C hands it over.
#[test]
fn the_keys_of_a_configuration_are_documented() {
    let header = header::committed();
    let comment = |call: &str| {
        let (before, _) = header.split_once(&format!("uint32_t {call}(")).expect("it is declared");
        before[before.rfind("/**").expect("it has a comment")..].to_owned()
    };
    let members = public().members;
    let mut count = 0;
    for item in &members {
        let Some(By(call @ ("portcullis_policy_new" | "portcullis_guard_new"))) = reach(item)
        else {
            continue;
        };
        let (config, key) = parts(item);
        // Two that serde calls otherwise, and what is said of a rule as a whole.
        let key = match (config, key) {
            ("PatternConfig", "kind") => "type",
            ("RuleConfig", "mode") => "action",
            (_, key) => key,
        };
        let ways =
            [format!(".{key} "), format!("\"{key}\""), format!("* {key} "), format!("* {key}\n")];
        let comment = comment(call);
        assert!(ways.iter().any(|way| comment.contains(way)), "{config}: nothing is said of {key}");
        count += 1;
    }
    assert!(count > 70, "{count} keys were found");
    for word in ["literal", "glob", "strip", "absent", "none", "revision", "mask", "seal"] {
        let comment = comment("portcullis_policy_new");
        assert!(comment.contains(&format!("\"{word}\"")), "{word} is not named");
    }
}

/// A type of one name in two parts of the engine is found under both.
#[test]
fn public_modules_are_a_part_of_the_face() {
    let items = public().items;
    for item in ["net::UrlGuard", "net::UrlGuard::check", "net::Denied::rule", "net::classify"] {
        assert!(items.contains(item), "{item} was not found");
    }
}
