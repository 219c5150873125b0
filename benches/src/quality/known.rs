//! Keys of real shape that stand in the clean text on purpose: test keys of libraries.

/// Known places, one a line: package, path within it, rule; `#` starts a comment.
#[derive(Debug)]
pub struct Known<'a> {
    entries: Vec<[&'a str; 3]>,
}

/// The list of this crate.
pub const LIST: &str = include_str!("../../known-test-keys.txt");

impl<'a> Known<'a> {
    /// Reads a list.
    ///
    /// # Errors
    /// The number of a line that does not have three words.
    pub fn new(list: &'a str) -> Result<Known<'a>, usize> {
        let mut entries = Vec::new();
        for (line, number) in list.lines().zip(1..) {
            let line = line.split('#').next().unwrap_or_default();
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                [] => {}
                [package, path, rule] => entries.push([package, path, rule]),
                _ => return Err(number),
            }
        }
        Ok(Known { entries })
    }

    /// The entry that covers a finding of this rule at this place, which begins with
    /// `package-version/`. A path that ends with `/` covers a folder; `*` covers every rule.
    #[must_use]
    pub fn entry(&self, place: &str, rule: &str) -> Option<usize> {
        let (folder, path) = place.split_once('/')?;
        self.entries.iter().position(|[package, known, by]| {
            let version = folder.strip_prefix(package).and_then(|rest| rest.strip_prefix('-'));
            let is_package =
                version.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            let is_path =
                if known.ends_with('/') { path.starts_with(known) } else { path == *known };
            is_package && is_path && (*by == rule || *by == "*")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_covers_its_place_and_rule() {
        let known = Known::new("# keys\nring tests/a.pem private-key # why\nx tests/ *\n").unwrap();
        for (place, rule, entry) in [
            ("ring-0.17.8/tests/a.pem", "private-key", Some(0)),
            ("ring-0.17.8/tests/a.pem", "jwt", None),
            ("ring-0.17.8/tests/b.pem", "private-key", None),
            ("ring-core-0.17.8/tests/a.pem", "private-key", None),
            ("x-1.0.0/tests/deep/er", "jwt", Some(1)),
            ("x", "jwt", None),
        ] {
            assert_eq!(known.entry(place, rule), entry, "{place} {rule}");
        }
        assert_eq!(Known::new("one two\n").unwrap_err(), 1);
    }

    #[test]
    fn the_list_of_this_crate_can_be_read() {
        assert!(Known::new(LIST).is_ok());
    }
}
