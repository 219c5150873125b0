//! Secrets of chat, mail and telephone.

use super::{ALNUM, DIGIT, DOTTED, HEX, TOKEN, UPNUM, behind, head};
use crate::redact::class::Class;
use crate::redact::rule::Part::{Context, Exact, Lit, Run};
use crate::redact::rule::Rule;
use crate::redact::rule::Severity::{Critical, High, Medium};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
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
];
