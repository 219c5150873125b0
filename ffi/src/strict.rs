//! A configuration as JSON text: read strictly, and never quoted in a fault.
//!
//! An unknown or a duplicate key is a fault. A fault tells the place and what was expected, but no
//! value, which may be a token.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeOwned, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, de};
use serde_json::Value;
use zeroize::Zeroize;

/// Reads a configuration; an empty text is the default one.
///
/// # Errors
/// What is wrong with it, and where.
pub(crate) fn read<T>(json: &str) -> Result<T, String>
where
    T: DeserializeOwned + Serialize + Default,
{
    if json.trim_ascii().is_empty() {
        return Ok(T::default());
    }
    serde_json::from_str::<Distinct>(json).map_err(|fault| told(&fault))?;
    let read: T = serde_json::from_str(json).map_err(|fault| told(&fault))?;
    // serde takes an array for an object whose members come in the order of the struct, and an
    // object for a word.
    let mut given = serde_json::from_str(json).map_err(|fault| told(&fault))?;
    let mut meant = serde_json::to_value(&read).map_err(|fault| told(&fault))?;
    let misplaced = misplaced(&given, &meant, "the configuration");
    wipe(&mut given);
    wipe(&mut meant);
    misplaced.map_or(Ok(read), Err)
}

/// Where an array stands for something else, or an object for a word, if one does. As deep as JSON is
/// read: 128 levels.
fn misplaced(given: &Value, meant: &Value, place: &str) -> Option<String> {
    // What a rule comes to may be written as a word, though more was said of it.
    let is_rule = |name: &String| ["action", "to", "replacement"].contains(&name.as_str());
    match (given, meant) {
        (Value::Array(_), Value::Object(_)) => {
            Some(format!("{place} is a list where an object belongs"))
        }
        (Value::Array(_), Value::String(_)) => {
            Some(format!("{place} is a list where a word belongs"))
        }
        (Value::Object(given), Value::String(_)) if !given.keys().all(is_rule) => {
            Some(format!("{place} is an object where a word belongs"))
        }
        (Value::Object(given), Value::Object(meant)) => given
            .iter()
            .filter_map(|(name, given)| Some((name, given, meant.get(name)?)))
            .find_map(|(name, given, meant)| misplaced(given, meant, name)),
        (Value::Array(given), Value::Array(meant)) => {
            given.iter().zip(meant).find_map(|(given, meant)| misplaced(given, meant, place))
        }
        _ => None,
    }
}

/// Wipes the texts of a value: one of them may be a token.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        _ => {}
    }
}

/// What is wrong, without a value of the text.
fn told(fault: &serde_json::Error) -> String {
    let text = fault.to_string();
    let text = text.rsplit_once(" at line ").map_or(&*text, |(text, _)| text);
    let mut what = text.to_owned();
    // serde quotes an unexpected value in `"..."` or `...` in backticks. Names of keys are no values.
    let names_a_key = ["unknown field", "missing field", "duplicate"];
    if !names_a_key.iter().any(|start| text.starts_with(start)) {
        let expected = text.rfind(", expected ").map_or("", |at| &text[at..]);
        let start = text.find(['"', '`', '\'']).unwrap_or(text.len());
        if start < text.len() {
            what = format!("{}{expected}", text[..start].trim_end());
        }
    }
    if text.starts_with("data did not match") {
        // The one place where a word and an object are both fine.
        what = "a rule is one of off, on, log, mask, redact, seal, block, or an object with \
                `action`, `to` and `replacement`"
            .to_owned();
    }
    for (rust, words) in [
        ("expected a sequence", "expected a list"),
        ("expected a map", "expected an object"),
        ("expected unit", "expected nothing"),
        ("invalid type: sequence", "invalid type: list"),
        ("invalid type: map", "invalid type: object"),
        ("expected u32", "expected a whole number from 0 to 4294967295"),
        ("expected u64", "expected a whole number from 0"),
    ] {
        what = what.replace(rust, words);
    }
    if let Some(at) = what.find("expected struct ") {
        what.replace_range(at.., "expected an object");
    }
    match (fault.line(), fault.column()) {
        (0, _) => what,
        (line, column) => format!("line {line}, column {column}: {what}"),
    }
}

/// Any JSON in which no object has two members of one name.
struct Distinct;

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Distinct)
    }
}

impl<'de> Visitor<'de> for Distinct {
    type Value = Distinct;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Distinct, A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if seen.contains(&name) {
                return Err(A::Error::custom(format_args!("duplicate key `{name}`")));
            }
            seen.insert(name);
            map.next_value::<Distinct>()?;
        }
        Ok(Distinct)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Distinct, A::Error> {
        while items.next_element::<Distinct>()?.is_some() {}
        Ok(Distinct)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Distinct, E> {
        IgnoredAny.visit_bool(value).map(|_| Distinct)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Distinct, E> {
        IgnoredAny.visit_i64(value).map(|_| Distinct)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Distinct, E> {
        IgnoredAny.visit_u64(value).map(|_| Distinct)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Distinct, E> {
        IgnoredAny.visit_f64(value).map(|_| Distinct)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Distinct, E> {
        IgnoredAny.visit_str(value).map(|_| Distinct)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Distinct, E> {
        IgnoredAny.visit_unit::<E>().map(|_| Distinct)
    }
}
