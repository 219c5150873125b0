//! Made-up secrets, assembled when they are needed.
//!
//! Nothing in the source has the shape of a real credential: hosting sites refuse such a file, and
//! scanners cry wolf.

use super::checksum;
use super::class::Class;
use super::encoding::{self, BASE32, BECH32};
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
    let dice = &mut Dice::new(seed);
    let mut sample = drawn(rule, dice);
    if let Some(check) = rule.check {
        complete(check, &mut sample, dice);
    }
    sample
}

/// Writes what the secret ought to hold: a checksum over the rest, or a structure in its place.
fn complete(check: Check, sample: &mut Sample, dice: &mut Dice) {
    let secret = &sample.text[sample.start..sample.end];
    let crc = |text: &str| checksum::crc32(text.as_bytes());
    let first = secret.find('_').map_or(0, |mark| mark + 1);
    let last = secret.rfind('_').unwrap_or(0);
    let completed = match check {
        Check::Base62Crc => {
            let body = &secret[..secret.len() - 6];
            let sum = encoding::base62(crc(&body[first..]));
            body.to_owned() + &String::from_utf8_lossy(&sum)
        }
        // It was drawn until it passed.
        Check::Demanded => return,
        Check::HexCrc => format!("{}_{:08x}", &secret[..last], crc(&secret[first..last])),
        Check::GrafanaCrc => {
            format!("{}_{:08x}", &secret[..last], crc(&secret[..last]).swap_bytes())
        }
        Check::AtlassianCrc => format!("{secret}={:08X}", crc(&format!("{secret}="))),
        Check::ConfluentCrc => {
            let body = &secret[..secret.len() - 6];
            body.to_owned() + &encoding::base64(&crc(&body[4..]).to_le_bytes())[..6]
        }
        Check::AwsAccount => {
            let digits = (0..16).map(|_| char::from(BASE32[dice.below(32)]));
            // The account is a number of twelve digits: in 40 bits, the highest is free.
            let digits: String = std::iter::once('B').chain(digits.skip(1)).collect();
            secret[..4].to_owned() + &digits
        }
        Check::JoseHeader => {
            let rest = secret.find('.').map_or("", |dot| &secret[dot..]);
            encoding::base64url(br#"{"alg":"HS256","typ":"JWT"}"#) + rest
        }
        Check::Macaroon => macaroon(secret.starts_with("pypi-AgEN"), dice),
        Check::Base64Json => base64_json(secret, dice),
        Check::Pem | Check::PgpCrc => armoured(check == Check::PgpCrc, dice),
        Check::Bech32 => bech32(secret),
        Check::Snowflake => {
            let rest = secret.find('.').map_or("", |dot| &secret[dot..]);
            encoding::base64url(dice.of(Class::DIGIT, 18).as_bytes()) + rest
        }
        Check::GrafanaKey => {
            let key = dice.of(Class::ALNUM, 32);
            encoding::base64(format!(r#"{{"k":"{key}","n":"made-up","id":1}}"#).as_bytes())
        }
        Check::Base58 => base58(secret.starts_with('5'), dice),
    };
    sample.text.replace_range(sample.start..sample.end, &completed);
    sample.end = sample.start + completed.len();
}

fn macaroon(test: bool, dice: &mut Dice) -> String {
    let place: &[u8] = if test { b"test.pypi.org" } else { b"pypi.org" };
    let (id, caveat) = (dice.of(Class::HEX, 36), dice.of(Class::ALNUM, 44));
    let field = |kind: u8, data: &[u8]| [&[kind, data.len() as u8], data].concat();
    let bytes = [
        vec![2],
        field(1, place),
        field(2, id.as_bytes()),
        vec![0],
        field(2, caveat.as_bytes()),
        vec![0, 0],
        field(6, &dice.bytes(32)),
    ];
    "pypi-".to_owned() + &encoding::base64url(&bytes.concat())
}

fn base64_json(secret: &str, dice: &mut Dice) -> String {
    let prefix = ["ops_", "sntrys_", "glc_"].into_iter().find(|p| secret.starts_with(p));
    let name = if prefix == Some("glc_") { "o" } else { "k" };
    let value = dice.of(Class::ALNUM, 180);
    prefix.unwrap_or("").to_owned()
        + &encoding::base64(format!(r#"{{"{name}":"{value}"}}"#).as_bytes())
}

fn armoured(pgp: bool, dice: &mut Dice) -> String {
    let label = if pgp { "PGP PRIVATE KEY BLOCK" } else { "RSA PRIVATE KEY" };
    let mut bytes = dice.bytes(6 * 48);
    let tail = if pgp {
        format!("={}\n", encoding::base64(&checksum::crc24(&bytes).to_be_bytes()[1..]))
    } else {
        let length = (bytes.len() - 4) as u16;
        bytes[..2].copy_from_slice(&[0x30, 0x82]);
        bytes[2..4].copy_from_slice(&length.to_be_bytes());
        String::new()
    };
    let digits = encoding::base64(&bytes);
    let lines: String = (0..6).map(|i| format!("{}\n", &digits[64 * i..64 * (i + 1)])).collect();
    format!("-----{} {label}-----\n{lines}{tail}-----{} {label}-----", "BEGIN", "END")
}

fn bech32(secret: &str) -> String {
    let mark = secret.rfind('1').map_or(0, |mark| mark + 1);
    let place = |b: u8| char::from(BECH32[usize::from(b) % 32]);
    let data: String = secret[mark..].bytes().take(52).map(place).collect();
    let body = secret[..mark].to_owned() + &data;
    let sum = checksum::bech32(format!("{body}QQQQQQ").as_bytes()).unwrap_or(0) ^ 1;
    body + &(0..6).rev().map(|i| place((sum >> (5 * i) & 31) as u8)).collect::<String>()
}

fn base58(uncompressed: bool, dice: &mut Dice) -> String {
    let mut bytes = [vec![0x80], dice.bytes(32)].concat();
    if !uncompressed {
        bytes.push(1);
    }
    bytes.extend_from_slice(&checksum::double_hash(&bytes)[..4]);
    encoding::base58(&bytes)
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
            let secret = encoding::base64(format!("user:{}", dice.of(Class::ALNUM, 16)).as_bytes());
            around("Authorization: Basic ", secret, "")
        }
        Shape::Userinfo => {
            around("postgres://svc:", dice.of(Class::ALNUM, 20), "@db.example.net:5432/prod")
        }
        Shape::Personal(kind) => {
            let (before, secret) = personal::sample::make(*kind, dice);
            around(&before, secret, "")
        }
        Shape::Block(block) if block.close.is_empty() => around("", putty(dice), ""),
        // What stands in a block has a structure, so it is made with that.
        Shape::Block(_) => around("", String::new(), ""),
        Shape::Signed(signed) => {
            let (before, after) = (dice.of(signed.class, signed.offset), dice.of(signed.class, 6));
            let padding = if signed.offset == 33 { "=" } else { "==" };
            around("", format!("{before}{}{after}{padding}", signed.sign), "")
        }
    }
}

fn putty(dice: &mut Dice) -> String {
    let lines = |dice: &mut Dice, count: usize| -> String {
        (0..count).map(|_| dice.of(Class::BASE64, 64) + "\n").collect()
    };
    let head = "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: made up\n";
    let (public, private) = (lines(dice, 4), lines(dice, 8));
    let sum = dice.of(Class::HEX, 40);
    format!("{head}Public-Lines: 4\n{public}Private-Lines: 8\n{private}Private-MAC: {sum}")
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

    /// So many bytes.
    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
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
