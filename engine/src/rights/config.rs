//! What a configuration says of rights.

use serde::{Deserialize, Serialize};

/// Who may use which tool, resource, prompt and method.
///
/// A rule that denies goes before all that allow; what no rule speaks of is as `default` says. What
/// may not be used is not listed either.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RightsConfig {
    /// What becomes of what no rule speaks of.
    pub default: DefaultConfig,
    /// The rules; their order means nothing.
    pub rules: Vec<RightConfig>,
}

/// What becomes of what no rule speaks of, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DefaultConfig {
    /// Tools (`tools/call`, `tools/list`).
    pub tools: Effect,
    /// Resources and their templates (`resources/read`, `resources/subscribe`, `resources/list`,
    /// `resources/templates/list`, `subscriptions/listen`, `completion/complete`).
    pub resources: Effect,
    /// Prompts (`prompts/get`, `prompts/list`, `completion/complete`).
    pub prompts: Effect,
    /// Methods of requests and notifications, of both sides. Where this is `deny`, a rule has to
    /// allow `initialize`, `notifications/*` and `ping` as well, or no session comes about.
    pub methods: Effect,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It may be used.
    #[default]
    Allow,
    /// It is refused, and left out of lists.
    Deny,
}

/// One rule: what it does, for whom, where, and with what.
///
/// Names are patterns of the whole name: `*` is any run of characters, `?` one character, a
/// backslash takes their meaning from them. Upper and lower case differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RightConfig {
    /// What refusals and records call it; 1 to 62 bytes, and no two rules of a policy alike.
    pub name: String,
    /// What it does.
    pub effect: Effect,
    /// Names of principals that it is about; none: everybody, also who has no name.
    pub principals: Vec<String>,
    /// Roles, one of which a principal has to have; none: any.
    pub roles: Vec<String>,
    /// Scopes, one of which a principal has to have; none: any.
    pub scopes: Vec<String>,
    /// Names of servers that it is about, as the host gives them; none: every server.
    pub servers: Vec<String>,
    /// Names of tools.
    pub tools: Vec<String>,
    /// URIs of resources, and templates of them. A URI is compared as it is spelled and without its
    /// percent-encoding; one with a segment `.` or `..` in it is refused by every rule that denies.
    pub resources: Vec<String>,
    /// Names of prompts.
    pub prompts: Vec<String>,
    /// Names of methods.
    pub methods: Vec<String>,
}
