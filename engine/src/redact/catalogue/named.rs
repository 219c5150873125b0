//! Secrets that what stands in front of them gives away: a name, a word, a URL.
//!
//! They come last in the catalogue, so that a rule that knows more wins a tie; and the widest guess
//! comes last of all.

use super::shape;
use crate::redact::rule::Severity::{Critical, High, Medium};
use crate::redact::rule::{Group, Named, Rule, Scheme, Shape, Value};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    shape("aws-secret-key", "AWS", Critical, Shape::Named(Named { names: AWS_NAMES, value: Value::Base64(40) })),
    shape("azure-storage-key", "Azure", Critical, Shape::Named(Named { names: AZURE_NAMES, value: Value::Base64(80) })),
    shape("basic-auth", "HTTP", High, Shape::Scheme(Scheme::Basic)),
    shape("url-password", "generic", Critical, Shape::Userinfo),
    shape("env-var-value", "generic", Medium, Shape::Env),
    shape("bearer-token", "HTTP", High, Shape::Scheme(Scheme::Bearer)),
    shape("password", "generic", Medium, Shape::Password),
    shape("generic-api-key", "generic", Medium, Shape::Key),
    grouped("random-value", Group::Entropy, Shape::Random),
];

/// A guess of a group of its own.
const fn grouped(name: &'static str, group: Group, shape: Shape) -> Rule {
    let mut rule = super::shape(name, "generic", Medium, shape);
    rule.group = group;
    rule
}

/// Endings of the names that the other half of an AWS key pair goes by.
const AWS_NAMES: &[&str] = &["secretaccesskey", "awssecretkey", "awssecret", "secretkey"];

/// Endings of the names of the keys of Azure storage and its relatives.
const AZURE_NAMES: &[&str] = &["accountkey", "sharedaccesskey", "storagekey", "storageaccountkey"];
