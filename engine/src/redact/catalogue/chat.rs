//! Secrets of chat, mail and telephone.

use super::{ALNUM, BASE64, DIGIT, DOTTED, HEX, LOWNUM, TOKEN, UPNUM, behind, head};
use crate::redact::class::Class;
use crate::redact::rule::Part::{Context, Exact, Lit, Run};
use crate::redact::rule::Severity::{Critical, High, Low, Medium};
use crate::redact::rule::{Check, Rule};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // Slack.
    head("slack-bot-token", "Slack", Critical, &["xoxb-"], &[Run(TOKEN, 20, 50)], TOKEN),
    head("slack-config-refresh-token", "Slack", High, &["xoxe-1-"], &[Run(ALNUM, 60, 146)], TOKEN),
    head("slack-user-token", "Slack", Critical, &["xoxp-", "xoxe-"], &[Run(TOKEN, 20, 70)], TOKEN),
    head("slack-app-token", "Slack", Critical, &["xapp-"], &[Run(TOKEN, 20, 90)], TOKEN),
    behind("slack-config-token", "Slack", High, &[Lit("xoxe.")], &["xoxb-", "xoxp-"], &[Run(TOKEN, 20, 165)], TOKEN),
    head("slack-session-token", "Slack", Critical, &["xoxc-"], &[Run(TOKEN, 16, 100)], TOKEN),
    head("slack-session-cookie", "Slack", Critical, &["xoxd-"], &[Run(TOKEN.or(Class::PERCENT), 60, 150)], TOKEN.or(Class::PERCENT)).mixed(),
    head("slack-legacy-token", "Slack", High, &["xoxa-", "xoxr-", "xoxo-", "xoxs-"], &[Run(TOKEN, 12, 60)], TOKEN).mixed(),
    behind("slack-trigger", "Slack", Medium, &[Lit("/"), Run(DIGIT, 10, 18), Lit("/"), Run(UPNUM, 8, 11), Context("hooks.slack.com/triggers/")], &[""], &[Run(ALNUM, 16, 32)], TOKEN),
    behind("slack-workflow", "Slack", Medium, &[Lit("/"), Run(DIGIT, 10, 18), Lit("/"), Run(UPNUM, 8, 11), Lit("/"), Run(UPNUM, 8, 11), Context("hooks.slack.com/workflows/")], &[""], &[Run(ALNUM, 16, 24)], TOKEN),
    behind("slack-hook-path", "Slack", Medium, &[Lit("/"), Run(Class::LOWER, 8, 9), Context("hooks.slack.com/")], &[""], &[Run(ALNUM, 40, 50)], BASE64),
    behind("slack-webhook", "Slack", Medium, &[Lit("/"), Run(UPNUM, 8, 11), Lit("/"), Run(UPNUM, 8, 11), Context("hooks.slack.com/services/")], &[""], &[Run(ALNUM, 16, 24)], TOKEN),

    // Other chats.
    behind("discord-bot-token", "Discord", Critical, &[Lit("."), Run(TOKEN, 6, 6), Lit("."), Run(TOKEN, 23, 26)], &[""], &[Run(TOKEN, 27, 38)], TOKEN).demanding(Check::Snowflake),
    behind("discord-webhook", "Discord", Medium, &[Context("/api/webhooks/")], &[""], &[Run(DIGIT, 17, 18), Lit("/"), Run(TOKEN, 50, 68)], TOKEN),
    behind("telegram-bot-token", "Telegram", High, &[Lit(":"), Run(DIGIT, 6, 10)], &["AA"], &[Run(TOKEN, 30, 33)], TOKEN),
    behind("teams-webhook", "Microsoft", Medium, &[Context(".webhook.office.com/webhookb2/")], &[""], TEAMS, TOKEN),
    behind("outlook-webhook", "Microsoft", Medium, &[Context("outlook.office.com/webhook/")], &[""], TEAMS, TOKEN),
    head("lark-app-id", "Lark", Low, &["cli_"], &[Run(LOWNUM, 16, 16)], TOKEN).mixed().whole().word(),
    behind("voiceflow-key", "Voiceflow", High, &[Lit("."), Exact(UPNUM, 2), Lit("VF.")], &[""], &[Exact(HEX, 24), Lit("."), Run(ALNUM, 16, 16)], TOKEN),

    // Mail.
    behind("sendgrid-key", "SendGrid", Critical, &[Lit("SG.")], &[""], &[Run(TOKEN, 16, 22), Lit("."), Run(TOKEN, 30, 43)], DOTTED),
    head("mailgun-key", "Mailgun", High, &["key-"], &[Run(HEX, 32, 32)], TOKEN).word(),
    head("mailgun-public-key", "Mailgun", Low, &["pubkey-"], &[Run(HEX, 32, 32)], TOKEN).word(),
    head("mailgun-signing-key", "Mailgun", High, &[""], &[Exact(HEX, 32), Lit("-"), Exact(HEX, 8), Lit("-"), Run(HEX, 8, 8)], TOKEN).whole(),
    behind("mailchimp-key", "Mailchimp", High, &[], &[""], &[Exact(HEX, 32), Lit("-us"), Run(DIGIT, 1, 2)], TOKEN),
    head("mandrill-key", "Mailchimp", High, &["md-"], &[Run(TOKEN, 22, 22)], TOKEN).random().whole(),
    head("brevo-key", "Brevo", High, &["xkeysib-"], &[Run(HEX, 50, 64)], TOKEN),
    head("brevo-smtp-key", "Brevo", High, &["xsmtpsib-"], &[Run(HEX, 50, 64)], TOKEN).unproven(),
    head("resend-key", "Resend", High, &["re_"], &[Exact(ALNUM, 8), Lit("_"), Run(ALNUM, 20, 24)], TOKEN).random(),
    behind("mailersend-token", "MailerSend", High, &[Lit("mlsn.")], &[""], &[Run(ALNUM, 30, 64)], TOKEN),
    head("onesignal-key", "OneSignal", High, &["os_v2_app_"], &[Run(LOWNUM, 90, 103)], TOKEN),
    head("onesignal-org-key", "OneSignal", High, &["os_v2_org_"], &[Run(LOWNUM, 90, 103)], TOKEN),
    head("klaviyo-key", "Klaviyo", High, &["pk_"], &[Run(LOWNUM, 34, 34)], TOKEN).mixed().whole(),
    head("courier-key", "Courier", High, &["pk_prod_", "dk_prod_"], &[Run(UPNUM, 26, 28)], TOKEN),
    head("gc-notify-key", "GC Notify", High, &["gcntfy-"], &[Run(TOKEN, 73, 90)], TOKEN).mixed(),

    // Telephone.
    head("twilio-key", "Twilio", High, &["SK"], &[Run(HEX, 32, 32)], TOKEN),
    head("twilio-account-sid", "Twilio", Low, &["AC"], &[Run(HEX, 32, 32)], TOKEN).whole(),
];

/// Two identifiers, the secret, and a further identifier.
const TEAMS: &[crate::redact::rule::Part] = &[
    Exact(HEX.or(Class::DASH), 36),
    Lit("@"),
    Exact(HEX.or(Class::DASH), 36),
    Lit("/IncomingWebhook/"),
    Exact(HEX, 32),
    Lit("/"),
    Run(HEX.or(Class::DASH), 36, 36),
];
