//! What a configuration says of the arguments of calls. Plain data; nothing is compiled here.

use serde::{Deserialize, Serialize};

use super::decimal::Decimal;
use crate::net::{PathConfig, UrlConfig};

/// A rule for the arguments of `tools/call`: where it looks, and what has to be so there.
///
/// All checks that are given have to hold; a rule has at least one. A value that is not there is
/// judged by `required` alone.
///
/// What a check makes of a value of another type: it refuses it. A check of strings (`path`, `url`,
/// `no_leading_dash`, `regex`, `not_regex`, `one_of`) on an array judges each element. At a place
/// that ends in `**`, which is every value below, a check judges the values of its own type and
/// leaves the others alone.
///
/// In a call that any rule is for, every object of the arguments is read whole: two members of one
/// name, after decoding escapes and folding case, refuse the call, and so does a member whose name
/// differs by case only from one that leads to the place of a rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArgumentConfig {
    /// What refusals and records call it; 1 to 62 bytes, and no two rules alike.
    pub name: String,
    /// Globs of the tools that it is for; none: every tool.
    pub tools: Vec<String>,
    /// Globs of the servers that it is for; none: every server.
    pub servers: Vec<String>,
    /// The place, from `arguments`: a JSON pointer (RFC 6901) in which `*` stands for one step and
    /// `**`, once, for any number of them: `/path`, `/files/*/path`, `/**`. Empty: the object
    /// `arguments` itself, which only `members` and `required` can judge.
    pub at: String,
    /// A file path, and where it may lead. Refuses with `path_denied`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathConfig>,
    /// A URL, and where it may lead. Refuses with `url_denied`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<UrlConfig>,
    /// Asks the host where a path leads when symlinks are followed, or for the addresses of a name
    /// in a URL, and judges the answer; the call waits for it. For `path` and `url` only.
    pub resolve: bool,
    /// A string does not begin with `-`, so that no program takes it for an option. White space
    /// before it is looked over, and the dashes of typesetting count too.
    pub no_leading_dash: bool,
    /// A regular expression that the whole string has to match. At most 4 KiB; the engine is linear.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// A regular expression that occurs nowhere in the string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_regex: Option<String>,
    /// Admits regular expressions that a backtracking engine would choke on.
    pub linear: bool,
    /// The value is one of these; none: any. A string is compared with its text, a number, `true`,
    /// `false` and `null` by their spelling: `1` is neither `1.0` nor `1e0`. To keep the string
    /// `"1"` and the number `1` apart give `kind` too. At most 4,096.
    pub one_of: Vec<String>,
    /// How long: a string in characters (Unicode scalar values), an array in elements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<LengthConfig>,
    /// How great a number is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<RangeConfig>,
    /// The names of the members that an object may have, letter by letter; any other is unexpected.
    /// Empty: none at all. At most 4,096.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<String>>,
    /// A value has to stand at the place, which is one of names alone, without `*` and `**`.
    pub required: bool,
    /// Of which type the value is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
}

/// How long a string or an array is; both ends belong to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LengthConfig {
    /// At least so long; none: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<u64>,
    /// At most so long; none: as long as it likes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
}

/// How great a number is; both ends belong to it. Compared as decimals, exactly: 9007199254740993
/// is greater than 9007199254740992, and `1e2` is 100.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RangeConfig {
    /// At least so great.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Decimal>,
    /// At most so great.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Decimal>,
}

/// A type of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A string.
    String,
    /// A number.
    Number,
    /// A number without a fraction by its value, as JSON Schema has it: `1`, `1.0` and `1e2`.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// An object.
    Object,
    /// An array.
    Array,
    /// `null`.
    Null,
}

/// Validation of the arguments of a call against the `inputSchema` that the server listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SchemaConfig {
    /// Refuses a call whose arguments are not what the schema says. Needs a build with the feature
    /// `schema`. What cannot be decided is refused with `undecided`: arguments or a schema over
    /// 64 KiB, a schema that is not valid, refers to other documents or dynamically, holds more
    /// than 64 patterns, or would take too long.
    pub validate: bool,
    /// What becomes of a call of a tool whose schema was not seen.
    pub unknown: Unknown,
}

/// What becomes of a call of a tool whose schema was not seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    /// It passes. The default: clients keep lists from one session to the next, and need not ask
    /// again.
    #[default]
    Pass,
    /// It is refused with `undecided`; the client has to ask for `tools/list` first.
    Refuse,
}
