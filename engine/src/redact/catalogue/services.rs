//! Secrets of services, observability and infrastructure.

use super::{ALNUM, BASE64, DIGIT, DOTTED, HEX, LOWNUM, PADDED, TOKEN, UPNUM, UUID, behind, head};
use crate::redact::class::Class;
use crate::redact::rule::Part::{Context, Exact, Lit, Run};
use crate::redact::rule::Severity::{Critical, High, Low, Medium};
use crate::redact::rule::{Check, Rule};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // Work and documents.
    head("atlassian-token", "Atlassian", Critical, &["ATATT3"], &[Run(TOKEN, 60, 180)], TOKEN.or(Class::EQUALS)).checked(Check::AtlassianCrc),
    head("linear-key", "Linear", High, &["lin_api_"], &[Run(ALNUM, 32, 40)], TOKEN),
    head("linear-oauth-token", "Linear", High, &["lin_oauth_"], &[Run(ALNUM, 32, 64)], TOKEN),
    head("notion-token", "Notion", High, &["ntn_"], &[Run(ALNUM, 40, 46)], TOKEN),
    head("notion-legacy-token", "Notion", High, &["secret_"], &[Run(ALNUM, 43, 43)], TOKEN).random().word(),
    behind("asana-token", "Asana", High, &[Lit(":"), Run(DIGIT, 12, 17), Lit("/"), Exact(DIGIT, 1)], &[""], &[Run(HEX, 32, 32)], TOKEN),
    head("figma-token", "Figma", High, &["figd_", "figo_", "figu_", "figr_"], &[Run(TOKEN, 36, 40)], TOKEN).mixed(),
    behind("dropbox-token", "Dropbox", High, &[Lit("sl.")], &[""], &[Run(TOKEN, 120, 140)], PADDED),
    behind("dropbox-user-token", "Dropbox", High, &[Lit("sl.u.")], &[""], &[Run(TOKEN, 120, 140)], PADDED).unproven(),
    head("typeform-token", "Typeform", High, &["tfp_"], &[Run(DOTTED.or(Class::EQUALS), 40, 59)], DOTTED.or(Class::EQUALS)).mixed(),
    head("hubspot-token", "HubSpot", High, &["pat-na1-", "pat-na2-", "pat-eu1-", "pat-ap1-"], UUID, TOKEN),
    head("contentful-token", "Contentful", High, &["CFPAT-"], &[Run(TOKEN, 40, 43)], TOKEN),
    head("frameio-token", "Frame.io", High, &["fio-u-"], &[Run(TOKEN, 56, 64)], TOKEN),
    head("adobe-secret", "Adobe", High, &["p8e-", "p8-"], &[Run(TOKEN, 32, 32)], TOKEN).random(),
    head("intra42-secret", "42", Medium, &["s-s4t2ud-", "s-s4t2af-"], &[Run(HEX, 60, 64)], TOKEN),
    behind("clickup-token", "ClickUp", High, &[], &["pk_"], &[Run(DIGIT, 6, 9), Lit("_"), Run(LOWNUM, 32, 32)], TOKEN),
    head("miro-token", "Miro", High, &["eyJtaXJvLm9yaWdpbiI6"], &[Run(TOKEN, 12, 40)], DOTTED).unproven(),
    head("trello-token", "Trello", High, &["ATTA"], &[Run(HEX, 60, 64)], TOKEN).unproven(),
    head("workato-token", "Workato", High, &["wrka-eyJ", "wrkaus-eyJ", "wrkaeu-eyJ", "wrkajp-eyJ", "wrkasg-eyJ", "wrkaau-eyJ"], &[Run(TOKEN, 12, 60)], DOTTED),
    behind("zoho-token", "Zoho", High, &[Lit("1000.")], &[""], &[Exact(HEX, 32), Lit("."), Run(HEX, 32, 32)], TOKEN),
    behind("tines-webhook", "Tines", Medium, &[Context(".tines.com/webhook/")], &[""], &[Exact(HEX, 32), Lit("/"), Run(HEX, 32, 32)], TOKEN),
    head("ionic-token", "Ionic", High, &["ion_"], &[Run(ALNUM, 42, 42)], TOKEN).random().word(),
    head("settlemint-token", "SettleMint", High, &["sm_aat_", "sm_pat_", "sm_sat_"], &[Run(ALNUM, 16, 16)], TOKEN).mixed(),
    head("wakatime-key", "WakaTime", Medium, &["waka_"], &[Run(TOKEN, 36, 40)], TOKEN).mixed(),

    // Secret stores and identity.
    behind("doppler-token", "Doppler", Critical, &[Lit("."), Run(Class::LOWER, 2, 5), Lit("dp.")], &[""], &[Run(ALNUM, 36, 43)], TOKEN),
    behind("doppler-service-token", "Doppler", Critical, &[Lit("."), Run(TOKEN, 2, 8), Lit("dp.st.")], &[""], &[Run(ALNUM, 36, 43)], TOKEN),
    behind("vault-token", "HashiCorp", Critical, &[Lit("hvs.")], &[""], &[Run(TOKEN, 24, 95)], TOKEN),
    behind("vault-batch-token", "HashiCorp", Critical, &[Lit("hvb.")], &[""], &[Run(TOKEN, 60, 150)], TOKEN),
    behind("vault-recovery-token", "HashiCorp", Critical, &[Lit("hvr.")], &[""], &[Run(TOKEN, 24, 95)], TOKEN),
    head("onepassword-token", "1Password", Critical, &["ops_eyJ"], &[Run(BASE64, 100, 250)], PADDED).checked(Check::Base64Json),
    head("onepassword-secret-key", "1Password", Critical, &["A3-"], &[Exact(UPNUM, 6), Lit("-"), Run(UPNUM, 6, 11), Lit("-"), Exact(UPNUM, 5), Lit("-"), Exact(UPNUM, 5), Lit("-"), Run(UPNUM, 5, 5)], TOKEN),
    head("age-secret-key", "age", Critical, &["AGE-SECRET-KEY-1"], &[Run(UPNUM, 50, 58)], UPNUM).checked(Check::Bech32),
    behind("authress-key", "Authress", High, &[Lit("."), Run(ALNUM, 4, 6), Lit("."), Run(TOKEN, 8, 39)], &["acc_", "acc-"], &[Run(TOKEN, 12, 32), Lit("."), Run(PADDED, 30, 90)], PADDED),

    // Infrastructure.
    head("aikido-secret", "Aikido", High, &["AIK_SECRET_"], &[Run(ALNUM, 24, 60)], TOKEN),
    head("aikido-client-id", "Aikido", Low, &["AIK_CLIENT_"], &[Run(ALNUM, 24, 24)], TOKEN),
    head("scale-key", "Scale AI", High, &["live_"], &[Run(HEX, 32, 32)], TOKEN).whole().word(),
    head("segment-token", "Segment", High, &["sgp_"], &[Run(ALNUM, 60, 64)], TOKEN).cased(),
    head("truenas-key", "TrueNAS", High, &["1-", "2-", "3-", "4-", "5-", "6-", "7-", "8-", "9-", "10-", "11-", "12-"], &[Run(ALNUM, 64, 64)], TOKEN).cased().whole().word(),
    behind("terraform-token", "HashiCorp", Critical, &[Lit(".atlasv1."), Run(ALNUM, 14, 14)], &[""], &[Exact(TOKEN, 10), Run(TOKEN.or(Class::EQUALS), 40, 57)], TOKEN.or(Class::EQUALS)),
    head("pulumi-token", "Pulumi", Critical, &["pul-"], &[Run(HEX, 40, 40)], TOKEN),
    head("launchdarkly-key", "LaunchDarkly", High, &["sdk-", "api-"], UUID, TOKEN).whole().word(),
    head("launchdarkly-mobile-key", "LaunchDarkly", Low, &["mob-"], UUID, TOKEN).whole().word(),
    head("devcycle-server-key", "DevCycle", High, &["dvc_server_"], &[Run(TOKEN, 20, 60)], TOKEN).mixed(),
    head("devcycle-client-key", "DevCycle", Low, &["dvc_client_", "dvc_mobile_"], &[Run(TOKEN, 20, 60)], TOKEN).mixed(),
    head("defined-networking-token", "Defined Networking", High, &["dnkey-"], &[Exact(TOKEN, 26), Lit("-"), Run(TOKEN, 50, 52)], TOKEN).mixed(),
    head("cloudsmith-key", "Cloudsmith", High, &["csa_"], &[Exact(HEX, 30), Run(ALNUM, 6, 6)], TOKEN),
    head("adafruit-key", "Adafruit", High, &["aio_"], &[Run(ALNUM, 28, 28)], TOKEN).random().unproven(),
    head("ubidots-token", "Ubidots", Medium, &["BBFF-", "BBUS-"], &[Run(ALNUM, 28, 30)], TOKEN).random(),
    head("samsara-token", "Samsara", High, &["samsara_api_"], &[Run(ALNUM, 28, 30)], TOKEN),
    head("pubnub-secret-key", "PubNub", High, &["sec-c-"], &[Run(BASE64, 44, 48)], PADDED).random(),
    head("pubnub-key", "PubNub", Low, &["pub-c-", "sub-c-"], UUID, TOKEN),
    behind("stackhawk-key", "StackHawk", High, &[Lit("hawk.")], &[""], &[Exact(TOKEN, 20), Lit("."), Run(TOKEN, 20, 20)], TOKEN),

    // Observability and analytics.
    head("sentry-token", "Sentry", High, &["sntrys_eyJ"], &[Run(TOKEN.or(BASE64), 48, 200)], PADDED).checked(Check::Base64Json),
    head("sentry-user-token", "Sentry", High, &["sntryu_"], &[Run(HEX, 64, 64)], TOKEN).whole(),
    head("newrelic-key", "New Relic", High, &["NRAK-"], &[Run(ALNUM, 25, 27)], TOKEN),
    head("newrelic-insert-key", "New Relic", Medium, &["NRII-"], &[Run(TOKEN, 25, 32)], TOKEN),
    head("newrelic-query-key", "New Relic", Medium, &["NRIQ-"], &[Run(TOKEN, 25, 32)], TOKEN),
    head("newrelic-admin-key", "New Relic", High, &["NRAA-"], &[Run(HEX, 25, 27)], TOKEN),
    head("newrelic-rest-key", "New Relic", High, &["NRRA-"], &[Run(HEX, 40, 42)], TOKEN),
    head("newrelic-license-key", "New Relic", High, &[""], &[Exact(HEX, 36), Lit("NRAL")], TOKEN).whole(),
    head("newrelic-eu-license-key", "New Relic", High, &["eu01xx"], &[Exact(HEX, 30), Lit("NRAL")], TOKEN).whole(),
    head("newrelic-browser-key", "New Relic", Low, &["NRJS-"], &[Run(HEX, 19, 19)], TOKEN),
    head("pixie-key", "New Relic", High, &["px-api-", "px-dep-"], UUID, TOKEN),
    head("grafana-token", "Grafana", High, &["glsa_"], &[Exact(ALNUM, 32), Lit("_"), Run(HEX, 8, 8)], TOKEN).checked(Check::GrafanaCrc),
    head("grafana-cloud-token", "Grafana", High, &["glc_"], &[Run(BASE64, 32, 100)], PADDED).random().checked(Check::Base64Json),
    head("grafana-legacy-key", "Grafana", High, &["eyJrIjoi"], &[Run(BASE64, 60, 90)], PADDED).demanding(Check::GrafanaKey),
    behind("dynatrace-token", "Dynatrace", Critical, &[Lit("."), Exact(DIGIT, 2), Lit("dt0c")], &[""], &[Run(UPNUM, 20, 24), Lit("."), Run(ALNUM, 50, 64)], TOKEN),
    behind("dynatrace-platform-token", "Dynatrace", Critical, &[Lit("."), Run(UPNUM, 8, 24), Lit("."), Exact(DIGIT, 2), Lit("dt0s")], &[""], &[Run(ALNUM, 50, 64)], TOKEN).unproven(),
    head("honeycomb-key", "Honeycomb", High, &["hcaik_", "hcbik_", "hcxik_", "hcamk_"], &[Run(LOWNUM, 50, 58)], TOKEN).mixed(),
    head("branch-key", "Branch", Medium, &["key_live_", "key_test_", "secret_live_", "secret_test_"], &[Run(ALNUM, 32, 32)], TOKEN).cased(),
    head("posthog-project-key", "PostHog", Low, &["phc_"], &[Run(ALNUM, 43, 43)], TOKEN).random(),
    head("posthog-key", "PostHog", High, &["phx_", "phs_"], &[Run(ALNUM, 40, 43)], TOKEN).random(),
    behind("maxmind-key", "MaxMind", Medium, &[], &[""], &[Exact(ALNUM, 6), Lit("_"), Exact(ALNUM, 29), Lit("_mmk")], TOKEN).whole(),
    behind("mapbox-secret-token", "Mapbox", High, &[Lit("sk.")], &["eyJ"], &[Run(TOKEN, 40, 87), Lit("."), Run(TOKEN, 20, 22)], TOKEN),
    behind("mapbox-public-token", "Mapbox", Low, &[Lit("pk.")], &["eyJ"], &[Run(TOKEN, 40, 87), Lit("."), Run(TOKEN, 20, 22)], TOKEN),

    // Social networks, identity at large.
    behind("salesforce-session", "Salesforce", Critical, &[], &["00"], &[Exact(ALNUM, 13), Lit("!"), Run(DOTTED, 70, 96)], DOTTED),
    head("facebook-token", "Facebook", High, &["EAAM", "EAAC"], &[Run(ALNUM, 80, 180)], TOKEN).random(),
    behind("facebook-app-token", "Facebook", High, &[Lit("|"), Run(DIGIT, 13, 17)], &[""], &[Run(TOKEN, 27, 40)], TOKEN),
    head("twitter-bearer-token", "X", High, &["AAAAAAAAAAAAAAAAAAAAA"], &[Run(ALNUM.or(Class::PERCENT), 70, 90)], ALNUM.or(Class::PERCENT)).random(),
    head("riot-key", "Riot Games", Medium, &["RGAPI-"], UUID, TOKEN),
];
