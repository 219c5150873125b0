//! Made-up secrets, assembled when they are needed.
//!
//! Nothing in the source has the shape of a real credential: hosting sites refuse such a file, and
//! scanners cry wolf.

use super::checksum;
use super::class::Class;
use super::personal;
use super::rule::{Check, Form, Need, Part, Rule, Scheme, Shape, Token, Value};

/// A text with a made-up secret in it.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) text: String,
    /// The first byte of the secret.
    pub(crate) start: usize,
    /// The byte after its last.
    pub(crate) end: usize,
}

/// Makes a secret of this kind, with a checksum that holds; the same for the same seed.
pub(crate) fn make(rule: &Rule, seed: u64) -> Sample {
    let mut sample = drawn(rule, &mut Dice::new(seed));
    if let Some(check) = rule.check {
        complete(check, &mut sample);
    }
    sample
}

/// Writes the checksum that the secret ought to have.
fn complete(check: Check, sample: &mut Sample) {
    match check {
        Check::Base62Crc => {
            let secret = &sample.text[sample.start..sample.end];
            let body = secret.find('_').map_or(0, |mark| mark + 1)..secret.len() - 6;
            let sum = checksum::base62(checksum::crc32(secret[body].as_bytes()));
            let sum = String::from_utf8_lossy(&sum).into_owned();
            sample.text.replace_range(sample.end - 6..sample.end, &sum);
        }
        // It was drawn until it passed.
        Check::Demanded => {}
    }
}

fn drawn(rule: &Rule, dice: &mut Dice) -> Sample {
    match &rule.shape {
        Shape::Token(token) => token_sample(token, dice),
        Shape::Tilde => {
            let secret = format!("{}8Q~{}", dice.of(Class::ALNUM, 3), dice.of(Class::ALNUM, 34));
            around("", secret, "")
        }
        Shape::Named(named) => match named.value {
            Value::Base64(min) => {
                let name = if named.names.contains(&"accountkey") {
                    "AccountKey="
                } else {
                    "aws_secret_access_key = "
                };
                around(name, dice.of(Class::BASE64, min), "")
            }
        },
        Shape::Env => {
            let mark = char::from(b"!#^@"[dice.below(4)]);
            let secret = format!("{}{mark}{}", dice.of(Class::ALNUM, 9), dice.of(Class::ALNUM, 8));
            around("export SERVICE_PASSWORD=", secret, "")
        }
        Shape::Keyed(keyed) => {
            let value = match keyed.forms[dice.below(keyed.forms.len())] {
                Form::Run(class, min, max) => {
                    let count = min + dice.below(max - min + 1);
                    dice.of(class, count)
                }
                Form::Uuid => [8, 4, 4, 4, 12].map(|count| dice.of(Class::HEX, count)).join("-"),
            };
            around(&format!("{}_api_key = \"", keyed.words[0]), value, "\"")
        }
        Shape::Random => around("the signing key \"", dice.of(Class::ALNUM, 40), "\""),
        Shape::Password => {
            let mark = char::from(b"!#^@"[dice.below(4)]);
            let secret = format!("{}{mark}{}", dice.of(Class::ALNUM, 5), dice.of(Class::ALNUM, 5));
            around("password: \"", secret, "\"")
        }
        Shape::Key => around("api_key = \"", dice.of(Class::ALNUM, 32), "\""),
        Shape::Scheme(Scheme::Bearer) => {
            around("Authorization: Bearer ", dice.of(Class::ALNUM, 40), "")
        }
        Shape::Scheme(Scheme::Basic) => {
            let secret = base64(format!("user:{}", dice.of(Class::ALNUM, 16)).as_bytes());
            around("Authorization: Basic ", secret, "")
        }
        Shape::Userinfo => {
            around("postgres://svc:", dice.of(Class::ALNUM, 20), "@db.example.net:5432/prod")
        }
        Shape::Personal(kind) => {
            let (before, secret) = personal::sample::make(*kind, dice);
            around(&before, secret, "")
        }
        Shape::Block(label) => {
            let word = if label.contains("BLOCK") { "PGP " } else { "RSA " };
            let mut text = format!("-----{} {word}{label}\n", "BEGIN");
            for _ in 0..6 {
                text += &dice.of(Class::BASE64, 64);
                text.push('\n');
            }
            text += &format!("-----{} {word}{label}", "END");
            around("", text, "")
        }
    }
}

fn token_sample(token: &Token, dice: &mut Dice) -> Sample {
    let (mut context, mut lead) = (String::new(), String::new());
    for part in token.before.iter().rev() {
        match part {
            Part::Context(lit) => context.push_str(lit),
            part => lead += &dice.part(part),
        }
    }
    lead += token.heads[dice.below(token.heads.len())];
    for part in token.after {
        lead += &dice.part(part);
    }
    if let Need::Infix(infix) = token.need {
        lead += infix;
        lead += &dice.of(Class::ALNUM, 20);
    }
    around(&context, lead, "")
}

fn around(before: &str, secret: String, after: &str) -> Sample {
    let (start, end) = (before.len(), before.len() + secret.len());
    Sample { text: format!("{before}{secret}{after}"), start, end }
}

pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let word =
            three.iter().enumerate().fold(0u32, |w, (i, b)| w | u32::from(*b) << (16 - 8 * i));
        for i in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * i)) as usize & 63];
            out.push(if i <= three.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

/// A small generator of numbers (splitmix64): the same everywhere, and fit for nothing but
/// examples.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// So many characters of a class: letters of both cases and digits early, alphanumeric at both
    /// ends.
    pub(crate) fn of(&mut self, class: Class, count: usize) -> String {
        let members: Vec<u8> = class.members().collect();
        let inner: Vec<u8> = members.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
        let digits: Vec<u8> = inner.iter().copied().filter(u8::is_ascii_digit).collect();
        let letters: Vec<u8> = inner.iter().copied().filter(u8::is_ascii_alphabetic).collect();
        (0..count)
            .map(|i| {
                let set = match i {
                    1 | 5 if !digits.is_empty() => &digits,
                    2 | 4 if !letters.is_empty() => &letters,
                    _ if i == 0 || i + 1 == count || i % 8 < 7 => &inner,
                    _ => &members,
                };
                char::from(set[self.below(set.len())])
            })
            .collect()
    }

    fn part(&mut self, part: &Part) -> String {
        match part {
            Part::Lit(lit) | Part::Context(lit) => (*lit).to_owned(),
            Part::Exact(class, count) => self.of(*class, *count),
            Part::Run(class, min, usual) => {
                let more = self.below(usual - min + 1);
                self.of(*class, usual - more.min(usual - min) / 2)
            }
        }
    }
}
