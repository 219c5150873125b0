//! The public face of the engine against the header: what C reaches, and why it does not reach the
//! rest. Whoever adds something public to the engine adds it to the header, or a reason here.

use std::collections::{BTreeMap, BTreeSet};
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
const RUST: &str = "a means of Rust's, of no meaning in C";
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
    ("Facts", By("portcullis_engine_facts")),
    ("Facts::*", By("portcullis_engine_facts")),
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
    ("Ledger::*", By("portcullis_ledger_counts")),
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
    // The configuration, as JSON.
    ("PolicyConfig", JSON),
    ("PolicyConfig::*", JSON),
    ("AuthConfig", JSON),
    ("AuthConfig::*", JSON),
    ("TokenConfig", JSON),
    ("TokenConfig::*", JSON),
    ("CredentialSource", JSON),
    ("CredentialSource::name", Not(WORD)),
    ("LockoutConfig", JSON),
    ("LockoutConfig::check", Not("a policy checks what it is made of")),
    ("LockoutConfig::*", JSON),
    ("JwtConfig", JSON),
    ("JwtConfig::*", JSON),
    ("JwtKey", JSON),
    ("JwtKey::*", JSON),
    ("JwtAlgorithm", JSON),
    ("JwtAlgorithm::name", Not(WORD)),
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

/// The names that the engine's crate page exports, by what they are called inside.
fn exported(tree: &UseTree, names: &mut BTreeMap<String, String>) {
    match tree {
        UseTree::Path(path) => exported(&path.tree, names),
        UseTree::Group(group) => group.items.iter().for_each(|tree| exported(tree, names)),
        UseTree::Name(name) => _ = names.insert(name.ident.to_string(), name.ident.to_string()),
        UseTree::Rename(it) => _ = names.insert(it.ident.to_string(), it.rename.to_string()),
        UseTree::Glob(_) => panic!("a glob hides what is public"),
    }
}

/// Every public item, method and member of the engine.
fn public() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/src");
    let files = sources::files(&folder);
    let page = files.iter().find(|(path, _)| path.ends_with("src/lib.rs")).expect("a crate page");
    let mut names = BTreeMap::new();
    for item in &page.1.items {
        if let Item::Use(item) = item
            && matches!(item.vis, Visibility::Public(_))
        {
            exported(&item.tree, &mut names);
        }
    }
    let mut public: BTreeSet<String> = names.values().cloned().collect();
    let is_public = |vis: &Visibility| matches!(vis, Visibility::Public(_));
    for item in files.iter().flat_map(|(_, file)| &file.items) {
        match item {
            Item::Struct(item) => {
                let Some(name) = names.get(&item.ident.to_string()) else { continue };
                let members = match &item.fields {
                    Fields::Named(fields) => &fields.named,
                    Fields::Unnamed(fields) => &fields.unnamed,
                    Fields::Unit => continue,
                };
                for member in members.iter().filter(|member| is_public(&member.vis)) {
                    let member = member.ident.as_ref().map_or("0".to_owned(), |it| it.to_string());
                    public.insert(format!("{name}::{member}"));
                }
            }
            Item::Impl(item) if item.trait_.is_none() => {
                let syn::Type::Path(path) = &*item.self_ty else { continue };
                let Some(name) = path.path.segments.last().map(|part| part.ident.to_string())
                else {
                    continue;
                };
                let Some(name) = names.get(&name) else { continue };
                for item in &item.items {
                    let (vis, item) = match item {
                        ImplItem::Fn(item) => (&item.vis, &item.sig.ident),
                        ImplItem::Const(item) => (&item.vis, &item.ident),
                        _ => continue,
                    };
                    if is_public(vis) {
                        public.insert(format!("{name}::{item}"));
                    }
                }
            }
            _ => {}
        }
    }
    // A macro writes these, so they are not seen above.
    public.extend(["name", "code", "message", "number"].map(|it| format!("Reason::{it}")));
    public
}

fn reach(item: &str) -> Option<&'static Reach> {
    let find = |wanted: &str| FACE.iter().find(|(name, _)| *name == wanted).map(|(_, reach)| reach);
    let (whole, part) = item.split_once("::").unwrap_or((item, ""));
    find(item).or_else(|| {
        // Every number may be had, and every list of them: C has the constants.
        const LISTS: [&str; 2] = ["ALL", "from_number"];
        let listed = LISTS.contains(&part).then_some(&Not(RUST));
        listed.or_else(|| find(&format!("{whole}::*")))
    })
}

#[test]
fn c_reaches_the_whole_face_or_there_is_a_reason() {
    let public = public();
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
        let (whole, part) = item.split_once("::").unwrap_or((item, ""));
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
    let public = public();
    for (rust, c) in [
        ("Event", "portcullis_event"),
        ("Metrics", "portcullis_metrics"),
        ("Limits", "portcullis_limits"),
        ("Ledger", "portcullis_ledger_counts"),
        ("Time", "portcullis_time"),
        ("RuleInfo", "portcullis_rule"),
        ("PatternFault", "portcullis_fault"),
    ] {
        let (_, body) = header.split_once(&format!("typedef struct {c} {{")).expect("a struct");
        let (body, _) = body.split_once(&format!("}} {c};")).expect("it has an end");
        let methods = ["new", "refusals", "check", "memory_max", "KEYS_MAX"];
        let members = public.iter().filter_map(|item| item.strip_prefix(&format!("{rust}::")));
        for member in members.filter(|member| !methods.contains(member)) {
            let found = body.lines().any(|line| {
                let line = line.trim().trim_end_matches(';');
                let name = line.split('[').next().unwrap_or_default();
                name.rsplit([' ', '*']).next() == Some(member)
            });
            assert!(found, "{c} has no member {member}");
        }
    }
}

/// Every key of the configuration is explained where C hands it over.
#[test]
fn the_keys_of_a_configuration_are_documented() {
    let header = header::committed();
    let (before, _) = header.split_once("uint32_t portcullis_policy_new(").expect("it is declared");
    let comment = &before[before.rfind("/**").expect("it has a comment")..];
    let public = public();
    let keys: Vec<(&str, &str)> = public
        .iter()
        .filter(|item| matches!(reach(item), Some(By("portcullis_policy_new"))))
        .filter_map(|item| item.split_once("::"))
        .filter(|(config, key)| config.ends_with("Config") && *key != "opens_for")
        .collect();
    assert!(keys.len() > 40, "{} keys were found", keys.len());
    for (config, key) in keys {
        // Two that serde calls otherwise, and what is said of a rule as a whole.
        let key = match (config, key) {
            ("PatternConfig", "kind") => "type",
            ("RuleConfig", "mode") => "action",
            (_, key) => key,
        };
        let ways =
            [format!(".{key} "), format!("\"{key}\""), format!("* {key} "), format!("* {key}\n")];
        assert!(ways.iter().any(|way| comment.contains(way)), "{config}: nothing is said of {key}");
    }
    for word in ["literal", "glob", "strip", "absent", "none", "revision", "mask", "seal"] {
        assert!(comment.contains(&format!("\"{word}\"")), "{word} is not named");
    }
}
