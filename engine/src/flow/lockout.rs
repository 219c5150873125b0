//! Who guesses tokens is heard no more for a while, whatever connection the guesses come by.

use super::engine::Engine;
use super::ledger::Ledger;
use super::verdict::Examined;
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::identity::IdentityKind;
use crate::judge::reply::{Cause, Refusal};
use crate::quota::Subject;

impl Engine {
    /// What stands against a message of the client because of what its peer did before.
    pub(crate) fn shut_out(&self, side: Side, ledger: &mut Ledger) -> Option<Refusal> {
        if side != Side::Client {
            return None;
        }
        let subject = self.session.peer_subject();
        let banned = ledger.banned_ms(subject).map(|ms| ("ban", ms));
        let is_watched = self.policy.lockout.failures > 0;
        let locked = || {
            let locked = is_watched.then(|| ledger.check_lockout(subject).err()).flatten();
            locked.map(|ms| ("auth.lockout", ms))
        };
        let (word, ms) = banned.or_else(locked)?;
        let rule = Some(Cause::Word(word));
        Some(Refusal { rule, retry_after_ms: Some(ms), ..Reason::LockedOut.into() })
    }

    /// Counts what became of an attempt to authenticate; whether the peer is locked out from now on.
    pub(crate) fn count_attempt(
        &self,
        side: Side,
        examined: &Examined,
        refusal: Option<&Refusal>,
        ledger: &mut Ledger,
    ) -> bool {
        let lockout = &self.policy.lockout;
        if side != Side::Client || lockout.failures == 0 {
            return false;
        }
        let subject: Subject = self.session.peer_subject();
        match refusal.map(|refusal| refusal.reason) {
            Some(Reason::AuthFailed) => ledger.fail_attempt(subject, lockout).is_err(),
            Some(_) => false,
            None => {
                // Who comes from this machine without a credential has proved nothing.
                let kind = examined.identity.as_ref().map(|identity| identity.kind());
                if matches!(kind, Some(IdentityKind::Token | IdentityKind::Jwt)) {
                    ledger.succeed_attempt(subject, lockout);
                }
                false
            }
        }
    }
}
