//! JSON as the model reads it: with serde_json, one level at a time, keeping what a tree would lose
//! (members of the same name, numbers as they are spelled, half surrogate pairs).

use std::fmt;

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A value. Strings are decoded to bytes, since half a surrogate pair has no UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// A number, `true`, `false` or `null`, as it is spelled.
    Atom(String),
    /// A string.
    Text(Vec<u8>),
    /// An array.
    Array(Vec<Json>),
    /// An object: all its members in their order.
    Object(Vec<(Vec<u8>, Json)>),
}

impl Json {
    /// The members, if it is an object.
    #[must_use]
    pub fn members(&self) -> Option<&[(Vec<u8>, Json)]> {
        match self {
            Json::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The last member of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        let mut members = self.members()?.iter().rev();
        members.find(|(other, _)| other == name.as_bytes()).map(|(_, value)| value)
    }

    /// The text, if it is a string.
    #[must_use]
    pub fn text(&self) -> Option<&[u8]> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the name of a member at any depth holds half a surrogate pair.
    #[must_use]
    pub fn has_lone_name(&self) -> bool {
        match self {
            Json::Object(members) => members
                .iter()
                .any(|(name, value)| std::str::from_utf8(name).is_err() || value.has_lone_name()),
            Json::Array(items) => items.iter().any(Json::has_lone_name),
            _ => false,
        }
    }

    /// Containers within containers.
    #[must_use]
    pub fn depth(&self) -> u32 {
        match self {
            Json::Object(members) => {
                1 + members.iter().map(|(_, value)| value.depth()).max().unwrap_or(0)
            }
            Json::Array(items) => 1 + items.iter().map(Json::depth).max().unwrap_or(0),
            _ => 0,
        }
    }
}

/// For people: names and texts decoded, escaped where they have to be.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, at| if at > 0 { f.write_str(",") } else { Ok(()) };
        match self {
            Json::Atom(atom) => f.write_str(atom),
            Json::Text(text) => write!(f, "\"{}\"", text.escape_ascii()),
            Json::Array(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    list(f, at)?;
                    write!(f, "{item}")?;
                }
                f.write_str("]")
            }
            Json::Object(members) => {
                f.write_str("{")?;
                for (at, (name, value)) in members.iter().enumerate() {
                    list(f, at)?;
                    write!(f, "\"{}\":{value}", name.escape_ascii())?;
                }
                f.write_str("}")
            }
        }
    }
}

/// Whether serde_json takes these bytes for one JSON text.
#[must_use]
pub fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

/// Reads one JSON text; `None` if it is none.
#[must_use]
pub fn read(text: &[u8]) -> Option<Json> {
    is_json(text).then(|| std::str::from_utf8(text).ok().and_then(value)).flatten()
}

/// The elements of an array, as they are spelled.
#[must_use]
pub fn elements(text: &str) -> Option<Vec<&str>> {
    let all: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    Some(all.into_iter().map(RawValue::get).collect())
}

/// The members of an object, their values as they are spelled.
#[must_use]
pub fn members(text: &str) -> Option<Vec<(Vec<u8>, &str)>> {
    let Members(all) = serde_json::from_str(text).ok()?;
    Some(all.into_iter().map(|(name, value)| (name.0, value.get())).collect())
}

fn value(text: &str) -> Option<Json> {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    Some(match text.as_bytes().first()? {
        b'{' => Json::Object(
            members(text)?
                .into_iter()
                .map(|(name, text)| Some((name, value(text)?)))
                .collect::<Option<_>>()?,
        ),
        b'[' => Json::Array(elements(text)?.into_iter().map(value).collect::<Option<_>>()?),
        b'"' => Json::Text(serde_json::from_str::<Bytes>(text).ok()?.0),
        _ => Json::Atom(text.to_owned()),
    })
}

/// A string whose half surrogate pairs serde_json hands out as three bytes each.
struct Bytes(Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Bytes, E> {
                Ok(Bytes(text.as_bytes().to_vec()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Bytes, A::Error> {
                Err(serde::de::Error::custom("an array is no string"))
            }
        }
        from.deserialize_bytes(Reader)
    }
}

/// All members of an object, those of the same name included.
struct Members<'a>(Vec<(Bytes, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(member) = map.next_entry()? {
                    all.push(member);
                }
                Ok(Members(all))
            }
        }
        from.deserialize_map(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_the_model_needs_is_lost() {
        let text = br#" {"a":1.0,"a":[1E400,"\ud800"],"\u0062":{"\udc00":null},"c":"\u00e9"} "#;
        let json = read(text).expect("valid");
        let members = json.members().expect("an object");
        assert_eq!(members.len(), 4);
        assert_eq!(members[0].1, Json::Atom("1.0".to_owned()));
        assert_eq!(members[2].0, b"b");
        assert_eq!(json.get("c"), Some(&Json::Text("\u{e9}".into())));
        assert!(json.has_lone_name());
        assert_eq!(json.depth(), 2);
        assert_eq!(read(b"[1,]"), None);
    }
}
