//! The built-in rules, as one table.
//!
//! A rule is a line of data. Nothing here is a regular expression and nothing looks at text: the
//! matchers do. Lengths are the smallest ones ever issued or a little less, never the exact ones,
//! because a token that grew must go as a whole. Checksums are not looked at: their failure would
//! clear a token that its issuer accepts. The order is part of the interface only in that lower
//! numbers win ties.

use super::class::Class;
use super::rule::Severity::{Critical, High, Low, Medium};
use super::rule::{Named, Need, Part, Rule, Scheme, Severity, Shape, Token, Value};
use Part::{Context, Exact, Lit, Run};

const ALNUM: Class = Class::ALNUM;
const BASE64: Class = Class::BASE64;
const DIGIT: Class = Class::DIGIT;
const DOTTED: Class = Class::DOTTED;
const HEX: Class = Class::HEX;
const TOKEN: Class = Class::TOKEN;
const UPNUM: Class = Class::UPNUM;

/// Every built-in rule; the place of a rule is its number.
#[rustfmt::skip]
pub(crate) static CATALOGUE: &[Rule] = &[
    // Five of the eight that users know by name; the other three are at the end.
    head("aws-access-key", "AWS", Medium, &["AKIA", "ASIA", "ABIA", "ACCA"], &[Run(UPNUM, 16, 16)], UPNUM),
    head("github-classic-pat", "GitHub", Critical, &["ghp_"], &[Run(ALNUM, 30, 36)], TOKEN),
    head("github-fine-grained-pat", "GitHub", Critical, &["github_pat_"], &[Run(TOKEN, 35, 82)], TOKEN),
    head("stripe-secret-key", "Stripe", Critical, &["sk_live_", "sk_test_"], &[Run(ALNUM, 16, 99)], TOKEN),
    head("stripe-publishable-key", "Stripe", Low, &["pk_live_", "pk_test_"], &[Run(ALNUM, 16, 99)], TOKEN),

    // Source hosting and packages.
    head("github-oauth-token", "GitHub", Critical, &["gho_"], &[Run(ALNUM, 30, 36)], TOKEN),
    head("github-user-token", "GitHub", Critical, &["ghu_"], &[Run(ALNUM, 30, 36)], DOTTED),
    mixed("github-app-token", "GitHub", Critical, &["ghs_"], &[Run(TOKEN, 30, 36)], DOTTED),
    head("github-refresh-token", "GitHub", Critical, &["ghr_"], &[Run(ALNUM, 30, 76)], TOKEN),
    head("gitlab-pat", "GitLab", Critical, &["glpat-"], &[Run(TOKEN, 20, 20)], DOTTED),
    head("gitlab-deploy-token", "GitLab", High, &["gldt-"], &[Run(TOKEN, 20, 20)], DOTTED),
    head("gitlab-runner-token", "GitLab", High, &["glrt-", "GR1348941"], &[Run(TOKEN, 20, 20)], DOTTED),
    head("gitlab-trigger-token", "GitLab", High, &["glptt-"], &[Run(TOKEN, 20, 40)], DOTTED),
    head("gitlab-job-token", "GitLab", Medium, &["glcbt-"], &[Run(TOKEN, 20, 25)], DOTTED),
    head("gitlab-service-token", "GitLab", High, &["glft-", "glimt-", "glagent-", "glsoat-", "gloas-", "glffct-"], &[Run(TOKEN, 20, 25)], DOTTED),
    head("npm-token", "npm", Critical, &["npm_"], &[Run(ALNUM, 30, 36)], TOKEN),
    head("pypi-token", "PyPI", Critical, &["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"], &[Run(TOKEN, 50, 150)], TOKEN),
    head("rubygems-token", "RubyGems", Critical, &["rubygems_"], &[Run(HEX, 40, 48)], TOKEN),
    head("docker-token", "Docker", Critical, &["dckr_pat_", "dckr_oat_"], &[Run(TOKEN, 20, 27)], TOKEN),
    head("clojars-token", "Clojars", Critical, &["CLOJARS_"], &[Run(ALNUM, 50, 60)], TOKEN),
    head("artifactory-key", "JFrog", Critical, &["AKCp"], &[Run(ALNUM, 60, 69)], TOKEN),
    head("postman-key", "Postman", High, &["PMAK-"], &[Exact(ALNUM, 24), Lit("-"), Run(ALNUM, 30, 34)], TOKEN),
    head("sonar-token", "SonarQube", High, &["squ_", "sqp_", "sqa_"], &[Run(HEX, 40, 40)], TOKEN),
    head("buildkite-token", "Buildkite", High, &["bkua_"], &[Run(ALNUM, 40, 40)], TOKEN),

    // Clouds.
    shape("aws-secret-key", "AWS", Critical, Shape::Named(Named { names: AWS_NAMES, value: Value::Base64(40) })),
    head("google-api-key", "Google", High, &["AIza"], &[Run(TOKEN, 33, 35)], TOKEN),
    head("google-oauth-secret", "Google", High, &["GOCSPX-"], &[Run(TOKEN, 24, 28)], TOKEN),
    behind("google-oauth-token", "Google", High, &[Lit("ya29.")], &[""], &[Run(TOKEN, 30, 150)], DOTTED),
    behind("google-refresh-token", "Google", Critical, &[Lit("1//")], &["0"], &[Run(TOKEN, 40, 100)], TOKEN),
    shape("azure-storage-key", "Azure", Critical, Shape::Named(Named { names: AZURE_NAMES, value: Value::Base64(80) })),
    shape("azure-ad-secret", "Azure", Critical, Shape::Tilde),
    head("digitalocean-token", "DigitalOcean", Critical, &["dop_v1_", "doo_v1_", "dor_v1_"], &[Run(HEX, 48, 64)], TOKEN),
    head("heroku-key", "Heroku", High, &["HRKU-AA"], &[Run(TOKEN, 50, 58)], TOKEN),
    head("netlify-token", "Netlify", High, &["nfp_"], &[Run(ALNUM, 32, 36)], TOKEN),
    head("tailscale-key", "Tailscale", High, &["tskey-"], &[Run(TOKEN, 20, 40)], TOKEN),

    // Models and data platforms.
    head("openai-key", "OpenAI", Critical, &["sk-proj-", "sk-svcacct-", "sk-admin-"], &[Run(TOKEN, 32, 156)], TOKEN),
    infix("openai-legacy-key", "OpenAI", Critical, &["sk-"], &[Run(TOKEN, 40, 40)], "T3BlbkFJ"),
    mixed("model-api-key", "generic", High, &["sk-"], &[Run(ALNUM, 32, 48)], TOKEN),
    head("anthropic-key", "Anthropic", Critical, &["sk-ant-"], &[Run(TOKEN, 40, 100)], TOKEN),
    head("openrouter-key", "OpenRouter", High, &["sk-or-v1-"], &[Run(HEX, 48, 64)], TOKEN),
    random("huggingface-token", "Hugging Face", Critical, &["hf_", "api_org_"], &[Run(ALNUM, 30, 34)], TOKEN),
    head("groq-key", "Groq", High, &["gsk_"], &[Run(ALNUM, 40, 52)], TOKEN),
    mixed("xai-key", "xAI", High, &["xai-"], &[Run(TOKEN, 60, 80)], TOKEN),
    head("perplexity-key", "Perplexity", High, &["pplx-"], &[Run(ALNUM, 40, 48)], TOKEN),
    head("replicate-token", "Replicate", High, &["r8_"], &[Run(ALNUM, 35, 37)], TOKEN),
    head("nvidia-key", "NVIDIA", High, &["nvapi-"], &[Run(TOKEN, 50, 64)], TOKEN),
    head("databricks-token", "Databricks", Critical, &["dapi"], &[Run(HEX, 32, 32)], TOKEN),
    head("planetscale-token", "PlanetScale", Critical, &["pscale_tkn_", "pscale_pw_", "pscale_oauth_"], &[Run(TOKEN, 30, 43)], DOTTED.or(Class::EQUALS)),
    head("supabase-key", "Supabase", Critical, &["sb_secret_", "sbp_"], &[Run(TOKEN, 30, 40)], TOKEN),
    behind("airtable-pat", "Airtable", High, &[], &["pat"], &[Exact(ALNUM, 14), Lit("."), Run(HEX, 50, 64)], TOKEN),

    // Chat, mail, telephone.
    head("slack-bot-token", "Slack", Critical, &["xoxb-"], &[Run(TOKEN, 20, 50)], TOKEN),
    head("slack-user-token", "Slack", Critical, &["xoxp-", "xoxe-"], &[Run(TOKEN, 20, 70)], TOKEN),
    head("slack-app-token", "Slack", Critical, &["xapp-"], &[Run(TOKEN, 20, 90)], TOKEN),
    behind("slack-config-token", "Slack", High, &[Lit("xoxe.")], &["xoxb-", "xoxp-"], &[Run(TOKEN, 20, 165)], TOKEN),
    head("slack-legacy-token", "Slack", High, &["xoxa-", "xoxr-", "xoxo-", "xoxs-", "xoxc-", "xoxd-"], &[Run(TOKEN, 16, 60)], TOKEN.or(Class::PERCENT)),
    behind("slack-trigger", "Slack", Medium, &[Lit("/"), Run(DIGIT, 10, 18), Lit("/"), Run(UPNUM, 8, 11), Context("hooks.slack.com/triggers/")], &[""], &[Run(ALNUM, 16, 32)], TOKEN),
    behind("slack-webhook", "Slack", Medium, &[Lit("/"), Run(UPNUM, 8, 11), Lit("/"), Run(UPNUM, 8, 11), Context("hooks.slack.com/services/")], &[""], &[Run(ALNUM, 16, 24)], TOKEN),
    behind("discord-bot-token", "Discord", Critical, &[Lit("."), Run(TOKEN, 6, 6), Lit("."), Run(TOKEN, 23, 26)], &[""], &[Run(TOKEN, 27, 38)], TOKEN),
    behind("discord-webhook", "Discord", Medium, &[Context("/api/webhooks/")], &[""], &[Run(DIGIT, 17, 18), Lit("/"), Run(TOKEN, 50, 68)], TOKEN),
    behind("telegram-bot-token", "Telegram", High, &[Lit(":"), Run(DIGIT, 6, 10)], &["AA"], &[Run(TOKEN, 30, 33)], TOKEN),
    behind("sendgrid-key", "SendGrid", Critical, &[Lit("SG.")], &[""], &[Run(TOKEN, 16, 22), Lit("."), Run(TOKEN, 30, 43)], DOTTED),
    head("mailgun-key", "Mailgun", High, &["key-"], &[Run(HEX, 32, 32)], TOKEN),
    behind("mailchimp-key", "Mailchimp", High, &[], &[""], &[Exact(HEX, 32), Lit("-us"), Run(DIGIT, 1, 2)], TOKEN),
    head("twilio-key", "Twilio", High, &["SK"], &[Run(HEX, 32, 32)], TOKEN),
    head("brevo-key", "Brevo", High, &["xkeysib-"], &[Run(HEX, 50, 64)], TOKEN),

    // Commerce.
    head("stripe-restricted-key", "Stripe", Critical, &["rk_live_", "rk_test_"], &[Run(ALNUM, 16, 99)], TOKEN),
    head("webhook-signing-secret", "Stripe", High, &["whsec_"], &[Run(BASE64, 24, 32)], TOKEN.or(BASE64).or(Class::EQUALS)),
    head("shopify-token", "Shopify", Critical, &["shpat_", "shpca_", "shppa_", "shpss_"], &[Run(HEX, 30, 32)], TOKEN),
    head("square-token", "Square", Critical, &["sq0atp-", "sq0csp-"], &[Run(TOKEN, 20, 22)], TOKEN),
    head("easypost-key", "EasyPost", High, &["EZAK", "EZTK"], &[Run(ALNUM, 50, 54)], TOKEN),
    head("shippo-token", "Shippo", High, &["shippo_live_", "shippo_test_"], &[Run(HEX, 40, 40)], TOKEN),
    mixed("square-access-token", "Square", Critical, &["EAAA"], &[Run(TOKEN, 56, 60)], TOKEN),

    // Services and infrastructure.
    head("atlassian-token", "Atlassian", Critical, &["ATATT3"], &[Run(TOKEN, 60, 180)], TOKEN.or(Class::EQUALS)),
    head("linear-key", "Linear", High, &["lin_api_", "lin_oauth_"], &[Run(ALNUM, 32, 40)], TOKEN),
    head("notion-token", "Notion", High, &["ntn_"], &[Run(ALNUM, 40, 46)], TOKEN),
    mixed("figma-token", "Figma", High, &["figd_", "figo_", "figu_", "figr_"], &[Run(TOKEN, 36, 40)], TOKEN),
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
    mixed("grafana-cloud-token", "Grafana", High, &["glc_"], &[Run(ALNUM, 32, 100)], TOKEN.or(BASE64).or(Class::EQUALS)),
    behind("dynatrace-token", "Dynatrace", Critical, &[Lit("dt0c01.")], &[""], &[Run(UPNUM, 20, 24), Lit("."), Run(ALNUM, 50, 64)], TOKEN),

    // By structure.
    behind("jwt", "generic", High, &[], &["eyJ"], &[Run(TOKEN, 12, 33), Lit("."), Run(TOKEN, 12, 70), Lit("."), Run(TOKEN, 10, 43)], DOTTED),
    shape("basic-auth", "HTTP", High, Shape::Scheme(Scheme::Basic)),
    shape("url-password", "generic", Critical, Shape::Userinfo),
    shape("private-key", "generic", Critical, Shape::Block("PRIVATE KEY-----")),
    shape("pgp-private-key", "PGP", Critical, Shape::Block("PRIVATE KEY BLOCK-----")),

    // Guesses from the surroundings come last, so that a rule that knows more wins a tie.
    shape("env-var-value", "generic", Medium, Shape::Env),
    shape("bearer-token", "HTTP", High, Shape::Scheme(Scheme::Bearer)),
    shape("password", "generic", Medium, Shape::Password),
    shape("generic-api-key", "generic", Medium, Shape::Key),
];

/// Endings of the names that the other half of an AWS key pair goes by.
const AWS_NAMES: &[&str] = &["secretaccesskey", "awssecretkey", "awssecret", "secretkey"];

/// Endings of the names of the keys of Azure storage and its relatives.
const AZURE_NAMES: &[&str] = &["accountkey", "sharedaccesskey", "storagekey", "storageaccountkey"];

/// A token that starts with one of `heads`.
const fn head(
    name: &'static str,
    provider: &'static str,
    severity: Severity,
    heads: &'static [&'static str],
    after: &'static [Part],
    grow: Class,
) -> Rule {
    behind(name, provider, severity, &[], heads, after, grow)
}

/// A token that starts with one of `heads` and holds a digit and a letter: identifiers start so
/// too.
const fn mixed(
    name: &'static str,
    provider: &'static str,
    severity: Severity,
    heads: &'static [&'static str],
    after: &'static [Part],
    grow: Class,
) -> Rule {
    let token = Token { before: &[], heads, after, grow, need: Need::Mix };
    Rule { name, provider, severity, shape: Shape::Token(token) }
}

/// A token that starts with one of `heads` and does not read like words: it has letters only, and
/// so have words.
const fn random(
    name: &'static str,
    provider: &'static str,
    severity: Severity,
    heads: &'static [&'static str],
    after: &'static [Part],
    grow: Class,
) -> Rule {
    let token = Token { before: &[], heads, after, grow, need: Need::Random };
    Rule { name, provider, severity, shape: Shape::Token(token) }
}

/// A token with `text` in its middle.
const fn infix(
    name: &'static str,
    provider: &'static str,
    severity: Severity,
    heads: &'static [&'static str],
    after: &'static [Part],
    text: &'static str,
) -> Rule {
    let token = Token { before: &[], heads, after, grow: Class::TOKEN, need: Need::Infix(text) };
    Rule { name, provider, severity, shape: Shape::Token(token) }
}

/// A token whose anchor, or part of it, stands before the run.
const fn behind(
    name: &'static str,
    provider: &'static str,
    severity: Severity,
    before: &'static [Part],
    heads: &'static [&'static str],
    after: &'static [Part],
    grow: Class,
) -> Rule {
    let token = Token { before, heads, after, grow, need: Need::Nothing };
    Rule { name, provider, severity, shape: Shape::Token(token) }
}

/// A rule with a matcher of its own.
const fn shape(
    name: &'static str,
    provider: &'static str,
    severity: Severity,
    shape: Shape,
) -> Rule {
    Rule { name, provider, severity, shape }
}
