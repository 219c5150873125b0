//! How a secret is spelled within the text in which it was found.
//!
//! Reads the secret out of its spelling, and spells what stands in its place so that the view stays
//! what it was. Holds no text. The invariant: what `write` appends may stand where `spelled` stood,
//! and every reader of the view reads the same text around it as before.

use super::blob;
use super::hex;
use super::hidden::Hidden;
use super::percent::{self, Percents};
use crate::redact::spelling::{self, Escapes};

/// The spelling of a secret: as it is, or as part of an encoded stretch of text, perhaps in a
/// string of JSON in a string of JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Writing {
    /// So many times is the text escaped as a string of JSON.
    escapes: u8,
    code: Code,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Code {
    #[default]
    Plain,
    Hidden,
    Percent,
    Hex,
    Base64(Ends),
}

/// What the digits of a secret hold besides it, in bytes. A replacement is filled up with full
/// stops so that what follows keeps its digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ends {
    /// The alphabet is the one for addresses and file names.
    pub url: bool,
    /// The end of another secret, which is replaced in the digits before these.
    pub drop: u8,
    /// Text before the secret.
    pub head: u8,
    /// Text behind it.
    pub tail: u8,
    /// The end of the secret stands in the digits behind these.
    pub cut: bool,
}

/// What fills a replacement up: it ends no value, in whatever is written in the blob.
const FILL: u8 = b'.';

impl Writing {
    /// In its own characters.
    pub const PLAIN: Writing = Writing { escapes: 0, code: Code::Plain };

    pub(super) fn coded(code: Code) -> Writing {
        Writing { escapes: 0, code }
    }

    /// The same within a text that is escaped so many times.
    pub(super) fn escaped(self, escapes: u8) -> Writing {
        Writing { escapes, ..self }
    }

    /// The same where the end of the secret is left to the digits behind it.
    pub(super) fn cut(self) -> Writing {
        match self.code {
            Code::Base64(ends) => {
                Writing { code: Code::Base64(Ends { tail: 0, cut: true, ..ends }), ..self }
            }
            _ => self,
        }
    }

    /// How a span is written that reaches over two spellings: as deep as the deeper one, so that
    /// what holds them stays valid.
    pub(crate) fn join(self, other: Writing) -> Writing {
        let code = if self.code == other.code && !matches!(self.code, Code::Base64(_)) {
            self.code
        } else {
            Code::Plain
        };
        Writing { escapes: self.escapes.max(other.escapes), code }
    }

    /// Appends the secret itself. `spelled` is the text from the start of the match to its end.
    /// False if a part of the secret stands outside the match, so that it cannot be told whole.
    pub fn read(self, spelled: &[u8], out: &mut Vec<u8>) -> bool {
        let mut text = Vec::new();
        let spelled = self.unescaped(spelled, &mut text);
        match self.code {
            Code::Plain => out.extend_from_slice(spelled),
            Code::Hidden => spelling::decode::<Hidden>(spelled, out),
            Code::Percent => spelling::decode::<Percents>(spelled, out),
            Code::Hex => hex::decode(spelled, out),
            Code::Base64(ends) => {
                let mut bytes = Vec::with_capacity(spelled.len());
                blob::decode_spelled(spelled, &mut bytes);
                out.extend_from_slice(ends.secret(&bytes));
                return !ends.cut;
            }
        }
        true
    }

    /// Appends `plain` as it has to be spelled to stand in the place of `spelled`, the text from
    /// the start of the match to its end.
    pub fn write(self, spelled: &[u8], plain: &[u8], out: &mut Vec<u8>) {
        if self == Self::PLAIN {
            out.extend_from_slice(plain);
            return;
        }
        let mut text = Vec::new();
        let spelled = self.unescaped(spelled, &mut text);
        let mut made = Vec::with_capacity(2 * plain.len());
        match self.code {
            Code::Plain | Code::Hidden => made.extend_from_slice(plain),
            Code::Percent => percent::encode(spelled, plain, &mut made),
            Code::Hex => hex::encode(spelled, plain, &mut made),
            Code::Base64(ends) => {
                let mut bytes = Vec::with_capacity(spelled.len());
                blob::decode_spelled(spelled, &mut bytes);
                blob::encode(spelled, &ends.filled(&bytes, plain), ends.url, &mut made);
            }
        }
        for _ in 0..self.escapes {
            let mut escaped = Vec::with_capacity(made.len());
            spelling::escape(&made, &mut escaped);
            made = escaped;
        }
        out.extend_from_slice(&made);
    }

    /// The text at the depth at which it is read.
    fn unescaped<'a>(self, spelled: &'a [u8], text: &'a mut Vec<u8>) -> &'a [u8] {
        if self.escapes == 0 {
            return spelled;
        }
        text.extend_from_slice(spelled);
        for _ in 0..self.escapes {
            let mut decoded = Vec::with_capacity(text.len());
            spelling::decode::<Escapes>(text, &mut decoded);
            *text = decoded;
        }
        text
    }
}

impl Ends {
    /// The secret among these bytes.
    fn secret(self, bytes: &[u8]) -> &[u8] {
        let from = usize::from(self.drop + self.head);
        bytes.get(from..bytes.len().saturating_sub(usize::from(self.tail))).unwrap_or_default()
    }

    /// The bytes with another text in the place of the secret; of the same length but for whole
    /// groups of digits.
    fn filled(self, bytes: &[u8], plain: &[u8]) -> Vec<u8> {
        let head = &bytes[usize::from(self.drop).min(bytes.len())..];
        let head = &head[..usize::from(self.head).min(head.len())];
        let tail = &bytes[bytes.len() - usize::from(self.tail).min(bytes.len())..];
        let mut filled = [head, plain].concat();
        while (filled.len() + tail.len()) % 3 != bytes.len() % 3 {
            filled.push(FILL);
        }
        filled.extend_from_slice(tail);
        filled
    }
}
