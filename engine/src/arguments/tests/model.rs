//! Random arguments and rules: the walk over bytes against a naive one over a tree.
//!
//! The tree is written out with random escapes and spacing, and read again by serde_json, so that
//! tree and text are known to mean the same.

use serde_json::{Value, json};

use super::{compile, judge_with};
use crate::arguments::Scratch;
use crate::base::limits::Limits;
use crate::base::reason::Reason;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// A value, in which members keep their order and may occur twice.
#[derive(Clone, Debug)]
enum Tree {
    Text(String),
    Atom(&'static str),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

const NAMES: [&str; 9] = ["a", "b", "c", "A", "0", "1", "k", "\u{212a}", "\u{e9}/~\""];
const TEXTS: [&str; 6] = ["", "-x", "ok", "ok\u{1f600}", "\u{e9}-\n", "toolongforthis"];
const ATOMS: [&str; 6] = ["1", "5.0", "-7", "true", "null", "1e2"];

fn tree(random: &mut Random, depth: usize) -> Tree {
    match random.below(if depth == 0 { 2 } else { 6 }) {
        0 => Tree::Text(random.pick(&TEXTS).to_owned()),
        1 => Tree::Atom(random.pick(&ATOMS)),
        2 | 3 => Tree::Array((0..random.below(4)).map(|_| tree(random, depth - 1)).collect()),
        _ => object(random, depth),
    }
}

fn object(random: &mut Random, depth: usize) -> Tree {
    let member = |random: &mut Random| {
        let name =
            if random.below(4) == 0 { random.pick(&NAMES) } else { random.pick(&NAMES[..3]) };
        (name.to_owned(), tree(random, depth - 1))
    };
    let mut members: Vec<_> = (0..random.below(4)).map(|_| member(random)).collect();
    if random.below(8) != 0 {
        let mut known = Vec::new();
        members.retain(|(name, _)| {
            let is_new = !known.contains(&folded(name));
            known.push(folded(name));
            is_new
        });
    }
    Tree::Object(members)
}

fn folded(name: &str) -> String {
    name.replace('\u{212a}', "k").to_lowercase()
}

fn write_text(random: &mut Random, text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match (c, random.below(4)) {
            ('"', _) => out.push_str("\\\""),
            ('\n', _) => out.push_str("\\n"),
            ('/', 0) => out.push_str("\\/"),
            (c, 0) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let hex = format!("\\u{unit:04x}");
                    out.push_str(&if random.below(2) == 0 {
                        hex.clone()
                    } else {
                        hex.to_uppercase().replace("\\U", "\\u")
                    });
                }
            }
            (c, _) => out.push(c),
        }
    }
    out.push('"');
}

fn write(random: &mut Random, tree: &Tree, out: &mut String) {
    let space = |random: &mut Random, out: &mut String| {
        out.push_str(["", "", "", " ", "\t "][random.below(5)]);
    };
    space(random, out);
    match tree {
        Tree::Text(text) => write_text(random, text, out),
        Tree::Atom(atom) => out.push_str(atom),
        Tree::Array(elements) => {
            out.push('[');
            for (n, element) in elements.iter().enumerate() {
                out.push_str(if n == 0 { "" } else { "," });
                write(random, element, out);
            }
            out.push(']');
        }
        Tree::Object(members) => {
            out.push('{');
            for (n, (name, value)) in members.iter().enumerate() {
                out.push_str(if n == 0 { "" } else { "," });
                write_text(random, name, out);
                space(random, out);
                out.push(':');
                write(random, value, out);
            }
            out.push('}');
        }
    }
    space(random, out);
}

/// The last member of a name counts, as serde_json has it.
fn value(tree: &Tree) -> Value {
    match tree {
        Tree::Text(text) => json!(text),
        Tree::Atom(atom) => serde_json::from_str(atom).expect("an atom"),
        Tree::Array(elements) => elements.iter().map(value).collect(),
        Tree::Object(members) => {
            members.iter().map(|(name, inner)| (name.clone(), value(inner))).collect()
        }
    }
}

fn has_twins(tree: &Tree) -> bool {
    match tree {
        Tree::Array(elements) => elements.iter().any(has_twins),
        Tree::Object(members) => {
            let names: Vec<String> = members.iter().map(|(name, _)| folded(name)).collect();
            (1..names.len()).any(|n| names[..n].contains(&names[n]))
                || members.iter().any(|(_, value)| has_twins(value))
        }
        _ => false,
    }
}

/// A step that was taken: the name of a member, or the number of an element.
#[derive(Clone)]
enum Taken {
    Name(String),
    Number(usize),
}

/// Whether a place means a row of steps, by its definition.
fn fits(place: &[&str], taken: &[Taken], same: &dyn Fn(&str, &str) -> bool) -> bool {
    match (place, taken) {
        ([], taken) => taken.is_empty(),
        (["**", rest @ ..], taken) => {
            (0..=taken.len()).any(|skip| fits(rest, &taken[skip..], same))
        }
        (_, []) => false,
        ([step, rest @ ..], [first, more @ ..]) => {
            let step = step.replace("~1", "/").replace("~0", "~");
            let takes = match first {
                _ if step == "*" => true,
                Taken::Name(name) => same(name, &step),
                Taken::Number(number) => step == number.to_string(),
            };
            takes && fits(rest, more, same)
        }
    }
}

/// Whether a check holds of a value, by its definition; `None` if it is of another type.
fn holds(check: &str, value: &Value) -> Option<bool> {
    Some(match check {
        "no_leading_dash" => !value.as_str()?.starts_with('-'),
        "regex" => value.as_str()?.chars().all(|c| c.is_ascii_lowercase()),
        "one_of" => match value {
            Value::String(text) => text == "ok" || text == "1",
            Value::Number(number) => number.to_string() == "1",
            _ if value.is_array() || value.is_object() => return None,
            _ => false,
        },
        "length" => match value {
            Value::String(text) => text.chars().count() <= 3,
            Value::Array(elements) => elements.len() <= 3,
            _ => return None,
        },
        "range" => value.as_f64().map(|number| (1.0..=5.0).contains(&number))?,
        "members" => value.as_object()?.keys().all(|name| name == "a" || name == "b"),
        "short" => match value {
            Value::String(text) => text.chars().count() <= 1,
            _ => value.as_array()?.len() <= 1,
        },
        "array" => value.is_array(),
        _ => value.is_string(),
    })
}

/// Whether the naive walk refuses: every value, by its steps.
fn refuses(place: &str, check: &str, value: &Value, taken: &mut Vec<Taken>) -> bool {
    let steps: Vec<&str> = place.split('/').skip(1).collect();
    let is_open = place.ends_with("**");
    let exact = |a: &str, b: &str| a == b;
    let same = |a: &str, b: &str| folded(a) == folded(b);
    let is_text = matches!(check, "no_leading_dash" | "regex" | "one_of");
    if fits(&steps, taken, &exact) {
        let is_row = is_text && !is_open && value.is_array();
        let elements = value.as_array().into_iter().flatten().enumerate().filter(|_| is_row);
        // An element that stands at the place itself is judged as what it is there: a row may be.
        let stands =
            |number| fits(&steps, &[&taken[..], &[Taken::Number(number)]].concat(), &exact);
        let elements = elements.filter(|(number, _)| !stands(*number));
        let mut elements = elements.map(|(_, element)| holds(check, element).unwrap_or(false));
        let own = holds(check, value).unwrap_or(is_open || is_row);
        if !own || elements.any(|holds| !holds) {
            return true;
        }
    } else if fits(&steps, taken, &same) {
        return true;
    }
    match value {
        Value::Array(elements) => elements.iter().enumerate().any(|(number, element)| {
            taken.push(Taken::Number(number));
            let refuses = refuses(place, check, element, taken);
            taken.pop();
            refuses
        }),
        Value::Object(members) => members.iter().any(|(name, inner)| {
            taken.push(Taken::Name(name.clone()));
            let refuses = refuses(place, check, inner, taken);
            taken.pop();
            refuses
        }),
        _ => false,
    }
}

/// Where the rules look.
const PLACES: [&str; 25] = [
    "/a",
    "/b/a",
    "/a/*",
    "/a/0",
    "/*/1",
    "/**",
    "/**/a",
    "/a/**",
    "/a/**/b",
    "/**/k",
    "/*/*/a",
    "/a/b/c",
    "/**/\u{e9}~1~0\"",
    "/**/0",
    "/**/*/b",
    "/0",
    "/0/**",
    "/a/0/**",
    "/**/*",
    "/**/*/*",
    "/a/**/*",
    "/a/**/1",
    "/**/a/0",
    "/**/0/*",
    "/*/0/a",
];

#[test]
fn the_walk_over_bytes_agrees_with_a_naive_one() {
    let checks = [
        ("no_leading_dash", json!(true)),
        ("regex", json!("[a-z]*")),
        ("one_of", json!(["ok", "1"])),
        ("length", json!({"max": 3})),
        ("range", json!({"min": 1, "max": 5})),
        ("members", json!(["a", "b"])),
        ("kind", json!("string")),
    ];
    // Several rules at once, since what one does must not change what another sees.
    let mut random = Random(7);
    let combination = |random: &mut Random| {
        let mut rules = Vec::new();
        for n in 0..1 + random.below(3) {
            let (place, (check, setting)) = (random.pick(&PLACES), &checks[random.below(7)]);
            let is_odd = *check == "kind" && place.ends_with("**");
            let check = if is_odd { "no_leading_dash" } else { *check };
            let setting = if is_odd { &json!(true) } else { setting };
            rules.push((
                place,
                check,
                json!({"name": format!("n{n}"), "at": place, check: setting}),
            ));
        }
        let configs = rules.iter().map(|(_, _, config)| config.clone()).collect();
        (rules, compile(&configs))
    };
    let compiled: Vec<_> = (0..400).map(|_| combination(&mut random)).collect();
    let rounds = if cfg!(debug_assertions) { 1_500 } else { 20_000 };
    let (mut scratch, mut seen) = (Scratch::default(), [0_usize; 3]);
    for seed in 0..rounds {
        let mut random = Random(seed);
        let depth = 1 + random.below(5);
        let tree = object(&mut random, depth);
        let mut text = String::new();
        write(&mut random, &tree, &mut text);
        let text = text.trim();
        let known = value(&tree);
        assert_eq!(serde_json::from_str::<Value>(text).expect("JSON"), known, "seed {seed}");
        for _ in 0..8 {
            let (rules, compiled) = &compiled[random.below(compiled.len())];
            let judged = judge_with(compiled, text, &Limits::default(), &mut scratch);
            let context = format!("seed {seed}: {rules:?} of {text}: {judged:?}");
            if has_twins(&tree) {
                assert!(judged.is_err(), "{context}");
                seen[0] += 1;
                continue;
            }
            let refuses = rules
                .iter()
                .any(|(place, check, _)| refuses(place, check, &known, &mut Vec::new()));
            let is_denied = judged.is_err_and(|refused| {
                matches!(refused.reason, Reason::ArgumentDenied | Reason::FoldedMember)
            });
            assert_eq!(is_denied, refuses, "{context}");
            seen[1 + usize::from(refuses)] += 1;
        }
    }
    assert!(seen.iter().all(|count| *count > 200), "{seen:?}");
}

/// A row of rows, among which are objects and other values.
fn row(random: &mut Random, depth: usize) -> String {
    let inner = |random: &mut Random| match random.below(4) {
        1 if depth > 0 => format!("{{\"a\":{}}}", row(random, depth - 1)),
        2 | 3 if depth > 0 => row(random, depth - 1),
        _ => random.pick(&["\"-x\"", "\"ok\"", "\"ok\"", "1", "{}"]).to_owned(),
    };
    let elements: Vec<String> = (0..random.below(4)).map(|_| inner(random)).collect();
    format!("[{}]", elements.join(","))
}

#[test]
fn the_walk_agrees_with_a_naive_one_about_rows_of_rows() {
    let places = "/a /**/a /a/0 /a/* /**/0 /**/* /**/*/* /a/**/* /**/a/* /**/1/0 /*/**/1 /a/0/0 \
                  /a/*/1 /**/a/1 /a/0/** /a/1/**/0 /a/** /a/0/**/a /A /a/**/A/0";
    let checks = [
        ("no_leading_dash", "no_leading_dash", json!(true)),
        ("one_of", "one_of", json!(["ok", "1"])),
        ("short", "length", json!({"max": 1})),
        ("array", "kind", json!("array")),
    ];
    let mut compiled = Vec::new();
    for place in places.split(' ') {
        for (check, key, setting) in &checks {
            if *check == "array" && place.ends_with("**") {
                continue;
            }
            // Between one that looks at everything and one that looks at nothing.
            let rules = compile(&json!([
                {"name": "first", "at": "/**", "range": {"max": 1}},
                {"name": "n", "at": place, *key: setting},
                {"name": "last", "at": "/**/b", "kind": "null"},
            ]));
            compiled.push((place, *check, rules));
        }
    }
    let rounds = if cfg!(debug_assertions) { 500 } else { 5_000 };
    let (mut scratch, mut seen) = (Scratch::default(), [0_usize; 2]);
    for seed in 0..rounds {
        let mut random = Random(seed);
        let depth = 1 + random.below(4);
        let text = format!("{{\"a\":{}}}", row(&mut random, depth));
        let known: Value = serde_json::from_str(&text).expect("JSON");
        for (place, check, rules) in &compiled {
            let wanted = refuses(place, check, &known, &mut Vec::new()).then_some(Some(1));
            let judged = judge_with(rules, &text, &Limits::default(), &mut scratch);
            let by = judged.err().map(|refused| refused.rule);
            assert_eq!(by, wanted, "{place} {check} of {text}");
            seen[usize::from(by.is_some())] += 1;
        }
    }
    assert!(seen.iter().all(|count| *count > 2_000), "{seen:?}");
}

#[test]
fn deep_arguments_are_judged_at_every_depth() {
    let rules = compile(&json!([{"name": "n", "at": "/**/a", "no_leading_dash": true}]));
    for depth in [1, 2, 60, 100] {
        for (text, is_refused) in [("-x", true), ("x", false)] {
            let open = "{\"b\":[".repeat(depth / 2);
            let close = "]}".repeat(depth / 2);
            let arguments = format!("{{\"c\":{open}{{\"a\":\"{text}\"}}{close}}}");
            let judged =
                judge_with(&rules, &arguments, &Limits::default(), &mut Scratch::default());
            assert_eq!(judged.is_err(), is_refused, "{depth} {text}");
        }
    }
}
