//! Texts that every match of a pattern has to hold, so that most frames need not be searched for
//! it.
//!
//! Only bytes are kept that JSON writes as themselves as long as a string holds neither `\u` nor
//! `\/`: no quote, no backslash, no control byte, no slash.

use std::convert::Infallible;

use regex_syntax::hir::{self, Class, Hir, HirKind};

/// Shorter texts are in every frame.
pub(crate) const LENGTH_MIN: usize = 3;
/// An alternation of more texts than this is searched for as it is.
const TEXTS_MAX: usize = 16;

/// Texts of which every match holds at least one; none if there are no such texts.
pub(crate) fn required(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    let Ok(found) = hir::visit(hir, Walk { stack: Vec::new() });
    found
}

/// The best stretch of a text: the longest that JSON writes as it is.
pub(crate) fn best_stretch(text: &[u8]) -> Option<Vec<u8>> {
    text.split(|b| matches!(b, b'"' | b'\\' | b'/' | 0..0x20))
        .filter(|s| s.len() >= LENGTH_MIN)
        .max_by_key(|s| s.len())
        .map(<[u8]>::to_vec)
}

type Texts = Option<Vec<Vec<u8>>>;

/// What a part of the pattern demands: whole texts it equals (for joining neighbours), and texts it
/// holds.
struct Part {
    equals: Texts,
    holds: Texts,
}

struct Walk {
    stack: Vec<Part>,
}

impl Walk {
    fn split(&mut self, count: usize) -> Vec<Part> {
        self.stack.split_off(self.stack.len().saturating_sub(count))
    }
}

/// The more useful of two demands: the one whose shortest text is longer.
fn better(a: Texts, b: Texts) -> Texts {
    let worth =
        |t: &Texts| t.as_ref().map(|t| (t.iter().map(Vec::len).min(), usize::MAX - t.len()));
    if worth(&b) > worth(&a) { b } else { a }
}

/// Texts to search for, out of texts that a part equals.
fn stretches(equals: &Texts) -> Texts {
    equals.as_ref()?.iter().map(|t| best_stretch(t)).collect()
}

/// All the ways to write a class, if they are few: letters in both cases above all.
fn spellings(class: &Class) -> Texts {
    const MEMBERS_MAX: usize = 4;
    let mut texts = Vec::new();
    match class {
        Class::Unicode(class) => {
            for range in class.ranges() {
                for c in range.start()..=range.end() {
                    if texts.len() == MEMBERS_MAX {
                        return None;
                    }
                    texts.push(c.to_string().into_bytes());
                }
            }
        }
        Class::Bytes(class) => {
            for range in class.ranges() {
                for b in range.start()..=range.end() {
                    if texts.len() == MEMBERS_MAX {
                        return None;
                    }
                    texts.push(vec![b]);
                }
            }
        }
    }
    Some(texts)
}

/// Every text of the one followed by every text of the other, if they are few.
fn product(a: &[Vec<u8>], b: &[Vec<u8>]) -> Texts {
    if a.len() * b.len() > TEXTS_MAX {
        return None;
    }
    Some(a.iter().flat_map(|a| b.iter().map(move |b| [&a[..], b].concat())).collect())
}

fn concat(parts: Vec<Part>) -> Part {
    let (mut holds, mut run): (Texts, Texts) = (None, Some(vec![Vec::new()]));
    let mut whole = true;
    for part in parts {
        holds = better(holds, part.holds);
        let joined = match (&run, &part.equals) {
            (Some(run), Some(equals)) => product(run, equals),
            _ => None,
        };
        if joined.is_none() {
            whole = false;
            holds = better(holds, stretches(&run));
            run = part.equals.or(Some(vec![Vec::new()]));
        } else {
            run = joined;
        }
    }
    holds = better(holds, stretches(&run));
    Part { equals: if whole { run } else { None }, holds }
}

fn alternation(parts: Vec<Part>) -> Part {
    let all = |texts: Vec<Texts>| -> Texts {
        let texts: Vec<Vec<Vec<u8>>> = texts.into_iter().collect::<Option<_>>()?;
        let texts = texts.concat();
        (texts.len() <= TEXTS_MAX).then_some(texts)
    };
    let (equals, holds) = parts.into_iter().map(|p| (p.equals, p.holds)).unzip();
    Part { equals: all(equals), holds: all(holds) }
}

impl hir::Visitor for Walk {
    type Output = Texts;
    type Err = Infallible;

    fn finish(mut self) -> Result<Texts, Infallible> {
        Ok(self.stack.pop().and_then(|p| better(p.holds, stretches(&p.equals))))
    }

    fn visit_post(&mut self, hir: &Hir) -> Result<(), Infallible> {
        let part = match hir.kind() {
            HirKind::Literal(literal) => {
                let equals = Some(vec![literal.0.to_vec()]);
                Part { holds: stretches(&equals), equals }
            }
            HirKind::Class(class) => Part { equals: spellings(class), holds: None },
            HirKind::Empty | HirKind::Look(_) => {
                Part { equals: Some(vec![Vec::new()]), holds: None }
            }
            HirKind::Repetition(repetition) => {
                let body = self.stack.pop();
                let holds = body.filter(|_| repetition.min > 0).and_then(|p| p.holds);
                Part { equals: None, holds }
            }
            HirKind::Capture(_) => self.stack.pop().unwrap_or(Part { equals: None, holds: None }),
            HirKind::Concat(parts) => concat(self.split(parts.len())),
            HirKind::Alternation(parts) => alternation(self.split(parts.len())),
        };
        self.stack.push(part);
        Ok(())
    }
}
