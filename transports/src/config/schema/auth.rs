//! `auth`: who may send, and how they prove it.

use portcullis_engine::{AuthConfig, TokenConfig};

use super::Schema;
use crate::config::fault::Place;
use crate::config::settings::{Alias, KeyFile};
use crate::config::tree::{Key, Node, Value};

/// Members of a key of an issuer that name a file, and what the file holds.
const FILES: [(&str, &str); 2] = [("pem_file", "pem"), ("secret_file", "secret")];

impl Schema<'_> {
    pub(super) fn auth(&mut self, mut node: Node, path: &str) {
        if has_member(&node, "type") {
            // Its two forms have no key in common.
            return self.compozy_auth(node, path, None);
        }
        let files = take_key_files(&mut node);
        let faults = self.walk.faults.len();
        let auth: AuthConfig = self.part(node, path);
        let files: Vec<KeyFile> = files.into_iter().filter_map(|it| self.key_file(it)).collect();
        if self.walk.faults.len() > faults {
            return;
        }
        self.settings.key_files = files;
        for (at, token) in auth.tokens.iter().enumerate() {
            self.judge_token(token, &format!("{path}.tokens[{at}]"));
        }
        if let Some(attach) = &auth.attach {
            let key = format!("{path}.attach");
            self.judge_clear(attach, self.place_of(&key), &key);
        }
        if auth.jwt.is_some() {
            let key = format!("{path}.jwt");
            let what = "no transport of this version has headers yet, so no client can show such \
                        a token";
            let remedy = "name tokens for the clients of `run` and `serve`";
            self.walk.warn(self.place_of(&key), &key, what, remedy);
        }
        self.settings.policy.auth = auth;
    }

    /// Takes a token that another key than `auth.tokens` gives.
    pub(super) fn hold(&mut self, token: TokenConfig, key: &str) {
        let tokens = &mut self.settings.policy.auth.tokens;
        let engine = format!("auth.tokens[{}]", tokens.len());
        tokens.push(token);
        self.settings.aliases.push(Alias { engine, file: key.to_owned() });
    }

    fn judge_token(&mut self, token: &TokenConfig, path: &str) {
        if token.token.is_some() == token.sha256.is_some() {
            let what = "has to have exactly one of `token` and `sha256`";
            self.walk.fault(self.place_of(path), path, what, "keep one of them");
        }
        if let Some(text) = &token.token {
            let key = format!("{path}.token");
            self.judge_clear(text, self.place_of(&key), &key);
        }
        if let Some(text) = &token.sha256 {
            let key = format!("{path}.sha256");
            self.judge_digest(text, self.place_of(&key), &key);
        }
    }

    /// Where a key that was taken stands.
    pub(super) fn place_of(&self, key: &str) -> Place {
        let found = self.walk.keys.iter().rev().find(|(known, _)| known == key);
        found.map_or(Place::default(), |&(_, place)| place)
    }

    fn key_file(&mut self, (at, key, node): (usize, Key, Node)) -> Option<KeyFile> {
        let path = format!("auth.jwt.keys[{at}].{}", key.name);
        self.walk.keys.push((path.clone(), key.place));
        let location = self.location(node, &path)?;
        Some(KeyFile { at, is_secret: key.name == "secret_file", location })
    }
}

/// Whether a mapping has this member.
fn has_member(node: &Node, name: &str) -> bool {
    matches!(&node.value, Value::Map(members) if members.iter().any(|(key, _)| key.name == name))
}

/// Takes the members that name files out of the keys of `jwt`, since the engine knows no files. One
/// that stands beside what it would bring stays, and is told as a key that is not known.
fn take_key_files(node: &mut Node) -> Vec<(usize, Key, Node)> {
    let mut taken = Vec::new();
    let keys = member(node, "jwt").and_then(|jwt| member(jwt, "keys"));
    let Some(Node { value: Value::List(keys), .. }) = keys else { return taken };
    for (at, key) in keys.iter_mut().enumerate() {
        for (file, text) in FILES {
            if has_member(key, text) {
                continue;
            }
            let Value::Map(members) = &mut key.value else { continue };
            if let Some(found) = members.iter().position(|(key, _)| key.name == file) {
                let (key, value) = members.remove(found);
                taken.push((at, key, value));
            }
        }
    }
    taken
}

fn member<'n>(node: &'n mut Node, name: &str) -> Option<&'n mut Node> {
    let Value::Map(members) = &mut node.value else { return None };
    members.iter_mut().find(|(key, _)| key.name == name).map(|(_, node)| node)
}
