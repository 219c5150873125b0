//! What an attacker would send to make judging slow: each input aims at one part of it.
//!
//! They are of two kinds. One repeats what a place of interest looks like, so that the questions
//! asked there cost the most: runs, `=`, `:`, `://`, `%41`, escapes, characters nobody sees. The
//! other repeats what answers such a question with yes and then is nothing: heads without bodies,
//! names without values, blobs that hold no text, views within views.

use portcullis_engine::Rules;

use crate::mix;
use crate::random::{ALNUM, BASE64, DIGITS, HEX, Random};
use crate::secrets;
use crate::workload::Workload;

/// All of them.
pub const HOSTILE: &[Workload] = &[
    Workload::text("pathological/a", |bytes, _| "a".repeat(bytes)),
    Workload::text("pathological/equals", |bytes, _| repeated("A=", bytes)),
    Workload::text("pathological/colons", |bytes, _| repeated("a:", bytes)),
    Workload::text("pathological/backslashes", |bytes, _| "\\".repeat(bytes / 2)),
    Workload::text("pathological/quotes", |bytes, _| "\"".repeat(bytes / 2)),
    Workload::text("pathological/runs_of_10", |bytes, _| repeated("aaaaaaaaaa ", bytes)),
    Workload::text("pathological/runs_of_12", |bytes, _| repeated("aaaaaaaaaaaa ", bytes)),
    Workload::text("pathological/random_runs", |bytes, random| runs(ALNUM, 12, bytes, random)),
    Workload::text("pathological/random_32", |bytes, random| runs(ALNUM, 32, bytes, random)),
    Workload::text("pathological/members", |bytes, _| repeated(":\"key", bytes * 5 / 6)),
    Workload::text("pathological/prefixes", prefixes),
    Workload::text("pathological/heads", |bytes, random| heads(" ", bytes, random)),
    Workload::text("pathological/heads_glued", |bytes, random| heads("", bytes, random)),
    Workload::text("pathological/almost", almost),
    Workload::text("pathological/pem", pem),
    Workload::text("pathological/begin_lines", |bytes, _| repeated(BEGIN, bytes * 14 / 15)),
    Workload::text("pathological/dashes", |bytes, _| "-".repeat(bytes)),
    Workload::text("pathological/nested", |bytes, _| repeated("[{\"a\":", bytes * 3 / 4)),
    Workload::text("pathological/nested_strings", nested_strings),
    Workload::text("pathological/escaped", escaped),
    Workload::text("pathological/names", |bytes, _| repeated(NAMES, bytes)),
    Workload::text("pathological/password=", |bytes, _| repeated("password=", bytes)),
    Workload::text("pathological/password: x", |bytes, _| repeated("password: x ", bytes)),
    Workload::text("pathological/option", |bytes, _| repeated("--password ", bytes)),
    Workload::text("pathological/bearer", |bytes, _| repeated("Authorization: Bearer ", bytes)),
    Workload::text("pathological/named_values", named_values),
    Workload::text("pathological/urls", |bytes, _| repeated("postgres://user:pass", bytes)),
    Workload::text("pathological/schemes", |bytes, _| repeated("://", bytes)),
    Workload::text("pathological/user_hosts", |bytes, _| repeated("a://b:@", bytes)),
    Workload::text("pathological/marks", |bytes, _| repeated(MARKS, bytes)),
    Workload::text("pathological/dotted", |bytes, _| repeated("aaaaaaaaaaaa.", bytes)),
    Workload::text("pathological/jwt_heads", |bytes, _| repeated("eyJhbGciOi.", bytes)),
    Workload::text("pathological/uuids", uuids),
    Workload::text("pathological/digits", |bytes, random| runs(DIGITS, 16, bytes, random)),
    Workload::text("pathological/base64", |bytes, random| one_run(BASE64, bytes, random)),
    Workload::text("pathological/base64_lines", |bytes, random| runs(BASE64, 76, bytes, random)),
    Workload::text("pathological/base64_of_text", |bytes, random| {
        base64(mix::prose(bytes * 3 / 4, random).as_bytes())
    }),
    Workload::text("pathological/base64_of_equals", |bytes, _| {
        base64(repeated("password=", bytes * 3 / 4).as_bytes())
    }),
    Workload::text("pathological/base64_of_base64", |bytes, random| {
        base64(base64(mix::prose(bytes * 9 / 16, random).as_bytes()).as_bytes())
    }),
    Workload::text("pathological/base64_words", base64_words),
    Workload::text("pathological/hex", |bytes, random| one_run(HEX, bytes, random)),
    Workload::text("pathological/hex_of_text", hex_of_text),
    Workload::text("pathological/hex_words", |bytes, random| runs(HEX, 40, bytes, random)),
    Workload::text("pathological/percent", |bytes, _| repeated("%41", bytes)),
    Workload::text("pathological/percent_twice", |bytes, _| repeated("%2541", bytes)),
    Workload::text("pathological/percent_runs", |bytes, _| repeated("aaaaaaaaaa%3d", bytes)),
    Workload::text("pathological/by_number_in_text", |bytes, _| repeated("\\u0041", bytes * 6 / 7)),
    Workload::text("pathological/hidden", |bytes, _| repeated("abc\u{200b}", bytes)),
    Workload::text("pathological/not_ascii", |bytes, _| repeated("aaaaaaaaaaaa\u{e9}", bytes)),
    Workload::json("pathological/by_number", |bytes, _| string("\\u0041", bytes)),
    Workload::json("pathological/hidden_by_number", |bytes, _| string("abc\\u200b", bytes)),
    Workload::json("pathological/slashes", |bytes, _| string("a\\/", bytes)),
    Workload::json("pathological/line_ends", |bytes, _| string("aaaaaaaaaaaa\\n", bytes)),
    Workload::json("pathological/secret_members", |bytes, _| array("{\"password\":\"\"}", bytes)),
    Workload::json("pathological/placeholders", |bytes, _| {
        array("{\"password\":\"${PASSWORD}\"}", bytes)
    }),
    Workload::json("pathological/short_strings", |bytes, _| array("\"\"", bytes)),
    Workload::json("pathological/objects", |bytes, _| array("{\"a\":1,\"b\":[]}", bytes)),
    Workload::json("pathological/numbers", |bytes, _| array("1", bytes)),
];

const BEGIN: &str = concat!("-----BEGIN RSA ", "PRIVATE KEY-----\n");
/// Names that ask for a value, and values that are none.
const NAMES: &str =
    "api_key: password=client_secret => \"access-token\" := aaaaaaaaaaaa_bbbbbbbbbbbb ";
/// What rules look back for: tildes, dots, slashes, scheme words, dashes.
const MARKS: &str = "abc8Q~aaaaaaaaaaaa.~~~Bearer Basic aaaaaaaaaa+/aaaaaaaaaaa----------";

fn repeated(piece: &str, bytes: usize) -> String {
    piece.repeat(bytes / piece.len())
}

fn string(piece: &str, bytes: usize) -> String {
    format!("\"{}\"", repeated(piece, bytes))
}

fn array(piece: &str, bytes: usize) -> String {
    format!("[{}{piece}]", format!("{piece},").repeat(bytes / (piece.len() + 1)))
}

/// Pieces until there are enough bytes.
fn fill(bytes: usize, mut piece: impl FnMut(usize, &mut String)) -> String {
    let mut text = String::with_capacity(bytes + 256);
    for number in 0.. {
        if text.len() >= bytes {
            break;
        }
        piece(number, &mut text);
    }
    text
}

fn one_run(alphabet: &str, bytes: usize, random: &mut Random) -> String {
    runs(alphabet, bytes, bytes, random)
}

/// Random runs of this length, a space behind each.
fn runs(alphabet: &str, length: usize, bytes: usize, random: &mut Random) -> String {
    fill(bytes, |_, text| {
        random.text(alphabet, length, text);
        text.push(' ');
    })
}

/// Starts of secrets, and nothing else.
fn prefixes(bytes: usize, _: &mut Random) -> String {
    repeated("AKIAghp_glpat-npm_sk_live_AIzaxoxb-eyJ", bytes)
}

/// The beginning of what each rule finds, up to the eighth character of the secret.
fn heads(between: &str, bytes: usize, _: &mut Random) -> String {
    let rules = Rules::default();
    let heads: Vec<String> = rules
        .iter()
        .filter_map(|id| {
            let (text, at) = rules.example_at(id, 1)?;
            let end = (at.start + 8..).find(|&end| text.is_char_boundary(end.min(text.len())))?;
            Some(text[..end.min(text.len())].to_owned())
        })
        .collect();
    fill(bytes, |number, text| {
        text.push_str(&heads[number % heads.len()]);
        text.push_str(between);
    })
}

/// Secrets that are one character too short, or just long enough for some rules: dense edits.
fn almost(bytes: usize, random: &mut Random) -> String {
    fill(bytes, |kind, text| {
        let mut secret = secrets::secret(kind, random);
        secret.pop();
        text.push_str(&secret);
        text.push(' ');
    })
}

/// Heads of private keys that never end.
fn pem(bytes: usize, random: &mut Random) -> String {
    fill(bytes, |_, text| {
        text.push_str(BEGIN);
        random.text(ALNUM, 16, text);
    })
}

/// JSON in strings of JSON, three deep, many times.
fn nested_strings(bytes: usize, _: &mut Random) -> String {
    let inner = serde_json::json!({"a": "b \"c\" d"}).to_string();
    let middle = serde_json::json!({"a": inner}).to_string();
    let outer = serde_json::json!({"a": middle}).to_string();
    repeated(&outer, bytes / 2)
}

/// Secrets between escapes.
fn escaped(bytes: usize, random: &mut Random) -> String {
    fill(bytes, |kind, text| {
        text.push_str("\"\n\\\u{1}");
        text.push_str(&secrets::secret(kind, random));
    })
}

/// Values behind names, long and various, and no secrets: a git hash each.
fn named_values(bytes: usize, random: &mut Random) -> String {
    fill(bytes, |_, text| {
        text.push_str("commit_key = ");
        random.text(HEX, 40, text);
        text.push('\n');
    })
}

fn uuids(bytes: usize, random: &mut Random) -> String {
    fill(bytes, |_, text| {
        for (length, end) in [(8, '-'), (4, '-'), (4, '-'), (4, '-'), (12, '\n')] {
            random.text(HEX, length, text);
            text.push(end);
        }
    })
}

/// Words of base64 that decode to text.
fn base64_words(bytes: usize, random: &mut Random) -> String {
    fill(bytes, |_, text| {
        text.push_str(&base64(random.words(9).as_bytes()));
        text.push(' ');
    })
}

fn hex_of_text(bytes: usize, random: &mut Random) -> String {
    mix::prose(bytes / 2, random).bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn base64(bytes: &[u8]) -> String {
    let alphabet = BASE64.as_bytes();
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + 4);
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, i| bits << 8 | usize::from(*group.get(i).unwrap_or(&0)));
        for sextet in 0..4 {
            let is_there = sextet <= group.len();
            let digit = alphabet[bits >> (18 - 6 * sextet) & 63];
            out.push(if is_there { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_as_others_write_it() {
        for (text, expected) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v")] {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }

    #[test]
    fn each_is_a_frame_of_about_the_size() {
        for workload in HOSTILE {
            let (_, answer) = workload.turn(1, 32_000);
            serde_json::from_slice::<serde::de::IgnoredAny>(&answer).expect(workload.name);
            let size = answer.len();
            assert!((20_000..80_000).contains(&size), "{}: {size}", workload.name);
        }
    }
}
