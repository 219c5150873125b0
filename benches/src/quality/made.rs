//! Clean text made at run time: what looks random and is no secret.

use super::clean::Kind;
use crate::random::{ALNUM, BASE64, HEX, LOWER, Random};

/// Each kind of it, about so many bytes.
#[must_use]
pub fn all(bytes: usize) -> Vec<(Kind, &'static str, Vec<u8>)> {
    type Make = fn(&mut Random, &mut String);
    let kinds: [(Kind, &'static str, Make); 5] = [
        (Kind::Minified, "made/bundle.min.js", minified),
        (Kind::Uuid, "made/uuids.log", uuids),
        (Kind::GitHash, "made/commits.log", commits),
        (Kind::Integrity, "made/integrity.txt", integrity),
        (Kind::Image, "made/images.txt", image),
    ];
    let make = |(kind, name, make): (Kind, &'static str, Make)| {
        let (mut random, mut text) = (Random::new(SEED ^ name.len() as u64), String::new());
        while text.len() < bytes {
            make(&mut random, &mut text);
        }
        (kind, name, text.into_bytes())
    };
    kinds.map(make).into()
}

/// A statement or two as minifiers leave them; names of secrets among them, without one. No line
/// ends.
fn minified(random: &mut Random, out: &mut String) {
    let [a, b, c] = [(); 3].map(|()| {
        let mut name = random.one(&["e", "t", "n", "r", "i", "o"]).to_owned();
        random.text(LOWER, random.clone().below(2), &mut name);
        name
    });
    let [word, other] = [(); 2].map(|()| random.words(1));
    let name = random.one(NAMES);
    let number = random.number() % 1_000_000;
    *out += &match random.below(12) {
        0 => format!("function {a}({b},{c}){{return {b}.{word}({c})||{number}}}"),
        1 => format!("var {a}={{{name}:{b}.{name},{word}:!0,{other}:\"{word}-{other}\"}};"),
        2 => format!("if(!{a}.{name})throw Error(\"{name} is required\");"),
        3 => format!("{a}.{name}=process.env.{}_{};", word.to_uppercase(), name.to_uppercase()),
        4 => format!("{a}=>({{...{a},{name}:\"\",headers:{{Authorization:`Bearer ${{{b}}}`}}}}),"),
        5 => format!("{a}.exports=JSON.parse('{{\"{name}\":{{\"type\":\"string\"}}}}');"),
        6 => format!("const{{{name}:{a},{word}:{b}=\"{other}\"}}={c}.{other}({number});"),
        7 => format!("{a}.{word}=/^[A-Za-z0-9_-]{{{}}}$/.test({b});", number % 90),
        8 => format!("\"{name}\"==={a}.type&&{b}({a}.{name},{c}.get(\"{name}\"));"),
        9 => format!("{a}(\"/{word}/{other}?{name}=\"+encodeURIComponent({b}));"),
        10 => format!("{a}.{name}Secret={b}.create{other}Token{name}FromRequest({c});"),
        _ => format!("case {number}:return {a}.__webpack_require__({number}).{word}{other};"),
    };
}

const NAMES: &[&str] = &[
    "password",
    "token",
    "apiKey",
    "secret",
    "accessToken",
    "clientSecret",
    "authorization",
    "privateKey",
    "refreshToken",
    "api_key",
    "credentials",
    "passphrase",
];

fn uuids(random: &mut Random, out: &mut String) {
    let uuid = uuid(random);
    let word = random.words(1);
    *out += &match random.below(6) {
        0 => format!("2026-11-22T06:00:00Z info {word} request_id={uuid} done\n"),
        1 => format!("{{\"id\":\"{uuid}\",\"sessionId\":\"{uuid}\"}}\n"),
        2 => format!("GET /v1/{word}/{uuid} 200\n"),
        3 => format!("{}: {{{}}}\n", word, uuid.to_uppercase()),
        4 => format!("urn:uuid:{uuid}\n"),
        _ => format!("{word}_key: {uuid}\n"),
    };
}

fn uuid(random: &mut Random) -> String {
    let parts = [8, 4, 4, 4, 12].map(|count| {
        let mut part = String::new();
        random.text(HEX, count, &mut part);
        part
    });
    parts.join("-")
}

fn commits(random: &mut Random, out: &mut String) {
    let mut hash = String::new();
    random.text(HEX, 40, &mut hash);
    let words = random.words(5);
    let short = &hash[..7];
    *out += &match random.below(6) {
        0 => format!("commit {hash}\n    {words}\n"),
        1 => format!("{short} {words}\n"),
        2 => format!("index {short}..{} 100644\n", &hash[8..15]),
        3 => format!("\"revision\": \"{hash}\",\n"),
        4 => format!("uses: actions/checkout@{hash} # v4\n"),
        _ => format!("sha256:{hash}{}\n", &hash[..24]),
    };
}

fn integrity(random: &mut Random, out: &mut String) {
    let (mut hash, word) = (String::new(), random.words(1));
    random.text(BASE64, 86, &mut hash);
    *out += &match random.below(5) {
        0 => format!("<script src=\"/{word}.js\" integrity=\"sha384-{}\"></script>\n", &hash[..64]),
        1 => format!("      \"integrity\": \"sha512-{hash}==\",\n"),
        2 => format!("  resolution: {{integrity: sha512-{hash}==}}\n"),
        3 => format!("github.com/{word}/{word} v1.2.3 h1:{}=\n", &hash[..43]),
        _ => format!("  integrity sha1-{}=\n", &hash[..27]),
    };
}

/// A compressed image is as random as a key, and begins like an image.
fn image(random: &mut Random, out: &mut String) {
    let heads = ["iVBORw0KGgoAAAANSUhEUgAA", "/9j/4AAQSkZJRgABAQ", "R0lGODlh", "UklGR"];
    let mut data = random.one(&heads).to_owned();
    let count = 4 * (300 + random.below(8_000));
    random.text(BASE64, count - data.len(), &mut data);
    let mut name = String::new();
    random.text(ALNUM, 6, &mut name);
    *out += &match random.below(3) {
        0 => format!(".icon-{name}{{background:url(data:image/png;base64,{data})}}\n"),
        1 => format!("<img alt=\"{name}\" src=\"data:image/jpeg;base64,{data}\">\n"),
        _ => format!("{{\"type\":\"image\",\"data\":\"{data}\",\"mimeType\":\"image/png\"}}\n"),
    };
}

const SEED: u64 = 20_261_122;
