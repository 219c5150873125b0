//! Secrets of clouds and their platforms.

use super::signed;
use super::{ALNUM, BASE64, DOTTED, HEX, LOWNUM, PADDED, TOKEN, UPNUM, UUID, behind, head, shape};
use crate::redact::class::Class;
use crate::redact::rule::Part::{Exact, Lit, Run};
use crate::redact::rule::Severity::{Critical, High, Medium};
use crate::redact::rule::{Check, Rule, Shape};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // Amazon.
    head("aws-access-key", "AWS", Medium, &["AKIA", "ASIA", "ABIA", "ACCA"], &[Run(UPNUM, 16, 16)], UPNUM).checked(Check::AwsAccount),
    head("aws-legacy-access-key", "AWS", Medium, &["A3T"], &[Run(UPNUM, 17, 17)], UPNUM).mixed(),
    head("aws-session-token", "AWS", High, &["FwoGZXIvYXdz", "IQoJb3JpZ2lu"], &[Run(BASE64, 84, 300)], PADDED),
    behind("aws-mws-token", "AWS", Critical, &[Lit("amzn.mws.")], &[""], UUID, TOKEN),
    head("aws-bedrock-key", "AWS", Critical, &["ABSKQmVkcm9ja0FQSUtleS"], &[Run(BASE64, 80, 110)], PADDED),
    head("aws-bedrock-short-key", "AWS", High, &["bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t"], &[Run(BASE64, 40, 300)], PADDED.or(Class::PERCENT)),
    head("aws-appsync-key", "AWS", High, &["da2-"], &[Run(LOWNUM, 26, 26)], TOKEN).mixed().whole(),

    // Google.
    head("google-api-key", "Google", High, &["AIza"], &[Run(TOKEN, 33, 35)], TOKEN),
    behind("google-ai-key", "Google", High, &[Lit("AQ.")], &["Ab8RN6"], &[Run(TOKEN, 36, 44)], TOKEN).unproven(),
    head("google-oauth-secret", "Google", High, &["GOCSPX-"], &[Run(TOKEN, 24, 28)], TOKEN),
    behind("google-oauth-token", "Google", High, &[Lit("ya29.")], &[""], &[Run(TOKEN, 30, 150)], DOTTED),
    behind("google-refresh-token", "Google", Critical, &[Lit("1//")], &["0"], &[Run(TOKEN, 40, 100)], TOKEN),
    head("google-hmac-id", "Google", Medium, &["GOOG"], &[Run(UPNUM, 20, 57)], TOKEN).mixed().unproven(),
    behind("firebase-server-key", "Google", Critical, &[Lit(":"), Exact(TOKEN, 7), Lit("AAAA")], &["APA91b"], &[Run(TOKEN, 100, 134)], TOKEN),

    // Microsoft. A signature at a fixed place within the base64 names the service.
    shape("azure-ad-secret", "Azure", Critical, Shape::Tilde),
    signed("azure-storage-signed-key", Critical, "+ASt", BASE64, 76).unproven(),
    signed("azure-cosmos-key", Critical, "ACDb", BASE64, 76).unproven(),
    signed("azure-batch-key", Critical, "+ABa", BASE64, 76).unproven(),
    signed("azure-ml-key", Critical, "+AMC", BASE64, 76).unproven(),
    signed("azure-apim-key", Critical, "APIM", BASE64, 76).unproven(),
    signed("azure-servicebus-key", Critical, "+ASb", BASE64, 33).unproven(),
    signed("azure-relay-key", Critical, "+ARm", BASE64, 33).unproven(),
    signed("azure-eventhub-key", Critical, "+AEh", BASE64, 33).unproven(),
    signed("azure-iot-key", High, "AIoT", BASE64, 33).unproven(),
    signed("azure-redis-key", High, "AzCa", BASE64, 33),
    signed("azure-eventgrid-key", High, "AZEG", BASE64, 33).unproven(),
    signed("azure-functions-key", High, "AzFu", TOKEN, 44).unproven(),
    head("azure-search-key", "Azure", High, &[""], &[Exact(ALNUM, 42), Lit("AzSe"), Run(ALNUM, 6, 6)], TOKEN).unproven(),
    head("azure-devops-pat", "Azure", Critical, &[""], &[Exact(ALNUM, 76), Lit("AZDO"), Run(ALNUM, 4, 4)], TOKEN),
    head("azure-openai-key", "Azure", Critical, &[""], &[Exact(ALNUM, 52), Lit("JQQJ99"), Exact(ALNUM, 18), Lit("ACOG"), Run(ALNUM, 4, 4)], TOKEN).unproven(),
    head("azure-cask-key", "Azure", Critical, &[""], &[Exact(ALNUM, 52), Lit("JQQJ9"), Run(ALNUM, 20, 27)], TOKEN.or(Class::EQUALS)),

    // Others, by name.
    head("alibaba-access-key", "Alibaba", Medium, &["LTAI"], &[Run(ALNUM, 12, 20)], TOKEN).mixed(),
    behind("alibaba-sts-key", "Alibaba", Medium, &[Lit("STS.")], &[""], &[Run(ALNUM, 20, 30)], TOKEN).random(),
    head("cloudflare-token", "Cloudflare", Critical, &["cfut_", "cfat_", "cfk_"], &[Run(ALNUM, 40, 48)], TOKEN),
    behind("cloudflare-origin-ca-key", "Cloudflare", High, &[Lit("v1.")], &["0-"], &[Exact(HEX, 24), Lit("-"), Run(HEX, 100, 146)], TOKEN),
    head("digitalocean-token", "DigitalOcean", Critical, &["dop_v1_"], &[Run(HEX, 48, 64)], TOKEN),
    head("digitalocean-oauth-token", "DigitalOcean", Critical, &["doo_v1_"], &[Run(HEX, 48, 64)], TOKEN),
    head("digitalocean-refresh-token", "DigitalOcean", Critical, &["dor_v1_"], &[Run(HEX, 48, 64)], TOKEN),
    head("digitalocean-spaces-key", "DigitalOcean", Medium, &["DO00"], &[Run(UPNUM, 16, 16)], TOKEN).mixed().whole().unproven(),
    head("exoscale-key", "Exoscale", Medium, &["EXO"], &[Run(ALNUM, 24, 27)], TOKEN).random(),
    head("fly-token", "Fly.io", Critical, &["fm1_", "fm2_", "fm1r_", "fm1a_"], &[Run(BASE64, 60, 200)], PADDED),
    head("fly-oauth-token", "Fly.io", Critical, &["fo1_"], &[Run(TOKEN, 40, 43)], TOKEN).random().unproven(),
    head("heroku-key", "Heroku", High, &["HRKU-AA"], &[Run(TOKEN, 50, 58)], TOKEN),
    head("netlify-token", "Netlify", High, &["nfp_", "nfc_", "nfo_", "nfu_"], &[Run(ALNUM, 32, 36)], TOKEN),
    behind("openshift-token", "Red Hat", Critical, &[Lit("sha256~")], &[""], &[Run(TOKEN, 40, 43)], TOKEN),
    head("render-key", "Render", High, &["rnd_"], &[Run(ALNUM, 28, 32)], TOKEN).cased(),
    head("scaleway-access-key", "Scaleway", Medium, &["SCW"], &[Run(UPNUM, 17, 17)], TOKEN).mixed().whole().unproven(),
    head("tailscale-key", "Tailscale", High, &["tskey-"], &[Run(TOKEN, 20, 40)], TOKEN),
    head("tencent-secret-id", "Tencent", Medium, &["AKID"], &[Run(ALNUM, 32, 32)], TOKEN).mixed().unproven(),
    head("upcloud-token", "UpCloud", High, &["ucat_"], &[Run(ALNUM, 24, 26)], TOKEN).mixed(),
    head("vercel-token", "Vercel", High, &["vcp_", "vci_"], &[Run(TOKEN, 50, 56)], TOKEN).mixed(),
    head("vercel-app-token", "Vercel", High, &["vca_", "vcr_"], &[Run(TOKEN, 50, 56)], TOKEN).mixed(),
    head("vercel-gateway-key", "Vercel", High, &["vck_"], &[Run(TOKEN, 50, 56)], TOKEN).mixed(),
    head("vercel-blob-token", "Vercel", High, &["vercel_blob_rw_"], &[Run(TOKEN, 30, 48)], TOKEN).mixed().unproven(),
    head("yandex-api-key", "Yandex", High, &["AQVN"], &[Run(TOKEN, 34, 36)], TOKEN).random(),
    behind("yandex-iam-token", "Yandex", High, &[Lit("t1.")], &[""], &[Run(TOKEN, 16, 100), Lit("."), Run(TOKEN, 80, 86)], PADDED).unproven(),
    head("zuplo-key", "Zuplo", High, &["zpka_"], &[Exact(ALNUM, 32), Lit("_"), Run(HEX, 8, 8)], TOKEN).checked(Check::HexCrc),
];
