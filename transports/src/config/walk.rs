//! Taking a tree apart: known keys, types, texts with variables. Collects faults and goes on, so
//! that one run finds them all.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use super::environment::{Replaced, replace};
use super::fault::{Fault, Place};
use super::tree::{Node, Value};

/// The walk through one document.
pub struct Walk<'a> {
    /// Named in every fault.
    pub file: PathBuf,
    /// The environment, for `${NAME}`.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// What is odd, but does not stand in the way.
    pub warnings: Vec<Fault>,
    /// The keys that were taken, and where they stand.
    pub keys: Vec<(String, Place)>,
}

/// A member of a mapping: its key, the path of keys to it, its value.
pub type Member = (&'static str, String, Node);

impl Walk<'_> {
    /// Notes a fault.
    pub fn fault(&mut self, place: Place, key: &str, what: impl Into<String>, remedy: &str) {
        let fault = self.note(place, key, what.into(), remedy);
        self.faults.push(fault);
    }

    /// Notes a warning.
    pub fn warn(&mut self, place: Place, key: &str, what: impl Into<String>, remedy: &str) {
        let fault = self.note(place, key, what.into(), remedy);
        self.warnings.push(fault);
    }

    fn note(&self, place: Place, key: &str, what: String, remedy: &str) -> Fault {
        Fault { file: self.file.clone(), place, key: key.into(), what, remedy: remedy.into() }
    }

    /// The members of a mapping that are known, each once. Nothing is an empty mapping.
    pub fn members(&mut self, node: Node, path: &str, known: &[&'static str]) -> Vec<Member> {
        let members = match node.value {
            Value::Map(members) => members,
            Value::Null => Vec::new(),
            other => {
                self.mismatch(node.place, path, "a mapping", &other);
                Vec::new()
            }
        };
        let mut taken: Vec<Member> = Vec::new();
        for (key, value) in members {
            let Some(&name) = known.iter().find(|name| **name == key.name) else {
                self.unknown(key.place, path, &key.name, known);
                continue;
            };
            let full = join(path, name);
            if taken.iter().any(|(known, ..)| *known == name) {
                self.fault(key.place, &full, "the key stands here twice", "remove one of them");
                continue;
            }
            self.keys.push((full.clone(), key.place));
            taken.push((name, full, value));
        }
        taken
    }

    /// The members of a mapping whose keys are free, each once.
    pub fn entries(&mut self, node: Node, path: &str) -> Vec<(String, Node)> {
        let members = match node.value {
            Value::Map(members) => members,
            Value::Null => Vec::new(),
            other => {
                self.mismatch(node.place, path, "a mapping", &other);
                Vec::new()
            }
        };
        let mut taken: Vec<(String, Node)> = Vec::new();
        for (key, value) in members {
            if taken.iter().any(|(name, _)| *name == key.name) {
                self.fault(key.place, path, "a key stands here twice", "remove one of them");
            } else {
                taken.push((key.name, value));
            }
        }
        taken
    }

    /// A sequence. Nothing is an empty one.
    pub fn items(&mut self, node: Node, path: &str) -> Vec<Node> {
        match node.value {
            Value::List(items) => items,
            Value::Null => Vec::new(),
            other => {
                self.mismatch(node.place, path, "a list", &other);
                Vec::new()
            }
        }
    }

    /// A text, its variables replaced.
    pub fn text(&mut self, node: Node, path: &str) -> Option<String> {
        let place = node.place;
        match node.value {
            Value::Text(text) => self.replaced(place, path, &text).map(|replaced| replaced.text),
            other @ (Value::Number(_) | Value::Fraction | Value::Bool(_) | Value::Null) => {
                let what = format!("has to be text, and {} stands here", other.shape());
                self.fault(place, path, what, "put it in quotes");
                None
            }
            other => {
                self.mismatch(place, path, "text", &other);
                None
            }
        }
    }

    /// A boolean, perhaps out of a variable.
    pub fn boolean(&mut self, node: Node, path: &str) -> Option<bool> {
        let place = node.place;
        match node.value {
            Value::Bool(value) => Some(value),
            Value::Text(text) => {
                let replaced = self.replaced(place, path, &text)?;
                let value = match replaced.text.as_str() {
                    "true" if replaced.changed => Some(true),
                    "false" if replaced.changed => Some(false),
                    _ => None,
                };
                if value.is_none() {
                    self.fault(
                        place,
                        path,
                        "has to be true or false, and text stands here",
                        BOOLEAN,
                    );
                }
                value
            }
            other => {
                self.mismatch(place, path, "true or false", &other);
                None
            }
        }
    }

    /// A whole number from zero, perhaps out of a variable; with `units` also as text like `16MiB`.
    pub fn number(&mut self, node: Node, path: &str, units: bool) -> Option<u64> {
        self.bounded(node, path, units, 0..=u64::MAX)
    }

    /// The same in a range.
    pub fn ranged(&mut self, node: Node, path: &str, range: RangeInclusive<u64>) -> Option<u64> {
        self.bounded(node, path, false, range)
    }

    /// The same, with units or without.
    pub fn bounded(
        &mut self,
        node: Node,
        path: &str,
        units: bool,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        let place = node.place;
        let wanted = if units { "a size such as 1048576 or 1MiB" } else { "a whole number" };
        let value = match node.value {
            Value::Number(value) => Some(value),
            Value::Text(text) => {
                let replaced = self.replaced(place, path, &text)?;
                if units {
                    size(&replaced.text).map(i128::from)
                } else if replaced.changed {
                    replaced.text.parse().ok()
                } else {
                    None
                }
            }
            other => {
                self.mismatch(place, path, wanted, &other);
                return None;
            }
        };
        let Some(value) = value.filter(|value| *value >= 0) else {
            self.fault(place, path, format!("has to be {wanted}, from 0 on"), "");
            return None;
        };
        let fits = u64::try_from(value).ok().filter(|value| range.contains(value));
        if fits.is_none() {
            let (low, high) = (range.start(), range.end());
            self.fault(place, path, format!("has to lie between {low} and {high}"), "");
        }
        fits
    }

    /// One of several words; `noun` is what they are.
    pub fn choice<T: Copy>(
        &mut self,
        node: Node,
        path: &str,
        noun: &str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let place = node.place;
        let text = self.text(node, path)?;
        let found = choices.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let (last, others) = choices.split_last().expect("there is something to choose");
            let others: Vec<&str> = others.iter().map(|(word, _)| *word).collect();
            let remedy = format!("it is {} or {}", others.join(", "), last.0);
            self.fault(place, path, format!("there is no such {noun}"), &remedy);
        }
        found.map(|&(_, value)| value)
    }

    /// A text, its variables replaced, or its fault.
    pub fn replaced(&mut self, place: Place, path: &str, text: &str) -> Option<Replaced> {
        match replace(text, self.environment) {
            Ok(replaced) => Some(replaced),
            Err(name) => {
                let what = format!("the environment variable {name} is not set, or not UTF-8");
                let remedy = format!("export {name}, or write $${{{name}}} for the text itself");
                self.fault(place, path, what, &remedy);
                None
            }
        }
    }

    /// Says that something of another kind has to stand here.
    pub fn mismatch(&mut self, place: Place, path: &str, wanted: &str, found: &Value) {
        self.fault(
            place,
            path,
            format!("has to be {wanted}, and {} stands here", found.shape()),
            "",
        );
    }

    /// An unknown key is shown only if it is close to a known one. Another may be a value that lost
    /// its key, such as a token, and stays unshown.
    fn unknown(&mut self, place: Place, path: &str, name: &str, known: &[&'static str]) {
        let folded = name.to_lowercase().replace('-', "_");
        let nearest = known
            .iter()
            .map(|known| (strsim::damerau_levenshtein(&folded, known), *known))
            .min_by_key(|&(distance, _)| distance)
            .filter(|&(distance, known)| distance <= 1 + known.len() / 4);
        let inside = if path.is_empty() { "the top level" } else { path };
        let all = known.join(", ");
        match nearest {
            Some((_, known)) => {
                let shown = join(path, &name.escape_debug().to_string());
                let remedy = format!("did you mean `{known}`?");
                self.fault(place, &shown, "there is no such key", &remedy);
            }
            None => self.fault(
                place,
                path,
                format!("{inside} has no such key"),
                &format!("it takes: {all}"),
            ),
        }
    }
}

/// A path of keys with one more.
pub fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

const BOOLEAN: &str = "write true or false, without quotes";

/// `1048576`, `1024KiB`, `1 MiB`, `1m`: bytes.
fn size(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, want) in [
            ("0", Some(0)),
            ("16MiB", Some(16 << 20)),
            ("16 mib", Some(16 << 20)),
            ("4k", Some(4096)),
            ("2MB", Some(2_000_000)),
            ("1 GiB", Some(1 << 30)),
            ("", None),
            ("MiB", None),
            ("-1", None),
            ("1.5MiB", None),
            ("1 parsec", None),
            ("99999999999999999999", None),
            ("18446744073709551615k", None),
        ] {
            assert_eq!(size(text), want, "{text}");
        }
    }
}
