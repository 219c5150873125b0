//! Places in a message by name: RFC 6901 pointers in which a step may be any.
//!
//! ```text
//!   /result/content/*/text      `*` is one step: any member, any element
//!   /params/arguments/**        `**` is any number of steps, or none; once in a path
//!   /params/a~1b                `/` and `~` within a name are written `~1` and `~0`
//! ```
//!
//! Nothing here reads a message: who walks one says which steps it took. The invariant: asking
//! whether a place fits takes as many comparisons as the path has steps, however deep the place is.

use super::admission::Refusal;

/// A path with more steps is not written by hand.
pub(crate) const STEPS_MAX: usize = 32;

/// A place in a message, or many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// The steps from the top; all of them, if there is no tail.
    head: Box<[Step]>,
    /// The steps at the end, with any others before them.
    tail: Option<Box<[Step]>>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Any member, any element.
    Any,
    /// The member of this name; as an index of an array, if it is one, the element.
    Named(Box<str>, Option<u32>),
}

impl Path {
    /// Reads a path that begins at a message, or says what is wrong with it and how to write it.
    pub(crate) fn parse(text: &str) -> Result<Path, Refusal> {
        let path = Self::within(text)?;
        // A number in front is meant for a batch, and would never be met.
        if let Some(Step::Named(_, Some(_))) = path.head.first() {
            let why = "a path begins at the message, not at its batch; leave the number out";
            return Err((why.to_owned(), None));
        }
        Ok(path)
    }

    /// Reads a path that begins at a value within a message, where any name may come first.
    pub(crate) fn within(text: &str) -> Result<Path, Refusal> {
        let refuse = |why: &str| Err((why.to_owned(), None));
        let Some(steps) = text.strip_prefix('/') else {
            return refuse("a path begins with `/`, as in /params/arguments/content");
        };
        let mut head = Vec::new();
        let mut tail: Option<Vec<Step>> = None;
        for (n, step) in steps.split('/').enumerate() {
            if n == STEPS_MAX {
                return refuse("a path has at most 32 steps; `**` stands for any number of them");
            }
            if step == "**" {
                if tail.replace(Vec::new()).is_some() {
                    return refuse("a path has at most one `**`; write `*` for single steps");
                }
                continue;
            }
            tail.as_mut().unwrap_or(&mut head).push(Step::parse(step)?);
        }
        Ok(Path { head: head.into(), tail: tail.map(Into::into) })
    }

    /// The steps from the top, and those at the end if any others may stand between.
    pub(crate) fn parts(&self) -> (&[Step], Option<&[Step]>) {
        (&self.head, self.tail.as_deref())
    }

    /// Whether a place so many steps deep is meant; `takes` says whether its step of this number,
    /// from 0, is one that is asked for.
    pub(crate) fn fits(&self, depth: usize, takes: impl Fn(usize, &Step) -> bool) -> bool {
        let tail = self.tail.as_deref().unwrap_or_default();
        let steps = self.head.len() + tail.len();
        let is_deep = if self.tail.is_some() { depth >= steps } else { depth == steps };
        is_deep
            && (0..).zip(&*self.head).all(|(level, step)| takes(level, step))
            && (depth - tail.len()..).zip(tail).all(|(level, step)| takes(level, step))
    }
}

impl Step {
    fn parse(text: &str) -> Result<Step, Refusal> {
        let refuse = |why: &str| Err((why.to_owned(), None));
        if text == "*" {
            return Ok(Step::Any);
        }
        if text.is_empty() {
            return refuse("a step of the path is empty; take a `/` out, or write `*`");
        }
        if text.contains('*') {
            return refuse("`*` and `**` stand for whole steps; write `*` for this one");
        }
        let mut name = String::with_capacity(text.len());
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            name.push(match c {
                '~' => match rest.next() {
                    Some('0') => '~',
                    Some('1') => '/',
                    _ => return refuse("within a name `~` is written ~0, and `/` is written ~1"),
                },
                c => c,
            });
        }
        let index = index_of(&name);
        Ok(Step::Named(name.into(), index))
    }
}

/// The index that a name spells (RFC 6901 section 4): digits without a zero before them.
fn index_of(name: &str) -> Option<u32> {
    let is_plain = name == "0" || !name.starts_with('0');
    let digits = name.bytes().all(|b| b.is_ascii_digit());
    (is_plain && digits).then(|| name.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a path fits a place whose steps are these.
    fn fits(path: &str, place: &str) -> bool {
        let place: Vec<&str> = place.split('/').skip(1).collect();
        let path = Path::parse(path).expect("a good path");
        path.fits(place.len(), |level, step| match step {
            Step::Any => true,
            Step::Named(name, _) => **name == *place[level],
        })
    }

    #[test]
    fn a_path_fits_its_place_and_no_other() {
        for (path, place, wanted) in [
            ("/a/b", "/a/b", true),
            ("/a/b", "/a", false),
            ("/a/b", "/a/b/c", false),
            ("/a/b", "/a/c", false),
            ("/a/*", "/a/b", true),
            ("/a/*", "/a", false),
            ("/a/*", "/a/b/c", false),
            ("/a/*/c", "/a/b/c", true),
            ("/a/**", "/a", true),
            ("/a/**", "/a/b/c", true),
            ("/a/**", "/b/a", false),
            ("/**", "/a/b/c/d", true),
            ("/**/c", "/c", true),
            ("/**/c", "/a/b/c", true),
            ("/**/c", "/a/c/b", false),
            ("/a/**/c", "/a/c", true),
            ("/a/**/c", "/a/b/b/c", true),
            ("/a/**/c", "/c", false),
            ("/a/**/a", "/a", false),
            ("/a/**/*", "/a", false),
            ("/a/**/*", "/a/b", true),
        ] {
            assert_eq!(fits(path, place), wanted, "{path} {place}");
        }
    }

    #[test]
    fn names_are_read_as_the_standard_says() {
        for (text, name, index) in [
            ("a", "a", None),
            ("a~1b", "a/b", None),
            ("a~0b", "a~b", None),
            ("a~01b", "a~1b", None),
            ("0", "0", Some(0)),
            ("10", "10", Some(10)),
            ("01", "01", None),
            ("-", "-", None),
            ("+1", "+1", None),
            ("99999999999", "99999999999", None),
            ("\u{e9}\"", "\u{e9}\"", None),
        ] {
            let wanted = Step::Named(name.into(), index);
            assert_eq!(Step::parse(text).expect("a good step"), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused_with_the_remedy() {
        for (text, why) in [
            ("", "begins with `/`"),
            ("params/a", "begins with `/`"),
            ("#/params/a", "begins with `/`"),
            ("$.params.a", "begins with `/`"),
            ("/", "take a `/` out"),
            ("/params//a", "take a `/` out"),
            ("/params/", "take a `/` out"),
            ("/params/a~", "written ~0"),
            ("/params/a~2", "written ~0"),
            ("/params/a*", "whole steps"),
            ("/params/***", "whole steps"),
            ("/**/a/**", "at most one"),
            ("/0/params/a", "not at its batch"),
        ] {
            let (got, _) = Path::parse(text).expect_err(text);
            assert!(got.contains(why), "{text}: {got}");
        }
    }

    #[test]
    fn within_a_message_a_number_may_come_first() {
        for text in ["/0", "/0/params/a", "/10/**"] {
            assert!(Path::parse(text).is_err(), "{text}");
            assert!(Path::within(text).is_ok(), "{text}");
        }
        assert!(Path::parse("/**/0").is_ok());
    }

    #[test]
    fn steps_are_limited() {
        assert!(Path::parse(&"/a".repeat(STEPS_MAX - 1)).is_ok());
        assert!(Path::parse(&"/a".repeat(STEPS_MAX)).is_ok());
        let (why, _) = Path::parse(&"/a".repeat(STEPS_MAX + 1)).expect_err("too long");
        assert!(why.contains("at most 32"), "{why}");
    }
}
