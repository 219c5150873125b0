//! A configuration as JSON text: read strictly, and never quoted in a fault.
//!
//! An unknown or a duplicate key is a fault. A fault tells the place and what was expected, but no
//! value, which may be a token.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeOwned, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

/// Reads a configuration; an empty text is the default one.
///
/// # Errors
/// What is wrong with it, and where.
pub(crate) fn read<T: DeserializeOwned + Default>(json: &str) -> Result<T, String> {
    if json.trim_ascii().is_empty() {
        return Ok(T::default());
    }
    serde_json::from_str::<Distinct>(json).map_err(|fault| told(&fault))?;
    serde_json::from_str(json).map_err(|fault| told(&fault))
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
