//! What the keys of a configuration mean: from a tree to settings.
//!
//! ```text
//! root ---> bouncer      what is taken out
//!      |--> redaction    what becomes of it; what a reader does not see
//!      |--> socket       who may send, and who may connect
//!      |--> limits       sizes, numbers, times; server, batch, refusals
//!      |--> servers      the servers of `serve`
//!      |--> approvals    who is asked whether a call may go on
//!      |--> host         serve, log, audit; places in the file system
//!      |--> auth         who may send, and how they prove it
//!      |--> compozy      keys of the Compozy MCP proxy: security, cors, tls, mcps
//!      |--> compat       variables of other proxies
//!      `--> part         what the engine's own types say: tools, rights, quotas, network, ...
//! ```
//!
//! It opens nothing and changes nothing; a text without a file can be interpreted.

mod approvals;
mod auth;
mod bouncer;
mod compat;
mod compozy;
mod host;
mod limits;
mod redaction;
mod servers;
mod socket;

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::bridge;
use super::fault::Faults;
use super::settings::{Alias, Settings};
use super::tree::Node;
use super::walk::{Walk, join};

/// Interprets a document.
///
/// # Errors
/// Every fault that was found, in the order of the file.
pub fn interpret(
    root: Node,
    file: &Path,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings, Faults> {
    let walk = Walk {
        file: file.into(),
        environment,
        faults: Vec::new(),
        warnings: Vec::new(),
        keys: Vec::new(),
    };
    // Without a working directory a relative path stays as it is, and is told when it is opened.
    let whole = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let folder = whole.parent().unwrap_or(Path::new("/")).to_owned();
    let settings = Settings { file: file.to_owned(), ..Settings::default() };
    let claimed = vec![(whole, "the configuration itself".to_owned())];
    let mut schema = Schema { walk, settings, folder, claimed };
    schema.root(root);
    let Schema { walk, mut settings, .. } = schema;
    settings.keys = walk.keys;
    for server in &mut settings.servers {
        server.environment.withheld.clone_from(&settings.taken);
    }
    settings.warnings = walk.warnings;
    settings.warnings.sort_by_key(|warning| warning.place);
    if walk.faults.is_empty() { Ok(settings) } else { Err(Faults::in_order(walk.faults)) }
}

const ROOT: &[&str] = &[
    "bouncer",
    "redaction",
    "socket",
    "server",
    "servers",
    "serve",
    "limits",
    "requests",
    "batch",
    "refusals",
    "log",
    "audit",
    "paths",
    "tools",
    "rights",
    "approvals",
    "auth",
    "quotas",
    "network",
    "arguments",
    "schema",
    "security",
    "cors",
    "tls",
    "mcps",
    "compat",
];

/// What is read before the rest: what paths may lead to, and what others add to. Servers know all
/// names that are taken before `mcps` adds its own.
const FIRST: [&str; 5] = ["paths", "auth", "quotas", "network", "servers"];

/// The environment goes before the file, and so comes after it.
const LAST: &str = "compat";

struct Schema<'a> {
    walk: Walk<'a>,
    settings: Settings,
    /// The directory of the file, absolute: paths in the file start here.
    folder: PathBuf,
    /// Paths that are taken, and by what: no file may be two things.
    claimed: Vec<(PathBuf, String)>,
}

impl Schema<'_> {
    fn root(&mut self, node: Node) {
        let mut members = self.walk.members(node, "", ROOT);
        members.sort_by_key(|(name, ..)| {
            let first = FIRST.iter().position(|first| first == name);
            (first.unwrap_or(FIRST.len()), *name == LAST)
        });
        for (name, path, node) in members {
            match name {
                "bouncer" => self.bouncer(node, &path),
                "redaction" => self.redaction(node, &path),
                "socket" => self.socket(node, &path),
                "server" => self.server(node, &path),
                "servers" => self.servers(node, &path),
                "serve" => self.serve(node, &path),
                "limits" => self.limits(node, &path),
                "requests" => self.requests(node, &path),
                "batch" => self.batch(node, &path),
                "refusals" => self.refusals(node, &path),
                "log" => self.log(node, &path),
                "audit" => self.audit(node, &path),
                "paths" => self.paths(node, &path),
                "tools" => self.settings.policy.tools = self.part(node, &path),
                "rights" => self.settings.policy.rights = self.part(node, &path),
                "auth" => self.auth(node, &path),
                "quotas" => self.settings.policy.quotas = self.part(node, &path),
                "network" => self.network(node, &path),
                "arguments" => self.settings.policy.arguments = self.part(node, &path),
                "schema" => self.settings.policy.schema = self.part(node, &path),
                "security" => self.security(node, &path, None),
                "cors" => self.cors(node, &path),
                "tls" => self.tls(node, &path),
                "mcps" => self.mcps(node, &path),
                "compat" => self.compat(node, &path),
                _ => self.approvals(node, &path),
            }
        }
    }

    fn network(&mut self, node: Node, path: &str) {
        self.settings.policy.network = self.part(node, path);
        let cors = join(path, "cors");
        if self.gives(&cors) {
            self.settings.aliases.push(Alias { engine: "cors".to_owned(), file: cors });
        }
    }

    /// Whether the file has this key.
    fn gives(&self, key: &str) -> bool {
        self.walk.keys.iter().any(|(known, _)| known == key)
    }

    /// A part that is read as the engine's type says. With a fault nothing of it counts.
    fn part<T: Default + DeserializeOwned>(&mut self, node: Node, path: &str) -> T {
        let part = bridge::part(&mut self.walk, node, path);
        self.settings.holds_token |= part.holds_secret;
        part.value.unwrap_or_default()
    }

    /// Says that a key of a mapping is not there.
    fn missing(&mut self, place: super::fault::Place, path: &str, name: &str) {
        self.walk.fault(place, path, format!("the key `{name}` is missing or empty"), "add it");
    }
}
