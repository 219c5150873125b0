//! From a tree to a part of the engine's configuration, by what serde knows of its type: so a new
//! part needs no walk of its own, and none can forget a key.
//!
//! Every key has to be known, and stands once; variables are replaced; faults say where, at which
//! key, and what mends it. Invariant: no fault holds anything of a value, since texts of serde, which
//! quote them, are never handed on. What [`Walk`] can say is said by it, so all keys have one voice.
//!
//! Two names mean more than serde knows. A member `*_ms` that is a moment of the wall clock
//! ([`MOMENTS`]) is written without `_ms`, as RFC 3339 has it. A number whose name has `bytes` in it
//! takes units, and so does every number in a list of such a name.

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::fmt;
use std::ops::RangeInclusive;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer,
    MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::environment::literal;
use super::fault::Place;
use super::tree::{Node, Value};
use super::walk::{Walk, join};

/// Members that are moments, and how they are written.
pub(super) const MOMENTS: [(&str, &str); 3] =
    [("expires_ms", "expires"), ("not_before_ms", "not_before"), ("until_ms", "until")];

/// What came of a part.
pub struct Part<T> {
    /// The part; nothing if it has a fault, which the walk knows.
    pub value: Option<T>,
    /// Whether the file itself holds a secret in it.
    pub holds_secret: bool,
}

/// Reads a part of a configuration.
pub fn part<T: DeserializeOwned>(walk: &mut Walk<'_>, node: Node, path: &str) -> Part<T> {
    let faults = walk.faults.len();
    let shared = RefCell::new(Shared { walk, holds_secret: false });
    let (place, source) = (node.place, Source::new(&shared, node, path.to_owned()));
    let outcome = T::deserialize(source);
    let Shared { walk, holds_secret } = shared.into_inner();
    let value = match outcome {
        Ok(value) => Some(value),
        // A key that is missing may be one that is not known as it is spelled.
        Err(error) if error.is_missing() && walk.faults.len() > faults => None,
        Err(error) => {
            error.at(place, path).tell(walk);
            None
        }
    };
    // What was read in spite of a fault is not what was written.
    Part { value: value.filter(|_| walk.faults.len() == faults), holds_secret }
}

/// What all places of a part share.
struct Shared<'w, 'a> {
    walk: &'w mut Walk<'a>,
    holds_secret: bool,
}

/// One value, and how it is named.
struct Source<'s, 'w, 'a> {
    shared: &'s RefCell<Shared<'w, 'a>>,
    node: Node,
    path: String,
    /// The member of the engine's configuration that it is for.
    field: &'static str,
    /// Whether a number here is one of bytes.
    in_bytes: bool,
}

impl<'s, 'w, 'a> Source<'s, 'w, 'a> {
    fn new(shared: &'s RefCell<Shared<'w, 'a>>, node: Node, path: String) -> Self {
        Source { shared, node, path, field: "", in_bytes: false }
    }

    /// Hands this value to whoever wants it, and says of a fault where it is.
    fn give<'de, S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        let (place, path) = (self.node.place, self.path.clone());
        seed.deserialize(self).map_err(|error| error.at(place, &path))
    }

    /// The one member of a mapping that stands for a variant with content.
    fn variant(self, variants: &[&'static str]) -> Result<Variant<'s, 'w, 'a>, Error> {
        let Source { shared, node, path, .. } = self;
        let (place, walk) = (node.place, &mut *shared.borrow_mut().walk);
        let faults = walk.faults.len();
        let mut members = walk.members(node, &path, variants);
        if let Some((name, full, node)) = members.pop().filter(|_| members.is_empty()) {
            return Ok(Variant { name, content: Source::new(shared, node, full) });
        }
        if walk.faults.len() == faults {
            let remedy = format!("keep one of: {}", variants.join(", "));
            walk.fault(place, &path, "has to have exactly one member", &remedy);
        }
        Err(Error::Told)
    }

    fn mismatch<T>(self, wanted: &str) -> Result<T, Error> {
        self.shared.borrow_mut().walk.mismatch(
            self.node.place,
            &self.path,
            wanted,
            &self.node.value,
        );
        Err(Error::Told)
    }

    fn text(self) -> Result<String, Error> {
        let Source { shared, node, path, field, .. } = self;
        let shared = &mut *shared.borrow_mut();
        if names_a_secret(field)
            && let Value::Text(text) = &node.value
        {
            let literal = literal(text);
            shared.holds_secret |= !literal.is_empty();
            if literal.contains("${") || literal.contains("{{") {
                let remedy = "spell it ${NAME}, or $${ for the text ${ itself";
                shared.walk.fault(node.place, &path, "what looks like a variable is none", remedy);
                return Err(Error::Told);
            }
        }
        shared.walk.text(node, &path).ok_or(Error::Told)
    }

    fn number(self, range: RangeInclusive<u64>) -> Result<u64, Error> {
        if MOMENTS.iter().any(|(field, _)| *field == self.field) {
            return self.moment();
        }
        let walk = &mut *self.shared.borrow_mut().walk;
        walk.bounded(self.node, &self.path, self.in_bytes, range).ok_or(Error::Told)
    }

    /// A whole number that may lie below 0.
    fn signed(self, range: RangeInclusive<i64>) -> Result<i64, Error> {
        let (low, high) = (*range.start(), *range.end());
        let Value::Number(number) = self.node.value else {
            return self.number(0..=high.unsigned_abs()).map(|number| number as i64);
        };
        i64::try_from(number).ok().filter(|number| range.contains(number)).ok_or_else(|| {
            let what = format!("has to lie between {low} and {high}");
            self.shared.borrow_mut().walk.fault(self.node.place, &self.path, what, "");
            Error::Told
        })
    }

    /// A moment as RFC 3339 has it, in milliseconds since 1970.
    fn moment(self) -> Result<u64, Error> {
        let shared = &mut *self.shared.borrow_mut();
        let place = self.node.place;
        let text = shared.walk.text(self.node, &self.path).ok_or(Error::Told)?;
        let moment: Option<jiff::Timestamp> = text.parse().ok();
        moment.and_then(|moment| u64::try_from(moment.as_millisecond()).ok()).ok_or_else(|| {
            let remedy = "write it as 2027-01-31T12:00:00Z";
            shared.walk.fault(place, &self.path, "is no time with a date and an offset", remedy);
            Error::Told
        })
    }
}

/// Whether a member of this name holds a secret.
fn names_a_secret(field: &str) -> bool {
    let ends = ["token", "secret", "password", "key", "attach"];
    ends.iter().any(|end| field.ends_with(end)) && !field.starts_with("public")
}

macro_rules! unsigned {
    ($($name:ident $type:ty,)*) => {
        $(fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_u64(self.number(0..=<$type>::MAX.into())?)
        })*
    };
}

macro_rules! signed {
    ($($name:ident $type:ty,)*) => {
        $(fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_i64(self.signed(<$type>::MIN.into()..=<$type>::MAX.into())?)
        })*
    };
}

macro_rules! text {
    ($($name:ident)*) => {
        $(fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_string(self.text()?)
        })*
    };
}

impl<'de> Deserializer<'de> for Source<'_, '_, '_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(number) if number < 0 => visitor.visit_i128(number),
            Value::Number(_) => visitor.visit_u64(self.number(0..=u64::MAX)?),
            Value::Fraction => self.mismatch("a whole number, or a number in quotes"),
            Value::Text(_) => visitor.visit_string(self.text()?),
            Value::List(_) => self.deserialize_seq(visitor),
            Value::Map(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let value = self.shared.borrow_mut().walk.boolean(self.node, &self.path);
        visitor.visit_bool(value.ok_or(Error::Told)?)
    }

    unsigned! {
        deserialize_u8 u8, deserialize_u16 u16, deserialize_u32 u32, deserialize_u64 u64,
    }

    signed! {
        deserialize_i8 i8, deserialize_i16 i16, deserialize_i32 i32, deserialize_i64 i64,
    }

    text! { deserialize_char deserialize_str deserialize_string deserialize_identifier }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Source { shared, node, path, field, in_bytes } = self;
        let items = shared.borrow_mut().walk.items(node, &path).into_iter().enumerate();
        visitor.visit_seq(Items { shared, items, path, field, in_bytes })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Source { shared, node, path, .. } = self;
        let members = shared.borrow_mut().walk.entries(node, &path);
        let members = members.into_iter().map(|(name, node)| {
            shared.borrow_mut().walk.keys.push((join(&path, &name), node.place));
            let full = join(&path, &shown(&name));
            (name, Source::new(shared, node, full))
        });
        visitor.visit_map(Entries { members: members.collect::<Vec<_>>().into_iter(), value: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Source { shared, node, path, in_bytes, .. } = self;
        let known: Vec<&'static str> = fields.iter().map(|field| written(field)).collect();
        let members = shared.borrow_mut().walk.members(node, &path, &known);
        let members = members.into_iter().map(|(key, full, node)| {
            let at = known.iter().position(|known| *known == key).expect("it is one of them");
            if fields[at] != key {
                // The engine knows it by its own name.
                let own = join(&path, fields[at]);
                shared.borrow_mut().walk.keys.push((own, node.place));
            }
            let (field, in_bytes) = (fields[at], in_bytes || fields[at].contains("bytes"));
            (field, Source { field, in_bytes, ..Source::new(shared, node, full) })
        });
        visitor.visit_map(Entries { members: members.collect::<Vec<_>>().into_iter(), value: None })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if let Value::Map(_) = self.node.value {
            return visitor.visit_enum(self.variant(variants)?);
        }
        let Source { shared, node, path, .. } = self;
        let choices: Vec<(&str, &'static str)> =
            variants.iter().map(|&word| (word, word)).collect();
        let word = shared.borrow_mut().walk.choice(node, &path, "word", &choices);
        visitor.visit_enum(word.ok_or(Error::Told)?.into_deserializer())
    }

    forward_to_deserialize_any! {
        f32 f64 bytes byte_buf unit unit_struct tuple tuple_struct ignored_any
    }
}

/// A free key in a fault. What is as long as a token may be one that lost its key, and stays unshown;
/// its place is told.
fn shown(name: &str) -> String {
    let is_short = name.len() < TOKEN_BYTES_MIN;
    if is_short { name.escape_debug().to_string() } else { "*".to_owned() }
}

/// How a member is written: moments without `_ms`.
fn written(field: &&'static str) -> &'static str {
    let moment = MOMENTS.iter().find(|(known, _)| known == field);
    moment.map_or(field, |&(_, written)| written)
}

struct Items<'s, 'w, 'a> {
    shared: &'s RefCell<Shared<'w, 'a>>,
    items: std::iter::Enumerate<std::vec::IntoIter<Node>>,
    path: String,
    field: &'static str,
    in_bytes: bool,
}

impl<'de> SeqAccess<'de> for Items<'_, '_, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some((index, node)) = self.items.next() else { return Ok(None) };
        let path = format!("{}[{index}]", self.path);
        self.shared.borrow_mut().walk.keys.push((path.clone(), node.place));
        let (field, in_bytes) = (self.field, self.in_bytes);
        Source { field, in_bytes, ..Source::new(self.shared, node, path) }.give(seed).map(Some)
    }
}

struct Entries<'s, 'w, 'a, K> {
    members: std::vec::IntoIter<(K, Source<'s, 'w, 'a>)>,
    value: Option<Source<'s, 'w, 'a>>,
}

impl<'de, K: AsRef<str>> MapAccess<'de> for Entries<'_, '_, '_, K> {
    type Error = Error;

    fn next_key_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some((key, value)) = self.members.next() else { return Ok(None) };
        let (place, path) = (value.node.place, value.path.clone());
        self.value = Some(value);
        let key = StrDeserializer::<Error>::new(key.as_ref());
        seed.deserialize(key).map(Some).map_err(|error| error.at(place, &path))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        self.value.take().expect("a value is asked for after its key").give(seed)
    }
}

/// A variant with content: its name is the key of a mapping.
struct Variant<'s, 'w, 'a> {
    name: &'static str,
    content: Source<'s, 'w, 'a>,
}

impl<'de, 's, 'w, 'a> EnumAccess<'de> for Variant<'s, 'w, 'a> {
    type Error = Error;
    type Variant = Source<'s, 'w, 'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self::Variant), Error> {
        let name = seed.deserialize(StrDeserializer::<Error>::new(self.name))?;
        Ok((name, self.content))
    }
}

impl<'de> VariantAccess<'de> for Source<'_, '_, '_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.node.value {
            Value::Null => Ok(()),
            _ => self.mismatch("nothing"),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        self.give(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_struct("", fields, visitor)
    }
}

/// Why a part cannot be read.
#[derive(Debug)]
enum Error {
    /// The walk knows.
    Told,
    /// What is wrong, what mends it, and where, once that is known.
    Fault { what: String, remedy: String, at: Option<(Place, String)> },
}

impl Error {
    fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Error::Fault { what: what.into(), remedy: remedy.into(), at: None }
    }

    fn is_missing(&self) -> bool {
        matches!(self, Error::Fault { remedy, .. } if remedy == ADD)
    }

    /// The innermost place is the right one.
    fn at(self, place: Place, path: &str) -> Self {
        match self {
            Error::Fault { what, remedy, at: None } => {
                Error::Fault { what, remedy, at: Some((place, path.to_owned())) }
            }
            known => known,
        }
    }

    fn tell(self, walk: &mut Walk<'_>) {
        if let Error::Fault { what, remedy, at } = self {
            let (place, path) = at.unwrap_or_default();
            walk.fault(place, &path, what, &remedy);
        }
    }
}

/// The shortest token that a configuration may hold.
const TOKEN_BYTES_MIN: usize = 16;
/// What mends a key that is missing.
const ADD: &str = "add it";
/// What types of the standard library say of a text, which holds nothing of it. Other words may.
const PLAIN: [&str; 2] = ["invalid IP address syntax", "invalid socket address syntax"];

impl de::Error for Error {
    fn custom<T: fmt::Display>(text: T) -> Self {
        let text = text.to_string();
        let plain = PLAIN.into_iter().find(|plain| *plain == text);
        Error::new(plain.unwrap_or("this value cannot stand here"), "")
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Error::new("a value of this kind cannot stand here", "")
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Error::new("this value cannot stand here", "")
    }

    fn invalid_length(length: usize, _: &dyn Expected) -> Self {
        Error::new(format!("a list of {length} cannot stand here"), "")
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Error::new("there is no such word", format!("it is one of: {}", expected.join(", ")))
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Error::new("there is no such key", format!("it takes: {}", expected.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Error::new(format!("the key `{}` is missing", written(&field)), ADD)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Error::new(format!("the key `{field}` stands here twice"), "remove one of them")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::Told => "told",
            Error::Fault { what, .. } => what,
        })
    }
}

impl std::error::Error for Error {}
