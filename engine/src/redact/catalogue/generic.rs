//! Secrets of no provider in particular, which their structure gives away.

use super::{ALNUM, BASE64, CRYPT, DIGIT, DOTTED, HEX, TOKEN, behind, head, shape};
use crate::redact::rule::Part::{Exact, Lit, Run};
use crate::redact::rule::Severity::{Critical, High, Medium};
use crate::redact::rule::{Block, Check, Rule, Shape};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // Signed and encrypted tokens. An encrypted one has five parts, the second of which may be empty.
    behind("jwe", "generic", Medium, &[], &["eyJ"], &[Run(TOKEN, 12, 60), Lit("."), Run(TOKEN, 0, 90), Lit("."), Run(TOKEN, 10, 16), Lit("."), Run(TOKEN, 10, 60), Lit("."), Run(TOKEN, 16, 22)], DOTTED).demanding(Check::JoseHeader).unproven(),
    behind("jwt", "generic", High, &[], &["eyJ", "ewog", "ewoJ", "eyAi"], &[Run(TOKEN, 12, 33), Lit("."), Run(TOKEN, 12, 70), Lit("."), Run(TOKEN, 10, 43)], DOTTED).demanding(Check::JoseHeader),

    // Keys.
    shape("private-key", "generic", Critical, Shape::Block(PEM)).checked(Check::Pem),
    shape("pgp-private-key", "PGP", Critical, Shape::Block(PGP)).checked(Check::PgpCrc),
    shape("putty-private-key", "PuTTY", Critical, Shape::Block(PUTTY)),
    head("bitcoin-private-key", "Bitcoin", Critical, &["Kw", "Kx", "Ky", "Kz", "L1", "L2", "L3", "L4", "L5"], &[Run(ALNUM, 50, 50)], ALNUM).demanding(Check::Base58).whole().unproven(),
    head("bitcoin-uncompressed-private-key", "Bitcoin", Critical, &["5H", "5J", "5K"], &[Run(ALNUM, 49, 49)], ALNUM).demanding(Check::Base58).whole().unproven(),

    // Hashes of passwords: they are attacked at leisure. A run has to stand at their beginning.
    behind("bcrypt-hash", "generic", Medium, &[Lit("$"), Exact(DIGIT, 2), Lit("$"), Exact(ALNUM, 1), Lit("$2")], &[""], &[Exact(ALNUM, 10), Run(CRYPT, 40, 43)], CRYPT),
    behind("crypt-hash", "generic", Medium, &[Lit("$"), Run(CRYPT, 4, 16), Lit("$"), Exact(ALNUM, 1), Lit("$")], &[""], &[Exact(ALNUM, 10), Run(CRYPT, 12, 76)], CRYPT),
    behind("apr1-hash", "generic", Medium, &[Lit("$"), Run(CRYPT, 1, 8), Lit("$apr1$")], &[""], &[Exact(ALNUM, 10), Run(CRYPT, 12, 12)], CRYPT).unproven(),
    behind("kerberos-hash", "generic", Medium, &[], &[""], &[Exact(HEX, 32), Lit("$"), Run(HEX, 64, 300)], HEX),
    behind("argon2-hash", "generic", Medium, &[Lit("$"), Run(DIGIT, 1, 2), Lit(",p="), Run(DIGIT, 1, 2), Lit(",t="), Run(DIGIT, 3, 7), Lit("$m=")], &[""], &[Exact(ALNUM, 10), Run(BASE64, 1, 12), Lit("$"), Run(BASE64, 27, 43)], BASE64).unproven(),
];

/// A private key in the armour of RFC 7468 and its forerunners.
const PEM: Block =
    Block { begin: "-----BEGIN ", label: "PRIVATE KEY-----", end: "-----END ", close: "-----" };

/// The same of OpenPGP.
const PGP: Block = Block {
    begin: "-----BEGIN ",
    label: "PRIVATE KEY BLOCK-----",
    end: "-----END ",
    close: "-----",
};

/// A key of PuTTY, whose last line holds a code of authentication.
const PUTTY: Block =
    Block { begin: "PuTTY-User-Key-File-", label: ": ", end: "Private-MAC: ", close: "" };
