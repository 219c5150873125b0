//! `socket`: who may send, and who may connect.

use portcullis_engine::TokenConfig;
use zeroize::Zeroizing;

use super::Schema;
use crate::config::environment::literal;
use crate::config::fault::Place;
use crate::config::tree::{Node, Value};
use crate::credential::{CHARS_GOOD, CHARS_MIN};

const SOCKET: &[&str] = &["auth_token", "auth_tokens", "perm", "rate_limit", "allow_uids"];
const TOKEN: &[&str] = &["name", "token", "sha256"];
/// Ten times this fits a bucket, and no server answers as much.
const RATE_MAX: u64 = 1_000_000;

impl Schema<'_> {
    pub(super) fn socket(&mut self, node: Node, path: &str) {
        for (name, path, node) in self.walk.members(node, path, SOCKET) {
            let place = node.place;
            match name {
                "auth_token" => {
                    let token = self.token(node, &path);
                    let config = TokenConfig { token, ..Default::default() };
                    self.hold(config, &path);
                }
                "auth_tokens" => {
                    for (index, item) in self.walk.items(node, &path).into_iter().enumerate() {
                        self.named_token(item, &format!("{path}[{index}]"));
                    }
                }
                "perm" => {
                    if let Some(perm) = self.mode(node, &path) {
                        self.settings.socket.perm = perm;
                        self.warn_of_others(perm, place, &path);
                    }
                }
                "rate_limit" => {
                    // Nothing is the default, which `run` and `serve` have each their own.
                    if matches!(node.value, Value::Null) {
                        continue;
                    }
                    let rate = self.walk.ranged(node, &path, 0..=RATE_MAX);
                    let rate = rate.map(|rate| rate as u32);
                    self.settings.socket.rate_limit = rate;
                    self.settings.policy.rate.per_second = rate.unwrap_or_default();
                }
                _ => self.allowed(node, &path),
            }
        }
    }

    fn allowed(&mut self, node: Node, path: &str) {
        // The last number is what system calls say for "nobody".
        let range = 0..=u64::from(u32::MAX) - 1;
        for (index, item) in self.walk.items(node, path).into_iter().enumerate() {
            let user = self.walk.ranged(item, &format!("{path}[{index}]"), range.clone());
            self.settings.socket.allow_uids.extend(user.map(|user| user as u32));
        }
    }

    /// `0600`, `0o600`, or one of them as text. The reader has made a number of the first two.
    fn mode(&mut self, node: Node, path: &str) -> Option<u32> {
        let place = node.place;
        let mode = match node.value {
            Value::Number(number) => u32::try_from(number).ok(),
            Value::Text(text) => {
                let text = self.walk.replaced(place, path, &text)?.text;
                let digits = text.strip_prefix("0o").or_else(|| text.strip_prefix('0'));
                // A sign would be taken, too.
                digits
                    .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
                    .and_then(|digits| u32::from_str_radix(digits, 8).ok())
            }
            _ => None,
        };
        let Some(mode) = mode.filter(|mode| mode & !0o777 == 0) else {
            let what = "is no mode of a file, or not written in octal";
            self.walk.fault(place, path, what, "write it in octal: 0600");
            return None;
        };
        if mode & 0o600 != 0o600 {
            let what = "keeps the daemon's own user from reading or writing";
            self.walk.fault(place, path, what, "write 0600, or more");
            return None;
        }
        Some(mode)
    }

    /// On a socket only the bits for writing and, on some systems, for reading mean something.
    fn warn_of_others(&mut self, perm: u32, place: Place, path: &str) {
        let who = match (perm & 0o060 != 0, perm & 0o006 != 0) {
            (false, false) => return,
            (true, false) => "its group",
            _ => "everybody on this machine",
        };
        let what = format!("the mode lets {who} reach the socket");
        let remedy = "0600 is for its owner alone; \
            else only our own user and those in socket.allow_uids are taken";
        self.walk.warn(place, path, what, remedy);
    }

    fn named_token(&mut self, node: Node, path: &str) {
        let place = node.place;
        self.walk.keys.push((path.to_owned(), place));
        let mut config = TokenConfig::default();
        let mut given = 0;
        for (name, path, node) in self.walk.members(node, path, TOKEN) {
            let place = node.place;
            match name {
                "name" => config.name = self.walk.text(node, &path).unwrap_or_default(),
                "token" => {
                    given += 1;
                    config.token = self.token(node, &path);
                }
                _ => {
                    given += 1;
                    config.sha256 = self.walk.text(node, &path);
                    if let Some(text) = &config.sha256 {
                        self.judge_digest(text, place, &path);
                    }
                }
            }
        }
        if given != 1 {
            let what = "has to have exactly one of `token` and `sha256`";
            self.walk.fault(place, path, what, "keep one of them");
        }
        self.hold(config, path);
    }

    /// A token in clear: never empty, and remembered if it stands in the file itself.
    pub(super) fn token(&mut self, node: Node, path: &str) -> Option<Zeroizing<String>> {
        let place = node.place;
        let written = match &node.value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        };
        let text = self.walk.text(node, path)?;
        let literal = literal(&written.unwrap_or_default());
        self.settings.holds_token |= !literal.is_empty();
        if literal.contains("${") || literal.contains("{{") {
            let remedy = "spell it ${NAME}, or $${ for the text ${ itself";
            self.walk.fault(place, path, "what looks like a variable is none", remedy);
            return None;
        }
        self.judge_clear(&text, place, path);
        Some(text.into())
    }

    /// A digest of a token.
    pub(super) fn judge_digest(&mut self, digest: &str, place: Place, path: &str) {
        if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let remedy = "printf %s \"$TOKEN\" | sha256sum";
            self.walk.fault(place, path, "is not 64 hexadecimal digits", remedy);
        }
    }

    /// A token in clear: not empty, and long enough.
    pub(super) fn judge_clear(&mut self, token: &str, place: Place, path: &str) {
        let chars = token.chars().count();
        if chars == 0 {
            let remedy = "give it a value, or remove the key to switch authentication off";
            self.walk.fault(place, path, "an empty token would let everybody in", remedy);
        } else if chars < CHARS_MIN {
            let what = format!("a token under {CHARS_MIN} characters can be guessed");
            self.walk.fault(place, path, what, "make one with: portcullis token new");
        } else if chars < CHARS_GOOD {
            let what = format!("the token is weak: it has under {CHARS_GOOD} characters");
            self.walk.warn(place, path, what, "make one with: portcullis token new");
        }
    }
}
