//! Personal data: off by default, switched on as the group `pii`.
//!
//! A number has to be apart from other characters, pass its check, and be written in a way of its
//! own or stand behind a word that names it.

use crate::redact::personal::{Form, Kind, check};
use crate::redact::rule::Severity::{High, Low, Medium};
use crate::redact::rule::{Check, Group, Rule, Severity, Shape};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    personal("payment-card", "ISO/IEC 7812", High, Kind::Card),
    personal("iban", "ISO 13616", High, Kind::Iban),
    personal("us-ssn", "USA", High, Kind::Form(&US_SSN)),
    personal("us-aba", "USA", Medium, Kind::Form(&US_ABA)),
    personal("uk-nhs", "United Kingdom", Medium, Kind::Form(&UK_NHS)),
    personal("uk-nino", "United Kingdom", Medium, Kind::Form(&UK_NINO)),
    personal("br-cpf", "Brazil", Medium, Kind::Form(&BR_CPF)),
    personal("cn-resident-id", "China", High, Kind::Form(&CN_RESIDENT)),
    personal("in-aadhaar", "India", High, Kind::Form(&IN_AADHAAR)),
    personal("de-tax-id", "Germany", Medium, Kind::Form(&DE_TAX_ID)),
    personal("nl-bsn", "Netherlands", Medium, Kind::Form(&NL_BSN)),
    personal("es-dni", "Spain", Medium, Kind::Form(&ES_DNI)),
    personal("es-nie", "Spain", Medium, Kind::Form(&ES_NIE)),
    personal("fr-nir", "France", High, Kind::Form(&FR_NIR)),
    personal("pl-pesel", "Poland", Medium, Kind::Form(&PL_PESEL)),
    personal("vin", "ISO 3779", Low, Kind::Vehicle(&["vin", "vehicle*", "chassis*"])),
    personal("phone-international", "ITU-T E.164", Low, Kind::International),
    personal("phone-nanp", "North America", Low, Kind::Form(&NANP)),
    personal("email", "RFC 5322", Low, Kind::Email),
];

const US_SSN: Form = Form {
    marked: &["999-99-9999"],
    worded: &["999 99 9999", "999.99.9999", "999999999"],
    words: &[
        "ssn",
        "ssns",
        "social security*",
        "social_security*",
        "social-security*",
        "socialsecurity*",
    ],
    check: check::ssn,
    example: "???-??-????",
};

const US_ABA: Form = Form {
    marked: &[],
    worded: &["999999999", "9999-9999-9"],
    words: &["routing*", "aba", "rtn"],
    check: check::aba,
    example: "02???????",
};

const UK_NHS: Form = Form {
    marked: &[],
    worded: &["999 999 9999", "999-999-9999", "9999999999"],
    words: &["nhs"],
    check: check::nhs,
    example: "??? ??? ????",
};

const UK_NINO: Form = Form {
    marked: &["AA 99 99 99 A"],
    worded: &["AA999999A", "AA 999999 A", "AA-99-99-99-A"],
    words: &[
        "nino",
        "national insurance*",
        "national_insurance*",
        "nationalinsurance*",
        "ni number",
        "ni no",
    ],
    check: check::nino,
    example: "JG ?? ?? ?? B",
};

const BR_CPF: Form = Form {
    marked: &["999.999.999-99"],
    worded: &["99999999999", "999 999 999 99", "999999999-99"],
    words: &["cpf", "contribuinte"],
    check: check::cpf,
    example: "???.???.???-??",
};

const CN_RESIDENT: Form = Form {
    marked: &["99999999999999999X"],
    worded: &["999999 99999999 999X"],
    words: &["resident*", "identity*", "\u{8eab}\u{4efd}\u{8bc1}*"],
    check: check::resident,
    example: "31010419800101????",
};

const IN_AADHAAR: Form = Form {
    marked: &["9999 9999 9999"],
    worded: &["999999999999", "9999-9999-9999"],
    words: &["aadhaar*", "aadhar*", "uidai", "uid"],
    check: check::aadhaar,
    example: "2??? ???? ????",
};

const DE_TAX_ID: Form = Form {
    marked: &["99 999 999 999"],
    worded: &["99999999999", "99/999/999/999", "99-999-999-999"],
    words: &["steuer*", "idnr", "tin", "tax*", "identifikationsnummer"],
    check: check::tax_id,
    example: "?? ??? ??? ???",
};

const NL_BSN: Form = Form {
    marked: &["9999.99.999"],
    worded: &["999999999", "9999 99 999", "999 999 999", "999.999.999"],
    words: &["bsn", "burgerservice*", "sofinummer", "sofi"],
    check: check::bsn,
    example: "????.??.???",
};

const ES_DNI: Form = Form {
    marked: &["99.999.999-A", "99999999-A"],
    worded: &["99999999A", "99999999 A"],
    words: &["dni", "nif", "documento*", "identidad"],
    check: check::dni,
    example: "????????-R",
};

const ES_NIE: Form = Form {
    marked: &["A-9999999-A"],
    worded: &["A9999999A", "A9999999-A"],
    words: &["nie", "nif", "extranjero*", "identidad"],
    check: check::dni,
    example: "X-???????-R",
};

const FR_NIR: Form = Form {
    marked: &["9 99 99 99 999 999 99", "9 99 99 9A 999 999 99"],
    worded: &["999999999999999", "9999999999999 99", "999999A99999999", "999999A999999 99"],
    words: &["nir", "insee", "social*", "social_*", "secu", "s\u{e9}curit\u{e9}*"],
    check: check::nir,
    example: "1 85 05 78 006 ??? ??",
};

const PL_PESEL: Form = Form {
    marked: &[],
    worded: &["99999999999"],
    words: &["pesel"],
    check: check::pesel,
    example: "850517?????",
};

const NANP: Form = Form {
    marked: &["(999) 999-9999", "(999)999-9999", "(999) 999 9999", "999-999-9999", "999.999.9999"],
    worded: &["999 999 9999", "9999999999"],
    words: &["phone*", "telephone*", "tel", "mobile*", "cell*", "fax*"],
    check: check::nanp,
    example: "???-???-????",
};

const fn personal(
    name: &'static str,
    provider: &'static str,
    severity: Severity,
    kind: Kind,
) -> Rule {
    let shape = Shape::Personal(kind);
    // Whether mail or a call reaches somebody cannot be told from the characters.
    let check = match kind {
        Kind::Email | Kind::International => None,
        _ => Some(Check::Demanded),
    };
    Rule { name, provider, severity, group: Group::Personal, shape, check, proven: false }
}
