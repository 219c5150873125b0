//! The key that placeholders of sealed secrets are made with: random, one for the life of the
//! process, so that they stay the same when the configuration is read again.

use std::sync::OnceLock;

use portcullis_engine::SealKey;

/// The key of this process; none if the system has no random bytes to give, and then nothing can be
/// sealed.
pub fn of_process() -> Option<SealKey> {
    static KEY: OnceLock<Option<SealKey>> = OnceLock::new();
    let make = || {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).ok()?;
        Some(SealKey::new(bytes))
    };
    KEY.get_or_init(make).clone()
}
