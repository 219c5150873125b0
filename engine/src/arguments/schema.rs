//! Whether arguments are what a JSON Schema says (drafts 4 to 2020-12), by the crate `jsonschema`.
//!
//! A schema comes from a server, which may be hostile, and arguments from a client, which may be so
//! too. So before the library sees either, it is computed how often it would apply which part of the
//! schema to values of which depth, and how deep its calls would go. References of a schema form a
//! graph, and a small one can ask for more work than anybody has:
//!
//! ```text
//!   a: {allOf: [b, b]}   b: {allOf: [c, c]}   c: ...     2^n times the last one
//! ```
//!
//! What is over the limits is not decided. So is what cannot be computed beforehand: references to
//! other documents, to anchors, dynamic ones, and identifiers below the top. A pattern that only a
//! backtracking engine can match does not compile. Numbers are compared as the library does, those
//! beyond 64 bits as floats. The invariant: the library never does more than `WORK_MAX` steps, scans
//! more than `SCAN_BYTES_MAX` bytes for patterns, or nests deeper than `CALLS_MAX`.

use std::collections::BTreeMap;
use std::fmt;

use jsonschema::{PatternOptions, Retrieve, Uri, Validator};
use serde_json::{Map, Value};

use super::table::Validity;
use crate::wire::cursor;

/// A schema nests at most so deep as text; those of tools have 20 at most. The library compiles by
/// calling itself.
const DEPTH_MAX: usize = 48;
/// A schema has at most so many patterns; each may take [`PATTERN_BYTES_MAX`] compiled.
const PATTERNS_MAX: u64 = 64;
const PATTERN_BYTES_MAX: usize = 256 << 10;
/// Parts of a schema times values that they are applied to.
const WORK_MAX: u64 = 4 << 20;
/// Bytes of the arguments times patterns that are looked for in them.
const SCAN_BYTES_MAX: u64 = 64 << 20;
/// Parts of the schema that are applied inside of each other.
const CALLS_MAX: u64 = 512;

/// A compiled schema.
pub(super) struct Schema {
    validator: Validator,
    cost: Cost,
}

impl Schema {
    /// Compiles a schema, or does not.
    pub(super) fn compile(text: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(text).ok()?;
        let (names, depth) = measure(text);
        if depth > DEPTH_MAX || names != members(&value) {
            return None;
        }
        let cost = Cost::of(&value)?;
        let patterns =
            PatternOptions::regex().size_limit(PATTERN_BYTES_MAX).dfa_size_limit(PATTERN_BYTES_MAX);
        let options = jsonschema::options().with_retriever(Nowhere).with_pattern_options(patterns);
        Some(Self { validator: options.build(&value).ok()?, cost })
    }

    /// Judges a JSON text of which no object has two members of one name.
    pub(super) fn judge(&self, json: &[u8]) -> Validity {
        let Ok(value) = serde_json::from_slice::<Value>(json) else { return Validity::Undecided };
        if !self.cost.allows(&levels(&value), json.len() as u64) {
            return Validity::Undecided;
        }
        if self.validator.is_valid(&value) { Validity::Valid } else { Validity::Mismatch }
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema").finish_non_exhaustive()
    }
}

/// Other documents are not fetched.
struct Nowhere;

impl Retrieve for Nowhere {
    fn retrieve(
        &self,
        _uri: &Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Err("other documents are not fetched".into())
    }
}

/// How many names of members a JSON text has, and how deep it nests.
fn measure(text: &[u8]) -> (usize, usize) {
    let (mut names, mut depth, mut deepest, mut at) = (0, 0_usize, 0, 0);
    while let Some(byte) = text.get(at) {
        at = match byte {
            b'"' => {
                let end = cursor::string_end(text, at);
                names += usize::from(cursor::is_name(text, end));
                end
            }
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
                at + 1
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                at + 1
            }
            _ => at + 1,
        };
    }
    (names, deepest)
}

/// How many members all objects of a value have: as many as its text has names, if no two members of
/// an object share one.
fn members(value: &Value) -> usize {
    let (mut open, mut count) = (vec![value], 0);
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                count += members.len();
                open.extend(members.values());
            }
            Value::Array(elements) => open.extend(elements),
            _ => {}
        }
    }
    count
}

/// How many values stand at each depth.
fn levels(value: &Value) -> Vec<u64> {
    let (mut open, mut levels) = (vec![(value, 0)], Vec::new());
    while let Some((value, depth)) = open.pop() {
        if levels.len() <= depth {
            levels.resize(depth + 1, 0);
        }
        levels[depth] += 1;
        match value {
            Value::Object(members) => open.extend(members.values().map(|inner| (inner, depth + 1))),
            Value::Array(elements) => open.extend(elements.iter().map(|inner| (inner, depth + 1))),
            _ => {}
        }
    }
    levels
}

/// What applying a schema costs.
struct Cost {
    parts: Vec<Part>,
    /// The parts, such that each comes before those that it applies to the same value.
    order: Vec<usize>,
    /// So often at most is a part applied for each time that another one asks for it.
    factor: u64,
}

/// A schema within the schema.
#[derive(Default)]
struct Part {
    /// What is applied to the same value.
    same: Vec<usize>,
    /// What is applied to the values in it.
    below: Vec<usize>,
    size: u64,
    patterns: u64,
}

impl Cost {
    /// Reads the parts of a schema that can be reached from its top.
    fn of(root: &Value) -> Option<Self> {
        let mut reader = Reader { root, known: BTreeMap::new(), found: Vec::new(), factor: 1 };
        reader.part(root);
        let mut parts = Vec::new();
        // Each part is found once, so this ends.
        while let Some(&value) = reader.found.get(parts.len()) {
            parts.push(reader.read(value)?);
        }
        let patterns: u64 = parts.iter().map(|part: &Part| part.patterns).sum();
        let order = order(&parts)?;
        (patterns <= PATTERNS_MAX).then_some(Self { parts, order, factor: reader.factor })
    }

    /// Whether a value with so many values at each depth, and of so many bytes, may be judged.
    fn allows(&self, levels: &[u64], bytes: u64) -> bool {
        let (mut work, mut scans) = (0_u64, 0_u64);
        // For each part: how often it is applied to a value of this depth, and inside of how many.
        let mut applied = vec![(0_u64, 0_u64); self.parts.len()];
        applied[0] = (1, 1);
        for values in levels {
            let mut below = vec![(0, 0); self.parts.len()];
            for &at in &self.order {
                let ((times, inside), part) = (applied[at], &self.parts[at]);
                if times == 0 {
                    continue;
                }
                let apply = |to: &mut (u64, u64)| {
                    to.0 = to.0.saturating_add(times.saturating_mul(self.factor));
                    to.1 = to.1.max(inside + 1);
                };
                part.same.iter().for_each(|to| apply(&mut applied[*to]));
                part.below.iter().for_each(|to| apply(&mut below[*to]));
                let more = times.saturating_mul(*values).saturating_mul(part.size);
                work = work.saturating_add(more);
                scans = scans.saturating_add(times.saturating_mul(part.patterns * bytes));
                if work > WORK_MAX || scans > SCAN_BYTES_MAX || inside > CALLS_MAX {
                    return false;
                }
            }
            applied = below;
        }
        true
    }
}

/// An order in which each part comes before those that it applies to the same value; none, if there
/// is a circle, which would go on for ever.
fn order(parts: &[Part]) -> Option<Vec<usize>> {
    let mut waits = vec![0_usize; parts.len()];
    parts.iter().flat_map(|part| &part.same).for_each(|to| waits[*to] += 1);
    let mut order: Vec<usize> = (0..parts.len()).filter(|at| waits[*at] == 0).collect();
    let mut next = 0;
    while let Some(&at) = order.get(next) {
        next += 1;
        for &to in &parts[at].same {
            waits[to] -= 1;
            if waits[to] == 0 {
                order.push(to);
            }
        }
    }
    (order.len() == parts.len()).then_some(order)
}

/// Finds the parts of a schema.
struct Reader<'a> {
    root: &'a Value,
    /// The number of each part, by its place in memory.
    known: BTreeMap<usize, usize>,
    found: Vec<&'a Value>,
    factor: u64,
}

impl<'a> Reader<'a> {
    /// The number of a part.
    fn part(&mut self, value: &'a Value) -> usize {
        let place = std::ptr::from_ref(value).addr();
        *self.known.entry(place).or_insert_with(|| {
            self.found.push(value);
            self.found.len() - 1
        })
    }

    /// Reads one part; none, if it says what cannot be computed beforehand.
    fn read(&mut self, value: &'a Value) -> Option<Part> {
        let Value::Object(keywords) = value else {
            return value.is_boolean().then(|| Part { size: 1, ..Part::default() });
        };
        let is_root = std::ptr::eq(value, self.root);
        let mut part = Part { size: 1, ..Part::default() };
        for (keyword, value) in keywords {
            part.size += match value {
                Value::Array(elements) => 1 + elements.len() as u64,
                Value::Object(members) => 1 + members.len() as u64,
                _ => 1,
            };
            self.keyword(keyword, value, is_root, &mut part)?;
        }
        Some(part)
    }

    fn keyword(
        &mut self,
        keyword: &str,
        value: &'a Value,
        is_root: bool,
        part: &mut Part,
    ) -> Option<()> {
        match keyword {
            "$ref" => {
                let target = self.target(value.as_str()?)?;
                part.same.push(self.part(target));
            }
            "$dynamicRef" | "$recursiveRef" | "$anchor" | "$dynamicAnchor" | "$recursiveAnchor" => {
                return None;
            }
            "$id" | "id" if !is_root && value.is_string() => return None,
            "not" | "if" | "then" | "else" => part.same.push(self.part(value)),
            "allOf" | "anyOf" | "oneOf" => self.elements(value, &mut part.same),
            "dependentSchemas" | "dependencies" => self.values(value, &mut part.same),
            "properties" => self.values(value, &mut part.below),
            "patternProperties" => {
                part.patterns += value.as_object().map_or(0, Map::len) as u64;
                self.values(value, &mut part.below);
            }
            "prefixItems" => self.elements(value, &mut part.below),
            "items" if value.is_array() => self.elements(value, &mut part.below),
            "items" | "additionalItems" | "contains" | "additionalProperties" | "propertyNames" => {
                part.below.push(self.part(value));
            }
            "unevaluatedItems" | "unevaluatedProperties" => {
                // What was evaluated is found out by applying everything again, at each level.
                self.factor = 5;
                part.below.push(self.part(value));
            }
            "pattern" | "format" => part.patterns += 1,
            // Compared value by value.
            "enum" | "const" => part.size += self::count(value),
            _ => {}
        }
        Some(())
    }

    fn elements(&mut self, value: &'a Value, into: &mut Vec<usize>) {
        let elements = value.as_array().into_iter().flatten();
        into.extend(elements.map(|element| self.part(element)));
    }

    /// The schemas that are members of an object. Lists of names, as old drafts have, are none.
    fn values(&mut self, value: &'a Value, into: &mut Vec<usize>) {
        let values = value.as_object().into_iter().flat_map(Map::values);
        into.extend(values.filter(|value| !value.is_array()).map(|value| self.part(value)));
    }

    /// What a reference within the document leads to.
    fn target(&self, reference: &str) -> Option<&'a Value> {
        let pointer = reference.strip_prefix('#')?;
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return None;
        }
        // A name with an escape is not worth a second way to decode it.
        if pointer.contains('%') { None } else { self.root.pointer(pointer) }
    }
}

/// How many values there are in a value.
fn count(value: &Value) -> u64 {
    levels(value).iter().sum()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use serde_json::json;

    use super::*;

    fn judge(schema: &Value, value: &Value) -> Validity {
        match Schema::compile(schema.to_string().as_bytes()) {
            Some(schema) => schema.judge(value.to_string().as_bytes()),
            None => Validity::Undecided,
        }
    }

    #[test]
    fn arguments_are_what_the_schema_says() {
        let schema = json!({
            "type": "object", "required": ["path"], "additionalProperties": false,
            "properties": {
                "path": {"type": "string", "pattern": "^/data/", "maxLength": 20},
                "mode": {"enum": ["r", "w"]},
                "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}, "maxItems": 3},
            },
            "$defs": {"line": {"type": "integer", "minimum": 1}},
        });
        for (value, wanted) in [
            (json!({"path": "/data/x"}), Validity::Valid),
            (json!({"path": "/data/x", "mode": "r", "lines": [1, 2]}), Validity::Valid),
            (json!({"path": "/etc/x"}), Validity::Mismatch),
            (json!({"path": 1}), Validity::Mismatch),
            (json!({}), Validity::Mismatch),
            (json!({"path": "/data/x", "bcc": "y"}), Validity::Mismatch),
            (json!({"path": "/data/x", "lines": [0]}), Validity::Mismatch),
            (json!({"path": "/data/x", "lines": [1, 2, 3, 4]}), Validity::Mismatch),
        ] {
            assert_eq!(judge(&schema, &value), wanted, "{value}");
        }
        let compiled = Schema::compile(b"{}").expect("it compiles");
        assert_eq!(compiled.judge(b"{\"a\":1E400}"), Validity::Undecided);
        fn may_move<T: Send + Sync>(_: &T) {}
        may_move(&compiled);
    }

    #[test]
    fn what_cannot_be_computed_beforehand_is_not_decided() {
        for schema in [
            json!({"$ref": "https://example.com/schema"}),
            json!({"$ref": "other.json"}),
            json!({"$ref": "#anchor", "$defs": {"a": {"$anchor": "anchor"}}}),
            json!({"$dynamicRef": "#x"}),
            json!({"properties": {"a": {"$id": "https://example.com/"}}}),
            json!({"$ref": "#"}),
            json!({"$ref": "#/$defs/none"}),
            json!({"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"not": {"$ref": "#"}}}}),
            json!({"properties": {"a": {"pattern": "(?=x)y"}}}),
            json!({"properties": {"a": {"pattern": "(a)\\1"}}}),
            json!({"pattern": "[\\w]{1000}{1000}"}),
            json!({"type": "no-such-type"}),
            json!({"properties": 5}),
            json!("a string"),
        ] {
            assert_eq!(judge(&schema, &json!({"a": "b"})), Validity::Undecided, "{schema}");
        }
        assert!(Schema::compile(br#"{"type":"object","type":"string"}"#).is_none());
        assert!(Schema::compile(br#"{"type":"object","typ\u0065":"string"}"#).is_none());
        assert!(Schema::compile(b"{").is_none());
        // The same names elsewhere are names.
        let named = json!({"properties": {"$id": {"type": "string"}, "$ref": {"type": "integer"}}});
        assert_eq!(judge(&named, &json!({"$id": "x", "$ref": 1})), Validity::Valid);
        assert_eq!(judge(&named, &json!({"$id": 1})), Validity::Mismatch);
    }

    #[test]
    fn patterns_and_depth_at_their_limits() {
        for (count, is_good) in [(63, true), (64, true), (65, false)] {
            let all: Vec<Value> = (0..count).map(|n| json!({"pattern": format!("x{n}")})).collect();
            let got = judge(&json!({"properties": {"a": {"anyOf": all}}}), &json!({"a": "x1"}));
            assert_eq!(got == Validity::Valid, is_good, "{count}");
        }
        for (depth, is_good) in [(23, true), (24, true), (25, false)] {
            let mut text = String::new();
            for _ in 0..depth - 1 {
                text.push_str(r#"{"properties":{"a":"#);
            }
            text.push_str("{\"x\":[]}");
            text.push_str(&"}}".repeat(depth - 1));
            assert_eq!(Schema::compile(text.as_bytes()).is_some(), is_good, "{depth}");
        }
    }

    #[test]
    fn a_tree_that_refers_to_itself_is_decided() {
        let schema = json!({
            "properties": {"children": {"type": "array", "items": {"$ref": "#"}}},
            "required": ["name"],
        });
        let mut tree = json!({"name": "leaf"});
        for _ in 0..20 {
            tree = json!({"name": "node", "children": [tree, {"name": "x"}]});
        }
        assert_eq!(judge(&schema, &tree), Validity::Valid);
        tree["children"][0]["children"][1] = json!({});
        assert_eq!(judge(&schema, &tree), Validity::Mismatch);
    }

    #[test]
    fn a_small_schema_that_asks_for_endless_work_is_not_decided() {
        let doubling = |keyword: &str, count: usize| {
            let mut defs = Map::new();
            for n in 0..count {
                let next = json!({"$ref": format!("#/$defs/d{}", n + 1)});
                defs.insert(format!("d{n}"), json!({keyword: [next, next]}));
            }
            defs.insert(format!("d{count}"), json!({"type": "object"}));
            json!({"$ref": "#/$defs/d0", "$defs": defs})
        };
        for keyword in ["allOf", "anyOf", "oneOf"] {
            assert_eq!(judge(&doubling(keyword, 40), &json!({})), Validity::Undecided, "{keyword}");
        }
        assert_eq!(judge(&doubling("allOf", 10), &json!({})), Validity::Valid);
        // Twice for each level of the arguments.
        let both = json!({"additionalProperties": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}});
        let nested = |depth: usize| {
            let text = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
            serde_json::from_str::<Value>(&text).expect("JSON")
        };
        assert_eq!(judge(&both, &nested(5)), Validity::Valid);
        assert_eq!(judge(&both, &nested(60)), Validity::Undecided);
        // Whatever was evaluated has to be found out again and again.
        let mut again = json!({"properties": {"a": {}}});
        for _ in 0..15 {
            again = json!({"allOf": [again], "unevaluatedProperties": false});
        }
        assert_eq!(judge(&again, &json!({"a": 1})), Validity::Undecided);
    }

    #[test]
    fn calls_never_nest_deeper_than_a_stack_holds() {
        let chain = |count: u64| {
            let mut text = String::from(r##"{"$ref":"#/$defs/d1","$defs":{"##);
            for n in 1..count {
                write!(text, r##""d{n}":{{"$ref":"#/$defs/d{}"}},"##, n + 1).expect("text");
            }
            write!(text, r#""d{count}":{{"type":"object"}}}}}}"#).expect("text");
            text
        };
        for (count, wanted) in [
            (CALLS_MAX - 2, Validity::Valid),
            (CALLS_MAX - 1, Validity::Valid),
            (CALLS_MAX, Validity::Undecided),
        ] {
            let schema = Schema::compile(chain(count).as_bytes()).expect("it compiles");
            assert_eq!(schema.judge(b"{}"), wanted, "{count}");
        }
        // Many more are compiled, though none is judged by them.
        let schema = Schema::compile(chain(2_000).as_bytes()).expect("it compiles");
        assert_eq!(schema.judge(b"{}"), Validity::Undecided);
    }
}
