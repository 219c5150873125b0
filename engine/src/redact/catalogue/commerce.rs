//! Secrets of payment and commerce.

use super::{ALNUM, BASE64, HEX, TOKEN, head};
use crate::redact::class::Class;
use crate::redact::rule::Part::Run;
use crate::redact::rule::Rule;
use crate::redact::rule::Severity::{Critical, High, Low};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    head("stripe-secret-key", "Stripe", Critical, &["sk_live_", "sk_test_"], &[Run(ALNUM, 16, 99)], TOKEN),
    head("stripe-publishable-key", "Stripe", Low, &["pk_live_", "pk_test_"], &[Run(ALNUM, 16, 99)], TOKEN),
    head("stripe-restricted-key", "Stripe", Critical, &["rk_live_", "rk_test_"], &[Run(ALNUM, 16, 99)], TOKEN),
    head("webhook-signing-secret", "Stripe", High, &["whsec_"], &[Run(BASE64, 24, 32)], TOKEN.or(BASE64).or(Class::EQUALS)),
    head("shopify-token", "Shopify", Critical, &["shpat_", "shpca_", "shppa_", "shpss_"], &[Run(HEX, 30, 32)], TOKEN),
    head("square-token", "Square", Critical, &["sq0atp-", "sq0csp-"], &[Run(TOKEN, 20, 22)], TOKEN),
    head("easypost-key", "EasyPost", High, &["EZAK", "EZTK"], &[Run(ALNUM, 50, 54)], TOKEN),
    head("shippo-token", "Shippo", High, &["shippo_live_", "shippo_test_"], &[Run(HEX, 40, 40)], TOKEN),
    head("square-access-token", "Square", Critical, &["EAAA"], &[Run(TOKEN, 56, 60)], TOKEN).mixed(),
];
