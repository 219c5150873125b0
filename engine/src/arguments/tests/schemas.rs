//! What a server listed, and what is kept of it.

use std::borrow::Cow;

use crate::arguments::rules::Call;
use crate::arguments::table::{SCHEMA_BYTES_MAX, SCHEMAS_BYTES_MAX, TOOLS_MAX};
use crate::arguments::{SchemaConfig, SchemaTable, Scratch, UnknownSchema};
use crate::base::limits::Limits;
use crate::base::reason::Reason;

fn collect(table: &mut SchemaTable, tools: &str) -> Result<(), Reason> {
    let frame = format!(r#"{{"result":{{"tools":{tools}}}}}"#);
    let start = frame.find(tools).expect("they are there");
    let raw = |range: std::ops::Range<usize>| Cow::Owned(frame.as_bytes()[range].to_vec());
    table.collect(frame.as_bytes(), start..start + tools.len(), &Limits::default(), raw)
}

fn call(table: &mut SchemaTable, unknown: UnknownSchema, tool: &str, json: &str) -> Option<Reason> {
    let config = SchemaConfig { validate: true, unknown };
    let call = Call { tool, frame: json.as_bytes(), arguments: Some(0..json.len()) };
    let judged = table.judge(config, &call, &Limits::default(), &mut Scratch::default());
    judged.err().map(|refused| refused.reason)
}

fn tool(name: &str, schema: &str) -> String {
    format!(r#"{{"name":"{name}","description":"x","inputSchema":{schema}}}"#)
}

#[test]
fn a_list_that_two_peers_may_read_differently_is_refused() {
    for (tools, reason) in [
        ("5", Reason::BadParamsMember),
        ("[5]", Reason::BadParamsMember),
        ("[{}]", Reason::BadParamsMember),
        (r#"[{"name":5}]"#, Reason::BadParamsMember),
        (r#"[{"name":"a","Name":"b"}]"#, Reason::DuplicateMember),
        (r#"[{"Name":"a"}]"#, Reason::FoldedMember),
        (r#"[{"name":"a","inputschema":{}}]"#, Reason::FoldedMember),
        (r#"[{"name":"a","inputSchema":{},"input\u0053chema":{}}]"#, Reason::DuplicateMember),
    ] {
        assert_eq!(collect(&mut SchemaTable::default(), tools), Err(reason), "{tools}");
    }
    assert_eq!(collect(&mut SchemaTable::default(), "[]"), Ok(()));
    assert_eq!(collect(&mut SchemaTable::default(), r#"[{"name":"a"}]"#), Ok(()));
}

#[test]
fn memory_is_bounded_and_what_had_no_room_is_undecided() {
    let pass = UnknownSchema::Pass;
    for (count, wanted) in
        [(TOOLS_MAX - 1, None), (TOOLS_MAX, None), (TOOLS_MAX + 1, Some(Reason::Undecided))]
    {
        let mut table = SchemaTable::default();
        let all: Vec<String> = (0..count).map(|n| tool(&format!("t{n}"), "{}")).collect();
        collect(&mut table, &format!("[{}]", all.join(","))).expect("a list");
        assert_eq!(call(&mut table, pass, "another", "{}"), wanted, "{count}");
    }
    let mut table = SchemaTable::default();
    let long = |bytes: usize| format!("{{\"$comment\":\"{}\"}}", "x".repeat(bytes - 15));
    for n in 0..40 {
        let listed = format!("[{}]", tool(&format!("t{n}"), &long(SCHEMA_BYTES_MAX)));
        collect(&mut table, &listed).expect("a list");
        assert!(table.memory() <= SCHEMAS_BYTES_MAX + 64 * 1024);
    }
    assert_eq!(call(&mut table, pass, "t39", "{}"), Some(Reason::Undecided));
    // Room that was given back is room.
    for n in 0..20 {
        collect(&mut table, &format!("[{{\"name\":\"t{n}\"}}]")).expect("a list");
    }
    assert_eq!(call(&mut table, pass, "t0", "{}"), None);
}

#[cfg(not(feature = "schema"))]
#[test]
fn a_build_without_validation_says_so() {
    let asks = SchemaConfig { validate: true, ..SchemaConfig::default() };
    let told = asks.check().expect_err("it cannot").to_string();
    assert!(told.starts_with("schema.validate: ") && told.contains("feature"), "{told}");
    assert!(SchemaConfig::default().check().is_ok());
}

#[cfg(feature = "schema")]
mod compiled {
    use super::*;
    use crate::arguments::table::ARGUMENTS_BYTES_MAX;

    const STRICT: &str =
        r#"{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}"#;

    #[test]
    fn arguments_are_validated_by_the_newest_schema() {
        let mut table = SchemaTable::default();
        let (pass, refuse) = (UnknownSchema::Pass, UnknownSchema::Refuse);
        assert_eq!(call(&mut table, pass, "t", "{}"), None);
        assert_eq!(call(&mut table, refuse, "t", "{}"), Some(Reason::Undecided));
        collect(&mut table, &format!("[{}]", tool("t", STRICT))).expect("a list");
        for (json, wanted) in [
            ("{}", None),
            (r#"{"a":"x"}"#, None),
            (r#"{"\u0061":"x"}"#, None),
            (r#"{"a":1}"#, Some(Reason::SchemaMismatch)),
            (r#"{"bcc":"x"}"#, Some(Reason::SchemaMismatch)),
            (r#"{"a":"x","a":"y"}"#, Some(Reason::DuplicateMember)),
            (r#"{"a":"x","A":"y"}"#, Some(Reason::DuplicateMember)),
            ("[]", Some(Reason::BadParamsMember)),
        ] {
            assert_eq!(call(&mut table, refuse, "t", json), wanted, "{json}");
        }
        collect(&mut table, &format!("[{}]", tool("t", r#"{"required":["b"]}"#))).expect("a list");
        assert_eq!(call(&mut table, pass, "t", r#"{"a":1}"#), Some(Reason::SchemaMismatch));
        assert_eq!(call(&mut table, pass, "t", r#"{"b":1}"#), None);
        collect(&mut table, &format!("[{}]", tool("t", r#"{"type":"nonsense"}"#))).expect("a list");
        assert_eq!(call(&mut table, pass, "t", r#"{"b":1}"#), Some(Reason::Undecided));
        let off = SchemaConfig::default();
        let call = Call { tool: "t", frame: b"[]", arguments: None };
        assert!(table.judge(off, &call, &Limits::default(), &mut Scratch::default()).is_ok());
    }

    #[test]
    fn schemas_and_arguments_at_their_limits() {
        for (bytes, wanted) in [
            (SCHEMA_BYTES_MAX - 1, None),
            (SCHEMA_BYTES_MAX, None),
            (SCHEMA_BYTES_MAX + 1, Some(Reason::Undecided)),
        ] {
            let schema = format!("{{\"$comment\":\"{}\"}}", "x".repeat(bytes - 15));
            assert_eq!(schema.len(), bytes);
            let mut table = SchemaTable::default();
            collect(&mut table, &format!("[{}]", tool("t", &schema))).expect("a list");
            assert_eq!(call(&mut table, UnknownSchema::Pass, "t", "{}"), wanted, "{bytes}");
        }
        let mut table = SchemaTable::default();
        collect(&mut table, &format!("[{}]", tool("t", STRICT))).expect("a list");
        for (bytes, wanted) in [
            (ARGUMENTS_BYTES_MAX - 1, None),
            (ARGUMENTS_BYTES_MAX, None),
            (ARGUMENTS_BYTES_MAX + 1, Some(Reason::Undecided)),
        ] {
            let json = format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
            assert_eq!(json.len(), bytes);
            assert_eq!(call(&mut table, UnknownSchema::Pass, "t", &json), wanted, "{bytes}");
        }
    }

    #[test]
    fn many_tools_are_compiled_a_few_at_a_time() {
        let mut table = SchemaTable::default();
        let all: Vec<String> = (0..50).map(|n| tool(&format!("t{n}"), STRICT)).collect();
        collect(&mut table, &format!("[{}]", all.join(","))).expect("a list");
        for n in (0..50).chain(0..50) {
            let name = format!("t{n}");
            let got = call(&mut table, UnknownSchema::Refuse, &name, r#"{"a":1}"#);
            assert_eq!(got, Some(Reason::SchemaMismatch));
        }
    }
}
