//! What a message means after its edits.

use portcullis_engine::Reason;

use super::message::Msg;
use crate::json::{self, Json};
use crate::secrets::Fake;

/// An edited message.
pub(super) struct Edited {
    pub json: Json,
    /// One reason for each kind of change, in the order of their first places.
    pub changes: Vec<Reason>,
    kinds: Vec<Change>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Rule,
    Named,
    Token,
    Cut,
}

/// Members of `params` and of results that go back to their sender as they came.
const FIXED: [&[u8]; 8] = [
    b"cursor",
    b"nextCursor",
    b"progressToken",
    b"requestState",
    b"taskId",
    b"elicitationId",
    b"subscriptionId",
    b"requestId",
];
/// What stands in the place of a presented token.
const TOKEN_MARK: &str = "[REDACTED:auth-token]";
/// A member of this name holds a secret wherever it stands, and this takes the place of its value.
const NAMED: (&[u8], &[u8]) = (b"auth_token", b"[REDACTED:generic-api-key]");
/// A shorter token is no secret where none is demanded.
const TOKEN_BYTES_MIN: usize = 8;

/// Whether a string, as it is spelled, holds the secret.
pub(super) fn is_in(secret: &Fake, spelled: &str) -> bool {
    let text = json::read(spelled.as_bytes());
    let text = text.as_ref().and_then(Json::text).unwrap_or_default();
    find(text, secret.text.as_bytes()).is_some()
}

/// The token that a message presents, if it is long enough to be a secret.
fn presented(msg: &Msg, required: bool) -> Option<&[u8]> {
    let least = if required { 1 } else { TOKEN_BYTES_MIN };
    msg.token().and_then(Json::text).filter(|token| token.len() >= least)
}

/// Whether the id of a message that is refused must not be told.
pub(super) fn hides_id(msg: &Msg, secret: Option<&Fake>, required: bool) -> bool {
    let parts = [secret.map(|secret| secret.text.as_bytes()), presented(msg, required)];
    let id = msg.json.get("id").and_then(Json::text).unwrap_or_default();
    parts.into_iter().flatten().any(|part| find(id, part).is_some())
}

impl Edited {
    pub(super) fn new(msg: &Msg, secret: Option<&Fake>, required: bool) -> Result<Self, Reason> {
        let token = presented(msg, required);
        let mut edited = Self { json: Json::Atom(String::new()), changes: vec![], kinds: vec![] };
        let mut members = Vec::new();
        let is_call = msg.json.get("method").is_some();
        for (name, value) in msg.json.members().unwrap_or_default() {
            if name == b"auth_token" {
                edited.note(Change::Cut);
                continue;
            }
            let secret_text = secret.map(|secret| secret.text.as_bytes());
            let holds = |text: &[u8]| {
                [secret_text, token].into_iter().flatten().any(|part| find(text, part).is_some())
            };
            let in_envelope =
                matches!(&name[..], b"id" | b"method") && value.text().is_some_and(holds);
            if holds(name) || in_envelope {
                return Err(Reason::SecretInEnvelope);
            }
            if matches!(&name[..], b"params" | b"result") {
                for (name, value) in value.members().unwrap_or_default() {
                    let Some(text) = value.text().filter(|text| holds(text)) else { continue };
                    if name == b"name" && is_call && !text.is_empty() {
                        return Err(Reason::SecretInEnvelope);
                    }
                    if FIXED.contains(&&name[..]) {
                        return Err(Reason::SecretBlocked);
                    }
                }
            }
            let name = edited.text(name, secret, token);
            members.push((name, edited.value(value, secret, token)));
        }
        edited.json = Json::Object(members);
        edited.changes = edited.kinds.iter().map(|&kind| reason(kind, false)).collect();
        Ok(edited)
    }

    /// Takes denied items out of the list of a result.
    pub(super) fn filter_tools(&mut self, denied: impl Fn(&[u8]) -> bool) {
        let Json::Object(members) = &mut self.json else { return };
        let Some((_, Json::Object(result))) =
            members.iter_mut().find(|(name, _)| name == b"result")
        else {
            return;
        };
        let Some((_, Json::Array(items))) = result.iter_mut().find(|(name, _)| name == b"tools")
        else {
            return;
        };
        let is_denied = |item: &Json| item.get("name").and_then(Json::text).is_some_and(&denied);
        if !items.iter().any(is_denied) {
            return;
        }
        // In the order of their first places: the token in front, the items, the scope.
        let mut kinds = vec![Change::Cut; usize::from(self.kinds.first() == Some(&Change::Cut))];
        for item in items.iter() {
            let secret = if holds(item, TOKEN_MARK) { Change::Token } else { Change::Rule };
            let kind = match is_denied(item) {
                true => Some(Change::Cut),
                false => holds(item, "[REDACTED:").then_some(secret),
            };
            kinds.extend(kind.filter(|kind| !kinds.contains(kind)));
        }
        items.retain(|item| !is_denied(item));
        self.changes = kinds.iter().map(|&kind| reason(kind, true)).collect();
        let scope = result.iter_mut().find(|(name, _)| name == b"cacheScope");
        if let Some((_, scope)) = scope.filter(|(_, scope)| scope.text() == Some(b"public")) {
            *scope = Json::Text(b"private".to_vec());
            self.changes.push(Reason::ListFiltered);
        }
    }

    fn note(&mut self, kind: Change) {
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
    }

    fn value(&mut self, value: &Json, secret: Option<&Fake>, token: Option<&[u8]>) -> Json {
        match value {
            Json::Atom(atom) => Json::Atom(atom.clone()),
            Json::Text(text) => Json::Text(self.text(text, secret, token)),
            Json::Array(items) => {
                Json::Array(items.iter().map(|item| self.value(item, secret, token)).collect())
            }
            Json::Object(members) => Json::Object(
                members
                    .iter()
                    .map(|(name, value)| {
                        let value = self.member(name, value, secret, token);
                        (self.text(name, secret, token), value)
                    })
                    .collect(),
            ),
        }
    }

    /// The value of a member below the envelope, whose name may tell of it.
    fn member(
        &mut self,
        name: &[u8],
        value: &Json,
        secret: Option<&Fake>,
        token: Option<&[u8]>,
    ) -> Json {
        let is_presented = |text| token.is_some_and(|token| find(text, token).is_some());
        match value {
            // Where redaction is off, no fake is known.
            Json::Text(text) if secret.is_some() && name == NAMED.0 && !is_presented(text) => {
                self.note(Change::Named);
                Json::Text(NAMED.1.to_vec())
            }
            value => self.value(value, secret, token),
        }
    }

    fn text(&mut self, text: &[u8], secret: Option<&Fake>, token: Option<&[u8]>) -> Vec<u8> {
        let mut out = Vec::new();
        let mut rest = text;
        loop {
            let secret = secret.and_then(|secret| {
                let at = find(rest, secret.text.as_bytes())?;
                Some((at, secret.text.len(), &secret.mark[..], Change::Rule))
            });
            let token = token.and_then(|token| {
                Some((find(rest, token)?, token.len(), TOKEN_MARK, Change::Token))
            });
            let Some((at, len, mark, kind)) =
                [secret, token].into_iter().flatten().min_by_key(|f| f.0)
            else {
                out.extend_from_slice(rest);
                return out;
            };
            self.note(kind);
            out.extend_from_slice(&rest[..at]);
            out.extend_from_slice(mark.as_bytes());
            rest = &rest[at + len..];
        }
    }
}

fn reason(kind: Change, filtered: bool) -> Reason {
    match kind {
        Change::Rule | Change::Named | Change::Token => Reason::Redacted,
        Change::Cut if filtered => Reason::ListFiltered,
        Change::Cut => Reason::TokenCut,
    }
}

/// Whether a text in it holds this mark.
fn holds(json: &Json, mark: &str) -> bool {
    match json {
        Json::Atom(_) => false,
        Json::Text(text) => find(text, mark.as_bytes()).is_some(),
        Json::Array(items) => items.iter().any(|item| holds(item, mark)),
        Json::Object(members) => members.iter().any(|(_, value)| holds(value, mark)),
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
