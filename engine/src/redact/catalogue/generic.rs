//! Secrets of no provider in particular, which their structure gives away.

use super::{DOTTED, TOKEN, behind, shape};
use crate::redact::rule::Part::{Lit, Run};
use crate::redact::rule::Severity::{Critical, High};
use crate::redact::rule::{Rule, Shape};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    behind("jwt", "generic", High, &[], &["eyJ"], &[Run(TOKEN, 12, 33), Lit("."), Run(TOKEN, 12, 70), Lit("."), Run(TOKEN, 10, 43)], DOTTED),
    shape("private-key", "generic", Critical, Shape::Block("PRIVATE KEY-----")),
    shape("pgp-private-key", "PGP", Critical, Shape::Block("PRIVATE KEY BLOCK-----")),
];
