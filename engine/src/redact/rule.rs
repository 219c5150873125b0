//! What a built-in rule is made of. The rules themselves are data, in the catalogue.

use super::class::Class;
use super::personal::Kind;

/// How much harm a leak of this kind does. The numbers are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// An identifier, or public by design.
    Low = 1,
    /// Needs a second part, or is a guess from its surroundings.
    Medium = 2,
    /// Scoped or short-lived.
    High = 3,
    /// Acts at once, without a further secret.
    Critical = 4,
}

impl Severity {
    /// Every severity, least first.
    pub const ALL: [Severity; 4] =
        [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    /// A word for reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// How a rule recognises its secrets. The numbers are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// By characters of the secret itself.
    Token = 1,
    /// By the name or the word in front of the secret.
    Context = 2,
    /// By the lines around a block of text.
    Block = 3,
    /// By the form and the check digits of a number, or by the form of an address.
    Personal = 4,
    /// A regular expression of the host's own.
    Regex = 5,
    /// A literal text of the host's own.
    Literal = 6,
    /// A glob of the host's own.
    Glob = 7,
}

impl RuleKind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [RuleKind; 7] = [
        RuleKind::Token,
        RuleKind::Context,
        RuleKind::Block,
        RuleKind::Personal,
        RuleKind::Regex,
        RuleKind::Literal,
        RuleKind::Glob,
    ];

    /// A word for lists.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            RuleKind::Token => "token",
            RuleKind::Context => "context",
            RuleKind::Block => "block",
            RuleKind::Personal => "personal",
            RuleKind::Regex => "regex",
            RuleKind::Literal => "literal",
            RuleKind::Glob => "glob",
        }
    }
}

/// A group of rules that is switched as one. The numbers are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Credentials. On, unless switched off.
    Secrets = 1,
    /// Personal data. Off, unless switched on.
    Personal = 2,
    /// Long random values beside a word such as key or token. On, unless switched off.
    Entropy = 3,
}

impl Group {
    /// Every group.
    pub const ALL: [Group; 3] = [Group::Secrets, Group::Personal, Group::Entropy];

    /// Its name in a configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Group::Secrets => "secrets",
            Group::Personal => "pii",
            Group::Entropy => "entropy",
        }
    }
}

/// One built-in rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) provider: &'static str,
    pub(crate) severity: Severity,
    pub(crate) group: Group,
    pub(crate) shape: Shape,
    /// What can be verified in a secret of this kind.
    pub(crate) check: Option<Check>,
    /// Whether an example was found outside this project.
    pub(crate) proven: bool,
}

impl Rule {
    pub(crate) fn kind(&self) -> RuleKind {
        match self.shape {
            Shape::Token(_) | Shape::Tilde | Shape::Signed(_) => RuleKind::Token,
            Shape::Block(_) => RuleKind::Block,
            Shape::Personal(_) => RuleKind::Personal,
            Shape::Named(_)
            | Shape::Env
            | Shape::Keyed(_)
            | Shape::Random
            | Shape::Password
            | Shape::Key
            | Shape::Scheme(_)
            | Shape::Userinfo => RuleKind::Context,
        }
    }

    /// Anchored rules are recognised by the secret alone, so they may be trusted where a guess may
    /// not.
    pub(crate) fn anchored(&self) -> bool {
        match self.kind() {
            RuleKind::Context => matches!(self.shape, Shape::Userinfo),
            // One number in ten passes its check by chance.
            RuleKind::Personal => false,
            _ => true,
        }
    }
}

/// The matcher of a rule and what it has to know.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Literals and runs of an alphabet in a fixed order.
    Token(Token),
    /// Three characters, a digit, `Q~`, then 31 or more: the anchor holds a byte that ends a run.
    Tilde,
    /// A value behind a name and `=` or `:`.
    Named(Named),
    /// `NAME=value` in the style of an environment.
    Env,
    /// A value of a certain form behind the word of its provider.
    Keyed(Keyed),
    /// A long random value behind a word that says "key".
    Random,
    /// A value behind a name that says "password".
    Password,
    /// A value behind a name that says "key", "secret" or "token".
    Key,
    /// A word such as `Bearer`, a space and the value.
    Scheme(Scheme),
    /// The password in `scheme://user:password@host`.
    Userinfo,
    /// A signature at a fixed place within a key.
    Signed(Signed),
    /// A block of lines, from its first to its last.
    Block(Block),
    /// Personal data of this kind.
    Personal(Kind),
}

/// A secret that is recognised by its own characters.
///
/// ```text
///   before      head       after          grow
///   SG .                   run . run      ...      the run that the frame scanner reports starts at `head`,
///               ghp_       run            ...      or at `after` when `head` is empty
/// ```
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    /// What stands before the run, nearest first.
    pub(crate) before: &'static [Part],
    /// The spellings of the beginning of the run; empty when the run has no fixed beginning.
    pub(crate) heads: &'static [&'static str],
    /// What follows the head.
    pub(crate) after: &'static [Part],
    /// The token goes on as long as this alphabet does: lengths drift, prefixes do not.
    pub(crate) grow: Class,
    /// What the run has to hold besides.
    pub(crate) need: Need,
    /// No token character follows the last part, which is at most of the usual length.
    pub(crate) whole: bool,
    /// The heads are words as well, so they count at the beginning of a run only.
    pub(crate) word: bool,
}

/// A piece of a token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    /// This text.
    Lit(&'static str),
    /// This text has to stand there, but is no part of the secret. Only before the run, and last.
    Context(&'static str),
    /// Exactly so many bytes of a class, whatever follows.
    Exact(Class, usize),
    /// At least so many bytes of a class and all that follow; the second number is the usual
    /// length.
    Run(Class, usize, usize),
}

/// A further test on the smallest form of a token, for anchors that words begin with too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// None: the anchor is enough.
    Nothing,
    /// A digit and a letter after the head.
    Mix,
    /// Letters of both cases and a digit.
    Cased,
    /// Letters and digits that change too often for words.
    Random,
    /// This text somewhere in the run.
    Infix(&'static str),
    /// A checksum or structure of the smallest form holds.
    Check(Check),
}

/// A key of Microsoft's: base64 with a signature in it that names the service, a checksum, and
/// padding.
///
/// ```text
///   class x offset | sign | six of class | =
/// ```
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed {
    pub(crate) sign: &'static str,
    pub(crate) class: Class,
    pub(crate) offset: usize,
}

/// A secret of many lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    /// What its first line begins with.
    pub(crate) begin: &'static str,
    /// What follows behind a few words.
    pub(crate) label: &'static str,
    /// What its last line begins with.
    pub(crate) end: &'static str,
    /// What its last line ends with; if empty, a word ends it.
    pub(crate) close: &'static str,
}

/// A checksum or a structure within a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// The last six characters are the CRC-32 of those behind the prefix, in base 62.
    Base62Crc,
    /// Nothing is found that does not pass it.
    Demanded,
    /// Behind the last `_` stands the CRC-32 of what is between the prefix and it, in hexadecimal.
    HexCrc,
    /// Behind the last `_` stands the CRC-32 of what is before it, lower byte first, in hexadecimal.
    GrafanaCrc,
    /// Behind the last `=` stands the CRC-32 of all up to it, in hexadecimal.
    AtlassianCrc,
    /// The last six characters are the CRC-32 of those behind the prefix, lower byte first, in
    /// base64.
    ConfluentCrc,
    /// Behind four letters stands, in base 32, the number of an account.
    AwsAccount,
    /// The first part is the header of a JSON Web Signature or Encryption (RFC 7515, RFC 7516).
    JoseHeader,
    /// A macaroon of version 2, as PyPI issues it.
    Macaroon,
    /// Behind the prefix stands, in base64, an object of JSON.
    Base64Json,
    /// The key is in DER, of the length that it says it has, or of OpenSSH's own form.
    Pem,
    /// The armour ends with the CRC-24 of what it holds (RFC 9580 section 6.1).
    PgpCrc,
    /// Bech32 (BIP 173).
    Bech32,
    /// The first part is, in base64, the decimal number of an account.
    Snowflake,
    /// In base64, an object of JSON whose first member `k` is a key of letters and digits.
    GrafanaKey,
    /// A private key of Bitcoin in Base58Check.
    Base58,
}

/// A value that is recognised by the name it is given to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    /// What the name ends with: lower case, without `_` and `-`.
    pub(crate) names: &'static [&'static str],
    pub(crate) value: Value,
}

/// A value that is recognised by its form and the word of its provider before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keyed {
    /// What a word of the name or of the line before it begins with, in lower case; one of up to
    /// four letters has to be the whole word.
    pub(crate) words: &'static [&'static str],
    pub(crate) forms: &'static [Form],
}

/// A form of a value without an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A run of a class: the smallest and the greatest length.
    Run(Class, usize, usize),
    /// Eight, four, four, four and twelve hexadecimal digits.
    Uuid,
}

/// What the value behind a name looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// So many or more characters of standard base64.
    Base64(usize),
}

/// A value that is recognised by the word in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// `Bearer`, in any case.
    Bearer,
    /// `Basic`, in any case: the value has to decode to printable text with a colon.
    Basic,
}

impl Scheme {
    /// The word, in small letters.
    pub(crate) const fn word(self) -> &'static [u8] {
        match self {
            Scheme::Bearer => b"bearer",
            Scheme::Basic => b"basic",
        }
    }
}
