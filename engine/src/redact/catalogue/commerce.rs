//! Secrets of payment and commerce.

use super::{ALNUM, BASE64, DIGIT, HEX, LOWNUM, PADDED, TOKEN, UUID, behind, head};
use crate::redact::class::Class;
use crate::redact::rule::Part::{Exact, Lit, Run};
use crate::redact::rule::Rule;
use crate::redact::rule::Severity::{Critical, High, Low, Medium};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // Clerk and Paystack issue keys of Stripe's shape.
    head("stripe-secret-key", "Stripe", Critical, &["sk_live_", "sk_test_", "sk_prod_"], &[Run(ALNUM, 16, 99)], TOKEN),
    head("stripe-publishable-key", "Stripe", Low, &["pk_live_", "pk_test_"], &[Run(ALNUM, 16, 99)], TOKEN),
    head("stripe-restricted-key", "Stripe", Critical, &["rk_live_", "rk_test_", "rk_prod_"], &[Run(ALNUM, 16, 99)], TOKEN),
    head("webhook-signing-secret", "Stripe", High, &["whsec_"], &[Run(BASE64, 24, 32)], PADDED),

    // Shopify.
    head("shopify-token", "Shopify", Critical, &["shpat_"], &[Run(ALNUM, 30, 32)], TOKEN),
    head("shopify-custom-token", "Shopify", Critical, &["shpca_"], &[Run(ALNUM, 30, 32)], TOKEN),
    head("shopify-private-token", "Shopify", Critical, &["shppa_"], &[Run(ALNUM, 30, 32)], TOKEN),
    head("shopify-shared-secret", "Shopify", Critical, &["shpss_"], &[Run(ALNUM, 30, 32)], TOKEN),

    // Square and PayPal.
    head("square-token", "Square", Critical, &["sq0atp-"], &[Run(TOKEN, 20, 22)], TOKEN),
    head("square-oauth-secret", "Square", Critical, &["sq0csp-"], &[Run(TOKEN, 20, 43)], TOKEN),
    head("square-application-id", "Square", Low, &["sq0idp-"], &[Run(TOKEN, 20, 22)], TOKEN),
    head("square-access-token", "Square", Critical, &["EAAA"], &[Run(TOKEN, 56, 60)], TOKEN).random(),
    head("braintree-token", "PayPal", Critical, &["access_token$production$", "access_token$sandbox$"], &[Exact(LOWNUM, 16), Lit("$"), Run(HEX, 32, 32)], TOKEN),

    // Others, by name.
    head("adyen-key", "Adyen", High, &["AQE"], &[Exact(Class::LOWER, 1), Lit("hmf"), Run(PADDED, 60, 120)], PADDED).unproven(),
    behind("asaas-key", "Asaas", Critical, &[Lit("$")], &["aact_"], &[Run(PADDED, 32, 160)], PADDED.or(Class::DOT)),
    head("duffel-key", "Duffel", High, &["duffel_live_", "duffel_test_"], &[Run(TOKEN.or(Class::EQUALS), 40, 43)], TOKEN.or(Class::EQUALS)),
    head("easypost-key", "EasyPost", High, &["EZAK"], &[Run(ALNUM, 50, 54)], TOKEN),
    head("easypost-test-key", "EasyPost", Medium, &["EZTK"], &[Run(ALNUM, 50, 54)], TOKEN),
    head("flutterwave-secret-key", "Flutterwave", High, &["FLWSECK-", "FLWSECK_TEST-"], &[Run(ALNUM, 30, 32)], TOKEN),
    head("flutterwave-encryption-key", "Flutterwave", High, &["FLWSECK_TEST-"], &[Run(ALNUM, 12, 12)], TOKEN).mixed(),
    head("flutterwave-public-key", "Flutterwave", Low, &["FLWPUBK-", "FLWPUBK_TEST-"], &[Run(ALNUM, 30, 32)], TOKEN),
    head("gocardless-token", "GoCardless", High, &["live_"], &[Run(TOKEN, 40, 40)], TOKEN).random().whole().word(),
    head("lob-key", "Lob", High, &["live_", "test_"], &[Run(HEX, 35, 35)], TOKEN).whole().word(),
    head("lob-publishable-key", "Lob", Low, &["live_pub_", "test_pub_"], &[Run(HEX, 31, 31)], TOKEN).whole().unproven(),
    head("mercury-token", "Mercury", Critical, &["mercury_production_"], &[Run(ALNUM, 3, 6), Lit("_"), Run(ALNUM, 40, 50), Lit("_yrucrem")], TOKEN).unproven(),
    head("paddle-key", "Paddle", Critical, &["pdl_live_apikey_", "pdl_sdbx_apikey_"], &[Exact(LOWNUM, 26), Lit("_"), Exact(ALNUM, 22), Lit("_"), Run(ALNUM, 3, 3)], TOKEN),
    head("pagarme-key", "Pagar.me", High, &["ak_live_", "ek_live_", "ak_test_", "ek_test_"], &[Run(ALNUM, 28, 30)], TOKEN),
    head("plaid-access-token", "Plaid", High, &["access-sandbox-", "access-development-", "access-production-"], UUID, TOKEN),
    head("polar-token", "Polar", High, &["polar_oat_", "polar_pat_", "polar_at_"], &[Run(TOKEN, 20, 43)], TOKEN).mixed(),
    head("ramp-secret", "Ramp", High, &["ramp_sec_"], &[Run(ALNUM, 44, 48)], TOKEN),
    head("ramp-client-id", "Ramp", Low, &["ramp_id_"], &[Run(ALNUM, 36, 40)], TOKEN),
    head("razorpay-key-id", "Razorpay", Low, &["rzp_live_", "rzp_test_"], &[Run(ALNUM, 14, 14)], TOKEN),
    head("flexport-key", "Flexport", High, &["shltm_"], &[Run(TOKEN, 38, 40)], TOKEN).mixed(),
    head("tickettailor-key", "Ticket Tailor", High, &["sk_"], &[Run(DIGIT, 1, 6), Lit("_"), Run(DIGIT, 3, 8), Lit("_"), Run(HEX, 32, 32)], TOKEN),
    head("shippo-token", "Shippo", High, &["shippo_live_", "shippo_test_"], &[Run(HEX, 40, 40)], TOKEN),
];
