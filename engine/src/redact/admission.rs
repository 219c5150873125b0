//! Which regular expressions are admitted.
//!
//! Two classes are refused unless the host says `linear: true`: a repetition whose body can match
//! the same text in several ways because it repeats in itself (`(a+)+`, `([a-z]*)*`, `(a{1,9})+`),
//! and an alternation that repeats without bound (`(a|b)*`). A backtracking engine takes
//! exponential time on some of them. The engine here never does; the classes are refused because
//! patterns are shared with tools that would, and because users were promised it. They are
//! recognised on the parsed syntax, so groups, names and flags around the body change nothing.

use std::convert::Infallible;

use regex_syntax::ast::parse::ParserBuilder;
use regex_syntax::ast::{self, Ast, RepetitionKind, RepetitionRange};

/// Groups may be nested this deep; it bounds the stack of whatever walks the syntax.
pub(crate) const NEST_MAX: u32 = 64;

/// Why a pattern is refused, and at which byte.
pub(crate) type Refusal = (String, Option<usize>);

/// Reads a pattern, and refuses the classes above unless `linear`.
pub(crate) fn admit(pattern: &str, linear: bool) -> Result<(), Refusal> {
    let ast = ParserBuilder::new()
        .nest_limit(NEST_MAX)
        .build()
        .parse(pattern)
        .map_err(|e| (e.kind().to_string(), Some(e.span().start.offset)))?;
    if linear {
        return Ok(());
    }
    let check = Check { stack: Vec::new(), refusal: None };
    let Ok(refusal) = ast::visit(&ast, check);
    refusal.map_or(Ok(()), Err)
}

/// What is known of a part of the pattern.
#[derive(Clone, Copy, Default)]
struct Summary {
    /// It matches nothing at all, among other things.
    empty: bool,
    /// It is, or may shrink to, a repetition of no fixed count.
    loose: bool,
    /// It is an alternation, perhaps in groups.
    alternation: bool,
}

/// Walks the syntax upwards; one summary on the stack for each part that is complete.
struct Check {
    stack: Vec<Summary>,
    refusal: Option<Refusal>,
}

impl Check {
    fn pop(&mut self) -> Summary {
        self.stack.pop().unwrap_or_default()
    }

    fn repetition(&mut self, repetition: &ast::Repetition) -> Summary {
        let body = self.pop();
        let (min, max) = match &repetition.op.kind {
            RepetitionKind::ZeroOrOne => (0, Some(1)),
            RepetitionKind::ZeroOrMore => (0, None),
            RepetitionKind::OneOrMore => (1, None),
            RepetitionKind::Range(RepetitionRange::Exactly(n)) => (*n, Some(*n)),
            RepetitionKind::Range(RepetitionRange::AtLeast(n)) => (*n, None),
            RepetitionKind::Range(RepetitionRange::Bounded(n, m)) => (*n, Some(*m)),
        };
        let repeats = max.is_none_or(|max| max > 1 && max > min);
        let reason = if repeats && body.loose {
            Some("nested quantifiers: a repetition is repeated (linear: true admits it)")
        } else if max.is_none() && body.alternation {
            Some("an alternation is repeated without bound (linear: true admits it)")
        } else {
            None
        };
        if let (Some(reason), None) = (reason, &self.refusal) {
            self.refusal = Some((reason.to_owned(), Some(repetition.span.start.offset)));
        }
        Summary {
            empty: body.empty || min == 0,
            loose: body.loose || max != Some(min),
            alternation: false,
        }
    }

    fn concat(&mut self, count: usize) -> Summary {
        let parts = self.stack.split_off(self.stack.len().saturating_sub(count));
        let solid = parts.iter().filter(|p| !p.empty).count();
        // A loose part decides only if all the others may vanish: `(a+b)+` is told apart by its b.
        let loose = parts.iter().any(|p| p.loose && solid == usize::from(!p.empty));
        Summary { empty: solid == 0, loose, alternation: false }
    }

    fn alternation(&mut self, count: usize) -> Summary {
        let parts = self.stack.split_off(self.stack.len().saturating_sub(count));
        Summary {
            empty: parts.iter().any(|p| p.empty),
            loose: parts.iter().any(|p| p.loose),
            alternation: true,
        }
    }
}

impl ast::Visitor for Check {
    type Output = Option<Refusal>;
    type Err = Infallible;

    fn finish(self) -> Result<Self::Output, Infallible> {
        Ok(self.refusal)
    }

    fn visit_post(&mut self, ast: &Ast) -> Result<(), Infallible> {
        let summary = match ast {
            Ast::Repetition(repetition) => self.repetition(repetition),
            Ast::Concat(concat) => self.concat(concat.asts.len()),
            Ast::Alternation(alternation) => self.alternation(alternation.asts.len()),
            Ast::Group(_) => self.pop(),
            Ast::Empty(_) | Ast::Flags(_) | Ast::Assertion(_) => {
                Summary { empty: true, ..Summary::default() }
            }
            _ => Summary::default(),
        };
        self.stack.push(summary);
        Ok(())
    }
}
