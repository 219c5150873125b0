//! A YAML document as a tree in which every key and value knows its place.
//!
//! The tree is read first and interpreted afterwards (`schema`), so that one run finds every fault,
//! and so that no message of a library, which might quote a value, reaches the user. `Debug` shows
//! places and shapes, never values.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::fault::Place;

/// A value and where it stands.
pub struct Node {
    /// Where the value starts.
    pub place: Place,
    /// The value itself.
    pub value: Value,
}

/// What YAML 1.2 can say, as far as a configuration needs it.
pub enum Value {
    /// Nothing, or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Number(i128),
    /// Any other number; no key takes one.
    Fraction,
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file, duplicates included.
    Map(Vec<(Key, Node)>),
}

/// A key and where it stands.
pub struct Key {
    /// Where the key starts.
    pub place: Place,
    /// The key itself.
    pub name: String,
}

/// Reads one document.
///
/// # Errors
/// The place where reading stopped, and why, without any text of the document.
pub fn read(text: &str) -> Result<Node, (Place, String)> {
    let options = serde_saphyr::options! {
        with_snippet: false,
        legacy_octal_numbers: true,
        strict_booleans: true,
        // Duplicates are found by `schema`, which goes on to the next fault.
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::PassThrough,
        merge_keys: serde_saphyr::options::MergeKeyPolicy::Error,
        reject_unsupported_tags: true,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error.location().map_or(Place::default(), place_of);
        (place, words_of(error.without_snippet()))
    })
}

impl Value {
    /// The shape in words, for a fault.
    pub const fn shape(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::Fraction => "a fraction",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}:{}", self.value.shape(), self.place.line, self.place.column)
    }
}

/// A text of our own for an error of the reader. Its own texts may quote the document.
fn words_of(error: &serde_saphyr::Error) -> String {
    use serde_saphyr::Error;
    match error {
        Error::Eof { .. } => "the document ends too early".into(),
        Error::MultipleDocuments { .. } => "there is more than one document".into(),
        Error::MergeKeyNotAllowed { .. } => "merge keys (`<<`) are not taken".into(),
        Error::UnknownAnchor { .. } => "an alias names no anchor".into(),
        Error::InvalidUtf8Input => "the file is not UTF-8".into(),
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => {
            "the document is larger or deeper than a configuration may be".into()
        }
        Error::ExternalMessage { msg, .. } => {
            let text = constant(msg);
            let text = text.trim().trim_end_matches(':');
            if text.is_empty() { "this is not YAML".into() } else { format!("not YAML: {text}") }
        }
        _ => "a value of this kind cannot stand here".into(),
    }
}

/// A text of the scanner as far as it is a constant: up to the first character or name of the
/// document, which stand in quotes. Signs of YAML stand in quotes, too, and stay.
fn constant(message: &str) -> String {
    let mut rest = message.lines().next().unwrap_or_default();
    let mut text = String::with_capacity(rest.len());
    while let Some(at) = rest.find(['`', '\'', '"']) {
        let (before, quoted) = rest.split_at(at);
        text.push_str(before);
        let Some(sign) = SIGNS.iter().find(|sign| quoted.starts_with(**sign)) else {
            return text;
        };
        text.push_str(sign);
        rest = &quoted[sign.len()..];
    }
    text + rest
}

/// Signs that the scanner's own texts name. Of a document they would tell no more.
const SIGNS: [&str; 10] = ["','", "'}'", "']'", "'{'", "'['", "':'", "'-'", "\"-\"", "'!'", "'>'"];

fn place_of(location: serde_saphyr::Location) -> Place {
    Place { line: location.line(), column: location.column() }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        Ok(Node { place: place_of(spanned.referenced), value: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<Value, E> {
        Ok(i128::try_from(value).map_or(Value::Fraction, Value::Number))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Fraction)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = access.next_key::<Spanned<String>>()? {
            let key = Key { place: place_of(key.referenced), name: key.value };
            members.push((key, access.next_value()?));
        }
        Ok(Value::Map(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(node: &Node) -> String {
        let at = format!("@{}:{}", node.place.line, node.place.column);
        match &node.value {
            Value::Null => format!("null{at}"),
            Value::Bool(value) => format!("{value}{at}"),
            Value::Number(value) => format!("{value}{at}"),
            Value::Fraction => format!("fraction{at}"),
            Value::Text(value) => format!("{value:?}{at}"),
            Value::List(items) => {
                format!("[{}]{at}", items.iter().map(show).collect::<Vec<_>>().join(" "))
            }
            Value::Map(members) => {
                let members = members.iter().map(|(key, value)| {
                    format!("{}@{}:{}={}", key.name, key.place.line, key.place.column, show(value))
                });
                format!("{{{}}}{at}", members.collect::<Vec<_>>().join(" "))
            }
        }
    }

    #[test]
    fn keys_and_values_know_their_places() {
        let check = |text, want| assert_eq!(show(&read(text).unwrap()), want, "{text}");
        check(
            "a: 1\nb: {c: [x, 0700, 0o700, \"0700\"], d: }\n",
            concat!(
                "{a@1:1=1@1:4 b@2:1={c@2:5=[\"x\"@2:9 448@2:12 448@2:18 \"0700\"@2:25]@2:8 ",
                "d@2:34=null@2:35}@2:4}@1:1"
            ),
        );
        check("{\"a\": true, \"a\": 1.5}", "{a@1:2=true@1:7 a@1:13=fraction@1:18}@1:1");
        check("a: yes\n1: -5", "{a@1:1=\"yes\"@1:4 1@2:1=-5@2:4}@1:1");
        check("", "null@1:1");
    }

    #[test]
    fn errors_quote_nothing() {
        for text in [
            "a: [SECRET-1",
            "a: \"SECRET-1",
            "a: *SECRET-1",
            "a: !SECRET-1 x",
            "SECRET-1: {{ .env.X }}",
            "a: @SECRET-1",
            "a: SECRET-1: x",
            "--- SECRET-1\n--- SECRET-1",
            "<<: SECRET-1",
            "a: %SECRET-1\nb: &",
            "? [SECRET-1]\n: x",
            "%SECRET-1",
            "a: &SECRET-1 &SECRET-1 x",
        ] {
            if let Err((place, words)) = read(text) {
                assert!(!words.contains("SECRET") && place.line > 0, "{text:?} {place:?} {words}");
            }
        }
    }
}
