//! Secrets of language models and data platforms.

use super::{ALNUM, DOTTED, HEX, TOKEN, behind, head};
use crate::redact::class::Class;
use crate::redact::rule::Part::{Exact, Lit, Run};
use crate::redact::rule::Rule;
use crate::redact::rule::Severity::{Critical, High};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    head("openai-key", "OpenAI", Critical, &["sk-proj-", "sk-svcacct-", "sk-admin-"], &[Run(TOKEN, 32, 156)], TOKEN),
    head("openai-legacy-key", "OpenAI", Critical, &["sk-"], &[Run(TOKEN, 40, 40)], TOKEN).infix("T3BlbkFJ"),
    head("model-api-key", "generic", High, &["sk-"], &[Run(ALNUM, 32, 48)], TOKEN).mixed(),
    head("anthropic-key", "Anthropic", Critical, &["sk-ant-"], &[Run(TOKEN, 40, 100)], TOKEN),
    head("openrouter-key", "OpenRouter", High, &["sk-or-v1-"], &[Run(HEX, 48, 64)], TOKEN),
    head("huggingface-token", "Hugging Face", Critical, &["hf_", "api_org_"], &[Run(ALNUM, 30, 34)], TOKEN).random(),
    head("groq-key", "Groq", High, &["gsk_"], &[Run(ALNUM, 40, 52)], TOKEN),
    head("xai-key", "xAI", High, &["xai-"], &[Run(TOKEN, 60, 80)], TOKEN).mixed(),
    head("perplexity-key", "Perplexity", High, &["pplx-"], &[Run(ALNUM, 40, 48)], TOKEN),
    head("replicate-token", "Replicate", High, &["r8_"], &[Run(ALNUM, 35, 37)], TOKEN),
    head("nvidia-key", "NVIDIA", High, &["nvapi-"], &[Run(TOKEN, 50, 64)], TOKEN),
    head("databricks-token", "Databricks", Critical, &["dapi"], &[Run(HEX, 32, 32)], TOKEN),
    head("planetscale-token", "PlanetScale", Critical, &["pscale_tkn_", "pscale_pw_", "pscale_oauth_"], &[Run(TOKEN, 30, 43)], DOTTED.or(Class::EQUALS)),
    head("supabase-key", "Supabase", Critical, &["sb_secret_", "sbp_"], &[Run(TOKEN, 30, 40)], TOKEN),
    behind("airtable-pat", "Airtable", High, &[], &["pat"], &[Exact(ALNUM, 14), Lit("."), Run(HEX, 50, 64)], TOKEN),
];
