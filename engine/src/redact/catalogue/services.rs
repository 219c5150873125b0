//! Secrets of services, observability and infrastructure.

use super::{ALNUM, BASE64, HEX, TOKEN, UPNUM, behind, head};
use crate::redact::class::Class;
use crate::redact::rule::Part::{Exact, Lit, Run};
use crate::redact::rule::Rule;
use crate::redact::rule::Severity::{Critical, High};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    head("atlassian-token", "Atlassian", Critical, &["ATATT3"], &[Run(TOKEN, 60, 180)], TOKEN.or(Class::EQUALS)),
    head("linear-key", "Linear", High, &["lin_api_", "lin_oauth_"], &[Run(ALNUM, 32, 40)], TOKEN),
    head("notion-token", "Notion", High, &["ntn_"], &[Run(ALNUM, 40, 46)], TOKEN),
    head("figma-token", "Figma", High, &["figd_", "figo_", "figu_", "figr_"], &[Run(TOKEN, 36, 40)], TOKEN).mixed(),
    behind("doppler-token", "Doppler", Critical, &[Lit("."), Run(Class::LOWER, 2, 5), Lit("dp.")], &[""], &[Run(ALNUM, 36, 43)], TOKEN),
    behind("doppler-service-token", "Doppler", Critical, &[Lit("."), Run(TOKEN, 2, 8), Lit("dp.st.")], &[""], &[Run(ALNUM, 36, 43)], TOKEN),
    behind("vault-token", "HashiCorp", Critical, &[Lit("hvs.")], &[""], &[Run(TOKEN, 24, 95)], TOKEN),
    behind("vault-batch-token", "HashiCorp", Critical, &[Lit("hvb.")], &[""], &[Run(TOKEN, 60, 150)], TOKEN),
    behind("terraform-token", "HashiCorp", Critical, &[Lit(".atlasv1."), Run(ALNUM, 14, 14)], &[""], &[Run(TOKEN, 50, 67)], TOKEN.or(Class::EQUALS)),
    head("pulumi-token", "Pulumi", Critical, &["pul-"], &[Run(HEX, 40, 40)], TOKEN),
    head("onepassword-token", "1Password", Critical, &["ops_eyJ"], &[Run(TOKEN, 100, 250)], TOKEN.or(BASE64).or(Class::EQUALS)),
    head("age-secret-key", "age", Critical, &["AGE-SECRET-KEY-1"], &[Run(UPNUM, 50, 58)], UPNUM),
    head("sentry-token", "Sentry", High, &["sntrys_eyJ", "sntryu_"], &[Run(TOKEN, 48, 64)], TOKEN.or(BASE64).or(Class::EQUALS)),
    head("newrelic-key", "New Relic", High, &["NRAK-", "NRII-"], &[Run(TOKEN, 25, 27)], TOKEN),
    head("grafana-token", "Grafana", High, &["glsa_"], &[Exact(ALNUM, 32), Lit("_"), Run(HEX, 8, 8)], TOKEN),
    head("grafana-cloud-token", "Grafana", High, &["glc_"], &[Run(ALNUM, 32, 100)], TOKEN.or(BASE64).or(Class::EQUALS)).mixed(),
    behind("dynatrace-token", "Dynatrace", Critical, &[Lit("dt0c01.")], &[""], &[Run(UPNUM, 20, 24), Lit("."), Run(ALNUM, 50, 64)], TOKEN),
];
