//! Fakes to plant, and the ways in which peers may spell them. Made at run time: no file holds one.

use portcullis_engine::Rules;

/// A made-up secret, and what stands in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fake {
    /// The secret itself.
    pub text: String,
    /// `[REDACTED:name]`.
    pub mark: String,
}

/// A token that the policies of the tests admit.
pub const TOKEN: &str = "token-FAKE-0123456789";
/// A token that they do not.
pub const WRONG_TOKEN: &str = "token-WRONG-123456789";
/// A credential that policies of the tests attach.
pub const CREDENTIAL: &str = "credential-FAKE-0123456789";

/// A fake that this rule finds by its own characters.
///
/// # Panics
/// If there is no such rule, or its examples have more to them than the secret.
#[must_use]
pub fn fake(rule: &str, seed: u64) -> Fake {
    let rules = Rules::default();
    let id = rules.iter().find(|&id| rules.info(id).name == rule).expect("a rule of that name");
    let text = rules.example(id, seed).expect("a built-in rule has an example");
    let mut found = Vec::new();
    rules.find(text.as_bytes(), &mut found);
    let [one] = found[..] else { panic!("{rule} finds {} secrets", found.len()) };
    let text = text[one.start..one.end].to_owned();
    Fake { text, mark: format!("[REDACTED:{rule}]") }
}

/// A fake that counts as critical and is found wherever it stands.
#[must_use]
pub fn critical(seed: u64) -> Fake {
    fake("github-classic-pat", seed)
}

/// Ways to spell a text inside a JSON string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// As it is.
    Plain,
    /// Every character as `\u00xx`.
    Hex,
    /// Some characters so, in upper case.
    SomeHex,
}

impl Spelling {
    /// All of them.
    pub const ALL: [Spelling; 3] = [Spelling::Plain, Spelling::Hex, Spelling::SomeHex];
}

/// `text`, which is ASCII, as the inside of a JSON string.
#[must_use]
pub fn spell(text: &str, spelling: Spelling) -> String {
    let one = |(at, c): (usize, char)| match spelling {
        Spelling::Hex => format!("\\u{:04x}", u32::from(c)),
        Spelling::SomeHex if at % 3 == 0 => format!("\\u{:04X}", u32::from(c)),
        _ if c == '/' => "\\/".to_owned(),
        _ if c == '"' || c == '\\' => format!("\\{c}"),
        _ => c.to_string(),
    };
    text.chars().enumerate().map(one).collect()
}
