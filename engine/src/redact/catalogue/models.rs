//! Secrets of language models and data platforms.

use super::{ALNUM, BASE64, HEX, LOWNUM, PADDED, TOKEN, UPNUM, UUID, behind, head};
use crate::redact::class::Class;
use crate::redact::rule::Part::{Exact, Lit, Run};
use crate::redact::rule::Severity::{Critical, High, Low};
use crate::redact::rule::{Check, Rule};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // Models. Many issuers begin with `sk-`, so the widest of these rules comes last.
    head("openai-key", "OpenAI", Critical, &["sk-proj-", "sk-svcacct-", "sk-admin-"], &[Run(TOKEN, 32, 156)], TOKEN),
    head("openai-legacy-key", "OpenAI", Critical, &["sk-"], &[Run(TOKEN, 40, 40)], TOKEN).infix("T3BlbkFJ"),
    head("anthropic-admin-key", "Anthropic", Critical, &["sk-ant-admin"], &[Run(TOKEN, 90, 98)], TOKEN),
    head("anthropic-oauth-token", "Anthropic", Critical, &["sk-ant-oat", "sk-ant-ort"], &[Run(TOKEN, 40, 98)], TOKEN).unproven(),
    head("anthropic-key", "Anthropic", Critical, &["sk-ant-"], &[Run(TOKEN, 40, 100)], TOKEN),
    head("openrouter-key", "OpenRouter", High, &["sk-or-v1-"], &[Run(HEX, 48, 64)], TOKEN),
    head("minimax-key", "MiniMax", High, &["sk-api-"], &[Run(TOKEN, 100, 119)], TOKEN),
    head("langfuse-key", "Langfuse", High, &["sk-lf-"], UUID, TOKEN).unproven(),
    head("langfuse-public-key", "Langfuse", Low, &["pk-lf-"], UUID, TOKEN).unproven(),
    head("model-api-key", "generic", High, &["sk-"], &[Run(ALNUM, 32, 48)], TOKEN).mixed(),
    head("huggingface-token", "Hugging Face", Critical, &["hf_"], &[Run(ALNUM, 30, 34)], TOKEN).random(),
    head("huggingface-org-token", "Hugging Face", Critical, &["api_org_"], &[Run(ALNUM, 30, 34)], TOKEN).random(),
    head("groq-key", "Groq", High, &["gsk_"], &[Run(ALNUM, 40, 52)], TOKEN),
    head("xai-key", "xAI", High, &["xai-"], &[Run(TOKEN, 60, 80)], TOKEN).mixed(),
    head("perplexity-key", "Perplexity", High, &["pplx-"], &[Run(ALNUM, 40, 48)], TOKEN),
    head("replicate-token", "Replicate", High, &["r8_"], &[Run(ALNUM, 35, 37)], TOKEN),
    head("together-key", "Together AI", High, &["tgp_v1_"], &[Run(TOKEN, 40, 43)], TOKEN),
    head("cerebras-key", "Cerebras", High, &["csk-"], &[Run(LOWNUM, 44, 48)], TOKEN).mixed(),
    head("nvidia-key", "NVIDIA", High, &["nvapi-"], &[Run(TOKEN, 50, 64)], TOKEN),
    head("elevenlabs-key", "ElevenLabs", High, &["sk_"], &[Run(HEX, 48, 48)], TOKEN).whole(),
    head("langsmith-token", "LangSmith", High, &["lsv2_pt_"], &[Exact(HEX, 32), Lit("_"), Run(HEX, 10, 10)], TOKEN),
    head("langsmith-service-key", "LangSmith", High, &["lsv2_sk_"], &[Exact(HEX, 32), Lit("_"), Run(HEX, 10, 10)], TOKEN),
    head("wandb-key", "Weights & Biases", High, &["wandb_v1_"], &[Run(TOKEN, 60, 77)], TOKEN),
    head("pinecone-key", "Pinecone", High, &["pcsk_"], &[Run(ALNUM, 5, 6), Lit("_"), Run(ALNUM, 50, 63)], TOKEN),
    head("tavily-key", "Tavily", High, &["tvly-"], &[Run(TOKEN, 28, 40)], TOKEN).mixed(),
    head("cursor-key", "Cursor", High, &["key_"], &[Run(HEX, 64, 64)], TOKEN).whole().word(),
    head("devin-service-key", "Cognition", High, &["cog_"], &[Run(LOWNUM, 52, 52)], TOKEN).mixed(),
    head("devin-user-key", "Cognition", High, &["apk_user_", "apk_"], &[Run(BASE64, 80, 140)], PADDED).mixed(),
    head("apify-token", "Apify", High, &["apify_api_"], &[Run(ALNUM, 30, 36)], TOKEN),
    head("runpod-key", "RunPod", High, &["rpa_"], &[Run(UPNUM, 36, 40)], TOKEN).mixed().unproven(),
    head("jina-key", "Jina", High, &["jina_"], &[Run(TOKEN, 50, 60)], TOKEN).mixed(),
    head("voyage-key", "Voyage AI", High, &["pa-"], &[Run(TOKEN, 43, 43)], TOKEN).random().whole(),
    head("fireworks-key", "Fireworks", High, &["fw_"], &[Run(ALNUM, 22, 24)], TOKEN).random().whole().unproven(),
    head("firecrawl-key", "Firecrawl", High, &["fc-"], &[Run(HEX, 32, 32)], TOKEN).whole(),

    // Data platforms.
    head("databricks-token", "Databricks", Critical, &["dapi"], &[Run(HEX, 32, 32)], TOKEN),
    head("databricks-oauth-secret", "Databricks", Critical, &["dose"], &[Run(HEX, 32, 32)], TOKEN).unproven(),
    head("confluent-secret", "Confluent", Critical, &["cflt"], &[Run(BASE64, 60, 60)], PADDED).random().checked(Check::ConfluentCrc),
    head("mongodb-atlas-secret", "MongoDB", Critical, &["mdb_sa_sk_"], &[Run(TOKEN, 36, 40)], TOKEN).unproven(),
    head("neon-key", "Neon", Critical, &["napi_"], &[Run(ALNUM, 56, 64)], TOKEN),
    head("planetscale-token", "PlanetScale", Critical, &["pscale_tkn_"], &[Run(PADDED, 30, 43)], PADDED.or(Class::DOT)),
    head("planetscale-password", "PlanetScale", Critical, &["pscale_pw_"], &[Run(PADDED, 30, 43)], PADDED.or(Class::DOT)),
    head("planetscale-oauth-token", "PlanetScale", Critical, &["pscale_oauth_"], &[Run(PADDED, 30, 43)], PADDED.or(Class::DOT)),
    head("supabase-key", "Supabase", Critical, &["sb_secret_"], &[Run(TOKEN, 28, 31)], TOKEN),
    head("supabase-management-token", "Supabase", Critical, &["sbp_"], &[Run(ALNUM, 36, 40)], TOKEN),
    head("supabase-publishable-key", "Supabase", Low, &["sb_publishable_"], &[Run(TOKEN, 28, 31)], TOKEN).unproven(),
    head("cockroach-key", "Cockroach Labs", Critical, &["CCDB1_"], &[Exact(ALNUM, 22), Lit("_"), Run(ALNUM, 36, 40)], TOKEN).unproven(),
    head("clickhouse-key", "ClickHouse", High, &["4b1d"], &[Run(ALNUM, 38, 38)], TOKEN).random().whole(),
    behind("astra-token", "DataStax", Critical, &[Lit("AstraCS:")], &[""], &[Run(ALNUM, 20, 24), Lit(":"), Run(HEX, 60, 64)], TOKEN),
    head("elastic-key", "Elastic", High, &["essu_"], &[Run(TOKEN, 56, 80)], PADDED),
    behind("airtable-pat", "Airtable", High, &[], &["pat"], &[Exact(ALNUM, 14), Lit("."), Run(HEX, 50, 64)], TOKEN),
    head("databento-key", "Databento", High, &["db-"], &[Run(ALNUM, 29, 29)], TOKEN).random().whole(),
    behind("lightdash-token", "Lightdash", High, &[], &["ldpat_"], &[Run(HEX, 32, 32)], TOKEN).unproven(),
];
