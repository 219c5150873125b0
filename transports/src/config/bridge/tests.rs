//! A part with everything that a type of the engine may have.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;

use super::*;
use crate::config::fault::Faults;
use crate::config::tree;

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    on: bool,
    count: u32,
    body_bytes_max: u64,
    low: i64,
    word: Word,
    shape: Option<Shape>,
    texts: Vec<String>,
    address: Option<IpAddr>,
    expires_ms: Option<u64>,
    wait_ms: u64,
    token: Option<String>,
    tokens: Vec<Token>,
    free: BTreeMap<String, u64>,
    port: u16,
    bytes: Vec<Amount>,
    shapes: BTreeMap<String, Token>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    #[default]
    Allow,
    DenyAll,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Shape {
    Length { most: u32 },
    OneOf(Vec<String>),
    Any,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Amount {
    count: u64,
    burst: u64,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    name: String,
    #[serde(default)]
    until_ms: Option<u64>,
}

/// The part, whether it holds a secret, and the keys that were taken.
fn read(text: &str) -> Result<(Config, bool, Vec<String>), String> {
    let environment = |name: &str| match name {
        "SEVEN" => Some("7".to_owned()),
        "TRUE" => Some("true".to_owned()),
        "TOKEN" => Some("SECRET-ENV".to_owned()),
        _ => None,
    };
    let mut walk = Walk {
        file: "f".into(),
        environment: &environment,
        faults: Vec::new(),
        warnings: Vec::new(),
        keys: Vec::new(),
    };
    let root = tree::read(text).expect("this is YAML");
    let part = part::<Config>(&mut walk, root, "part");
    let keys = walk.keys.into_iter().map(|(key, _)| key).collect();
    match part.value {
        Some(value) => Ok((value, part.holds_secret, keys)),
        None => Err(Faults::in_order(walk.faults).to_string()),
    }
}

#[test]
fn everything_is_read_as_its_type_says() {
    let (config, holds_secret, keys) = read(
        r#"
on: "${TRUE}"
count: "${SEVEN}"
body_bytes_max: 2KiB
low: -3
word: deny_all
shape: {length: {most: 4}}
texts: [a, "x${SEVEN}", "$${SEVEN}"]
address: 2001:db8::1
expires: 2027-01-31T12:00:00+01:00
wait_ms: 5
token: "${TOKEN}"
tokens: [{name: a}, {name: b, until: "1970-01-01T00:00:01.5Z"}]
free: {x: 1, y: "${SEVEN}"}
port: 65535
bytes: [{count: 1MiB, burst: 2048}]
shapes: {x: {name: a}}
"#,
    )
    .unwrap();
    let want = Config {
        on: true,
        count: 7,
        body_bytes_max: 2048,
        low: -3,
        word: Word::DenyAll,
        shape: Some(Shape::Length { most: 4 }),
        texts: vec!["a".into(), "x7".into(), "${SEVEN}".into()],
        address: Some("2001:db8::1".parse().unwrap()),
        expires_ms: Some(1_801_393_200_000),
        wait_ms: 5,
        token: Some("SECRET-ENV".into()),
        tokens: vec![
            Token { name: "a".into(), until_ms: None },
            Token { name: "b".into(), until_ms: Some(1_500) },
        ],
        free: [("x".into(), 1), ("y".into(), 7)].into(),
        port: 65_535,
        bytes: vec![Amount { count: 1 << 20, burst: 2_048 }],
        shapes: [("x".into(), Token { name: "a".into(), until_ms: None })].into(),
    };
    assert_eq!(config, want);
    assert!(!holds_secret, "a variable is no secret of the file");
    for key in ["part.expires", "part.expires_ms", "part.tokens[1].until", "part.free.y"] {
        assert!(keys.iter().any(|known| known == key), "{key} in {keys:?}");
    }
}

#[test]
fn nothing_is_the_default() {
    for text in ["", "{}", "tokens:", "{tokens: , shape: , expires: , free: }"] {
        assert_eq!(read(text).unwrap().0, Config::default(), "{text}");
    }
    assert_eq!(read("shape: {one_of: [a]}").unwrap().0.shape, Some(Shape::OneOf(vec!["a".into()])));
    assert_eq!(read("shape: any").unwrap().0.shape, Some(Shape::Any));
}

#[test]
fn a_secret_in_the_file_is_noticed() {
    assert!(read("token: SECRET-1").unwrap().1);
    assert!(read("token: \"x${TOKEN}\"").unwrap().1);
}

#[test]
fn each_fault_has_its_place_and_key_and_shows_no_value() {
    for (text, want) in [
        ("SECRET-1", "1:1: part: has to be a mapping, and text stands here"),
        ("onn: true", "1:1: part.onn: there is no such key; did you mean `on`?"),
        (
            "on: SECRET-1",
            "1:5: part.on: has to be true or false, and text stands here; write true or false, without quotes",
        ),
        ("count: SECRET-1", "1:8: part.count: has to be a whole number, from 0 on"),
        ("count: 1.5", "1:8: part.count: has to be a whole number, and a fraction stands here"),
        ("count: 4294967296", "1:8: part.count: has to lie between 0 and 4294967295"),
        (
            "low: 9223372036854775808",
            "1:6: part.low: has to lie between -9223372036854775808 and 9223372036854775807",
        ),
        ("port: 65536", "1:7: part.port: has to lie between 0 and 65535"),
        (
            "bytes: [{count: 1parsec}]",
            "1:17: part.bytes[0].count: has to be a size such as 1048576 or 1MiB, from 0 on",
        ),
        ("count: -1", "1:8: part.count: has to be a whole number, from 0 on"),
        (
            "body_bytes_max: SECRET-1",
            "1:17: part.body_bytes_max: has to be a size such as 1048576 or 1MiB, from 0 on",
        ),
        ("word: SECRET-1", "1:7: part.word: there is no such word; it is allow or deny_all"),
        ("word: 1", "1:7: part.word: has to be text, and a number stands here; put it in quotes"),
        (
            "shape: {SECRET-1: 1}",
            "1:9: part.shape: part.shape has no such key; it takes: length, one_of, any",
        ),
        (
            "shape: {length: {most: SECRET-1}}",
            "1:24: part.shape.length.most: has to be a whole number, from 0 on",
        ),
        (
            "shape: {}",
            "1:8: part.shape: has to have exactly one member; keep one of: length, one_of, any",
        ),
        ("shape: length", "1:8: part.shape: a value of this kind cannot stand here"),
        ("texts: SECRET-1", "1:8: part.texts: has to be a list, and text stands here"),
        (
            "texts: [a, 90210]",
            "1:12: part.texts[1]: has to be text, and a number stands here; put it in quotes",
        ),
        (
            "texts: [a, \"${NONE}\"]",
            "1:12: part.texts[1]: the environment variable NONE is not set, or not UTF-8; export NONE, or write $${NONE} for the text itself",
        ),
        ("address: SECRET-1", "1:10: part.address: invalid IP address syntax"),
        (
            "expires: SECRET-1",
            "1:10: part.expires: is no time with a date and an offset; write it as 2027-01-31T12:00:00Z",
        ),
        (
            "expires: 1801393200000",
            "1:10: part.expires: has to be text, and a number stands here; put it in quotes",
        ),
        (
            "expires: 1969-12-31T23:59:59Z",
            "1:10: part.expires: is no time with a date and an offset; write it as 2027-01-31T12:00:00Z",
        ),
        (
            "expires_ms: 5",
            "1:1: part: part has no such key; it takes: on, count, body_bytes_max, low, word, shape, texts, address, expires, wait_ms, token, tokens, free, port, bytes, shapes",
        ),
        (
            "token: \"${MY-TOKEN}\"",
            "1:8: part.token: what looks like a variable is none; spell it ${NAME}, or $${ for the text ${ itself",
        ),
        (
            "tokens: [{nam: SECRET-1}]",
            "1:11: part.tokens[0].nam: there is no such key; did you mean `name`?",
        ),
        ("tokens: [{}]", "1:10: part.tokens[0]: the key `name` is missing; add it"),
        (
            "tokens: [{name: a, until: x}]",
            "1:27: part.tokens[0].until: is no time with a date and an offset; write it as 2027-01-31T12:00:00Z",
        ),
        ("free: {x: SECRET-1}", "1:11: part.free.x: has to be a whole number, from 0 on"),
        (
            "free: {123456789-12345: x}",
            "1:25: part.free.123456789-12345: has to be a whole number, from 0 on",
        ),
        ("free: {SECRET-1-1234567: x}", "1:26: part.free.*: has to be a whole number, from 0 on"),
        ("shapes: {x: 5}", "1:13: part.shapes.x: has to be a mapping, and a number stands here"),
        (
            "shapes: {x: {nam: a}}",
            "1:14: part.shapes.x.nam: there is no such key; did you mean `name`?",
        ),
        ("free: {a: 1, a: 2}", "1:14: part.free: a key stands here twice; remove one of them"),
        ("on: true\non: false", "2:1: part.on: the key stands here twice; remove one of them"),
    ] {
        let told = read(text).expect_err(text);
        let first = told.strip_prefix("f:").unwrap();
        assert!(first == want || first.starts_with(&format!("{want}\n")), "{text}\n{told}");
        assert!(!told.contains("SECRET"), "{told}");
    }
}

#[test]
fn every_unknown_key_is_told_at_once() {
    let told = read("onn: 1\ncont: 2\ntokens: [{name: a, untl: 3}]").unwrap_err();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 3, "{told}");
}
