//! The members of a JSON object in a token: texts, numbers and lists of texts by their names, of
//! which none stands twice. What has another type is known by its name alone.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// An object of a token.
#[derive(Default)]
pub(super) struct Claims(BTreeMap<String, Claim>);

/// The value of a member.
#[derive(PartialEq)]
pub(super) enum Claim {
    Text(String),
    Number(f64),
    Texts(Vec<String>),
    /// Something else, or a list of something else.
    Other,
}

impl Claims {
    pub(super) fn claim(&self, name: &str) -> Option<&Claim> {
        self.0.get(name)
    }

    /// A text, if it is there; an error if it is something else.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, WrongType> {
        match self.claim(name) {
            None => Ok(None),
            Some(Claim::Text(text)) => Ok(Some(text)),
            Some(_) => Err(WrongType),
        }
    }

    /// Words, if they are there: a list of texts, or one text with spaces between them.
    pub(super) fn words(&self, name: &str) -> Result<Option<Vec<String>>, WrongType> {
        let words: Vec<String> = match self.claim(name) {
            None => return Ok(None),
            Some(Claim::Text(text)) => {
                text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
            }
            Some(Claim::Texts(texts)) => texts.clone(),
            Some(_) => return Err(WrongType),
        };
        if words.iter().any(String::is_empty) { Err(WrongType) } else { Ok(Some(words)) }
    }

    /// A time in seconds (RFC 7519 section 2), as milliseconds, if it is there: a number that is
    /// finite and not negative.
    pub(super) fn time_ms(&self, name: &str) -> Result<Option<u64>, WrongType> {
        match self.claim(name) {
            None => Ok(None),
            // A float becomes the nearest integer that there is, so nothing wraps.
            Some(Claim::Number(seconds)) if seconds.is_finite() && *seconds >= 0.0 => {
                Ok(Some((seconds * 1_000.0) as u64))
            }
            Some(_) => Err(WrongType),
        }
    }
}

/// A member is there, and not of the type that it has to have.
#[derive(Debug)]
pub(super) struct WrongType;

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Claims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
                let mut claims = BTreeMap::new();
                while let Some((name, claim)) = map.next_entry()? {
                    if claims.insert(name, claim).is_some() {
                        return Err(A::Error::custom("a name stands twice"));
                    }
                }
                Ok(Claims(claims))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl<'de> Deserialize<'de> for Claim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Value)
    }
}

struct Value;

impl<'de> Visitor<'de> for Value {
    type Value = Claim;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Claim, E> {
        Ok(Claim::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Claim, E> {
        Ok(Claim::Other)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Claim, E> {
        Ok(Claim::Number(number as f64))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Claim, E> {
        Ok(Claim::Number(number as f64))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Claim, E> {
        Ok(Claim::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Claim, E> {
        Ok(Claim::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Claim, A::Error> {
        let (mut texts, mut others) = (Vec::new(), false);
        while let Some(Item(item)) = list.next_element()? {
            match item {
                Some(text) => texts.push(text),
                None => others = true,
            }
        }
        Ok(if others { Claim::Other } else { Claim::Texts(texts) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claim, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Claim::Other)
    }
}

/// An item of a list: a text, or something else, which is passed over.
struct Item(Option<String>);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Lists in lists are read as deep as the reader goes, which has a limit.
        Ok(match Claim::deserialize(deserializer)? {
            Claim::Text(text) => Self(Some(text)),
            _ => Self(None),
        })
    }
}
