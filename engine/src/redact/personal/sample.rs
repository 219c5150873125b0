//! Made-up personal data, drawn until its check digits are right.

use super::{Kind, account, check, form};
use crate::redact::class::Class;
use crate::redact::sample::Dice;

/// So many draws are made at most; the rarest form needs about five hundred.
const DRAWS_MAX: usize = 1 << 20;

/// A text before, and personal data of this kind behind it.
pub(crate) fn make(kind: Kind, dice: &mut Dice) -> (String, String) {
    match kind {
        Kind::Card => {
            let of = |dice: &mut Dice| match dice.below(3) {
                0 => filled("4??? ???? ???? ????", dice),
                1 => filled("37?? ?????? ?????", dice),
                _ => filled("51??-????-????-????", dice).replace('-', ""),
            };
            ("".into(), draw(dice, of, check::luhn))
        }
        Kind::Iban => {
            let of = |dice: &mut Dice| {
                let (country, length) =
                    account::IBAN_LENGTHS[dice.below(account::IBAN_LENGTHS.len())];
                country.to_owned() + &dice.of(Class::DIGIT, length - 2)
            };
            ("".into(), draw(dice, of, check::iban))
        }
        Kind::Email => {
            let local = dice.of(Class::LOWER, 7);
            let domain = ["mail.example.org", "example.com", "example.co.uk"][dice.below(3)];
            ("".into(), format!("{local}.smith@{domain}"))
        }
        Kind::International => {
            let template = ["+1 415 5?? ????", "+44 20 7??? ????", "+4930?????????"][dice.below(3)];
            let is_number = |d: &[u8]| d[0] != b'1' || check::nanp(&d[1..]);
            ("".into(), draw(dice, |dice| filled(template, dice), is_number))
        }
        Kind::Vehicle(words) => {
            let of = |dice: &mut Dice| {
                format!("1{}{}", filled("HGCM?????", dice), filled("A??????", dice))
            };
            (format!("{}: ", words[0]), draw(dice, of, check::vin))
        }
        Kind::Form(form) => {
            let is_written = |w: &&&str| {
                form::read(w.as_bytes(), form.example.replace('?', "0").as_bytes(), 0).is_some()
            };
            let before = match form.marked.iter().find(is_written) {
                Some(_) => String::new(),
                None => format!("{}: ", form.words[0].trim_end_matches('*')),
            };
            (before, draw(dice, |dice| filled(form.example, dice), form.check))
        }
    }
}

/// Draws until the check is passed.
fn draw(
    dice: &mut Dice,
    of: impl Fn(&mut Dice) -> String,
    check: impl Fn(&[u8]) -> bool,
) -> String {
    let is_right = |text: &String| {
        let chars: Vec<u8> = text.bytes().filter(u8::is_ascii_alphanumeric).collect();
        check(&chars)
    };
    let draws = std::iter::repeat_with(|| of(dice)).take(DRAWS_MAX);
    draws.into_iter().find(is_right).expect("the description of the example fits its check")
}

/// A template with a digit for every question mark.
fn filled(template: &str, dice: &mut Dice) -> String {
    let digit = |dice: &mut Dice| char::from(b"0123456789"[dice.below(10)]);
    template.chars().map(|c| if c == '?' { digit(dice) } else { c }).collect()
}
