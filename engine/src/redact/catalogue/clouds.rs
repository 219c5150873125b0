//! Secrets of clouds and their platforms.

use super::{ALNUM, DOTTED, HEX, TOKEN, UPNUM, behind, head, shape};
use crate::redact::rule::Part::{Lit, Run};
use crate::redact::rule::Severity::{Critical, High, Medium};
use crate::redact::rule::{Rule, Shape};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    head("aws-access-key", "AWS", Medium, &["AKIA", "ASIA", "ABIA", "ACCA"], &[Run(UPNUM, 16, 16)], UPNUM),
    head("google-api-key", "Google", High, &["AIza"], &[Run(TOKEN, 33, 35)], TOKEN),
    head("google-oauth-secret", "Google", High, &["GOCSPX-"], &[Run(TOKEN, 24, 28)], TOKEN),
    behind("google-oauth-token", "Google", High, &[Lit("ya29.")], &[""], &[Run(TOKEN, 30, 150)], DOTTED),
    behind("google-refresh-token", "Google", Critical, &[Lit("1//")], &["0"], &[Run(TOKEN, 40, 100)], TOKEN),
    shape("azure-ad-secret", "Azure", Critical, Shape::Tilde),
    head("digitalocean-token", "DigitalOcean", Critical, &["dop_v1_", "doo_v1_", "dor_v1_"], &[Run(HEX, 48, 64)], TOKEN),
    head("heroku-key", "Heroku", High, &["HRKU-AA"], &[Run(TOKEN, 50, 58)], TOKEN),
    head("netlify-token", "Netlify", High, &["nfp_"], &[Run(ALNUM, 32, 36)], TOKEN),
    head("tailscale-key", "Tailscale", High, &["tskey-"], &[Run(TOKEN, 20, 40)], TOKEN),
];
