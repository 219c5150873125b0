//! Sealed secrets: a placeholder goes out in the place of each, and the table of a session knows
//! what it stands for.
//!
//! A placeholder is a keyed digest over session, side, rule and secret: stable, and not to be
//! guessed. It is spelled in characters that need no escape at any depth. The table never forgets
//! while the session lasts, and is wiped with it.
//!
//! Invariant: at most `max` entries, whose secrets have at most `max` KiB together.

use std::ops::Range;

use memchr::memmem;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::base::side::Side;
use crate::redact::SealKey;

/// How every placeholder begins.
pub(crate) const HEAD: &[u8] = b"[SEALED:";
/// Characters of the digest: 130 bits.
const DIGEST_CHARS: usize = 26;
/// Longest placeholder: that of a rule with the longest name.
const PLACEHOLDER_BYTES_MAX: usize = HEAD.len() + 64 + 1 + DIGEST_CHARS + 1;

/// One sealed secret.
#[derive(Clone)]
pub(crate) struct Sealed {
    placeholder: Box<[u8]>,
    secret: Zeroizing<Box<[u8]>>,
}

impl Sealed {
    pub(crate) fn placeholder(&self) -> &[u8] {
        &self.placeholder
    }

    pub(crate) fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// The name of the rule that found it.
    pub(crate) fn rule(&self) -> &str {
        let name = &self.placeholder[HEAD.len()..self.placeholder.len() - DIGEST_CHARS - 2];
        std::str::from_utf8(name).unwrap_or_default()
    }
}

/// What a session has sealed, in the order of the placeholders.
#[derive(Default)]
pub(crate) struct SealTable {
    entries: Vec<Sealed>,
}

impl SealTable {
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The placeholder that stands at this place of a text, if it is one of this session.
    pub(crate) fn at(&self, text: &[u8], at: usize) -> Option<&Sealed> {
        let rest = &text[at..];
        // No placeholder begins another one, so none sorts between it and what begins with it.
        let place = self.entries.partition_point(|sealed| &*sealed.placeholder <= rest);
        let last = self.entries.get(place.checked_sub(1)?)?;
        rest.starts_with(&last.placeholder).then_some(last)
    }

    /// Where the placeholders of this session stand in a text, from left to right.
    pub(crate) fn places<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        let heads = (!self.is_empty()).then(|| memmem::find_iter(text, HEAD));
        heads.into_iter().flatten().filter_map(|start| {
            self.at(text, start).map(|sealed| start..start + sealed.placeholder.len())
        })
    }

    /// Keeps what a frame that leaves has sealed.
    pub(crate) fn keep(&mut self, new: &[Sealed]) {
        for sealed in new {
            let place =
                self.entries.partition_point(|known| known.placeholder < sealed.placeholder);
            self.entries.insert(place, sealed.clone());
        }
    }

    pub(crate) fn memory(&self) -> usize {
        memory(&self.entries) + (self.entries.capacity() - self.entries.len()) * size_of::<Sealed>()
    }

    /// Most bytes of memory for so many entries.
    pub(crate) fn memory_max(max: u32) -> usize {
        max as usize * (2 * size_of::<Sealed>() + PLACEHOLDER_BYTES_MAX + SECRET_BYTES_EACH)
    }
}

/// Room for the secret of one entry; a long one may take that of others.
const SECRET_BYTES_EACH: usize = 1 << 10;

/// Bytes of memory of these.
pub(crate) fn memory(sealed: &[Sealed]) -> usize {
    sealed.iter().map(|one| size_of::<Sealed>() + one.placeholder.len() + one.secret.len()).sum()
}

/// What it takes to seal: the session's table and key.
#[derive(Clone, Copy)]
pub(crate) struct Sealer<'a> {
    pub table: &'a SealTable,
    pub key: &'a SealKey,
    pub session: u64,
    pub side: Side,
    /// Most entries.
    pub max: u32,
}

impl Sealer<'_> {
    /// Appends the placeholder for a secret, and to `new` what the table does not know yet; false
    /// if there is no room for it.
    pub(crate) fn seal(
        &self,
        rule: &str,
        secret: &[u8],
        new: &mut Vec<Sealed>,
        out: &mut Vec<u8>,
    ) -> bool {
        let from = out.len();
        self.write_placeholder(rule, secret, out);
        let known = self.table.entries.iter().chain(&*new);
        if known.clone().any(|sealed| *sealed.placeholder == out[from..]) {
            return true;
        }
        let (count, bytes) =
            known.fold((0, 0), |(count, bytes), one| (count + 1, bytes + one.secret.len()));
        let max = self.max as usize;
        if count >= max || bytes + secret.len() > max * SECRET_BYTES_EACH {
            out.truncate(from);
            return false;
        }
        new.push(Sealed { placeholder: out[from..].into(), secret: Zeroizing::new(secret.into()) });
        true
    }

    fn write_placeholder(&self, rule: &str, secret: &[u8], out: &mut Vec<u8>) {
        let parts: [&[u8]; 5] = [
            b"portcullis seal",
            &self.session.to_le_bytes(),
            &[self.side as u8],
            rule.as_bytes(),
            secret,
        ];
        let digest = keyed(self.key.bytes(), &parts);
        out.extend_from_slice(HEAD);
        out.extend_from_slice(rule.as_bytes());
        out.push(b':');
        let bits = |at: usize| {
            let pair = u16::from_be_bytes([digest[at / 8], digest[at / 8 + 1]]);
            usize::from(pair >> (11 - at % 8) & 31)
        };
        out.extend((0..DIGEST_CHARS).map(|i| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[bits(5 * i)]));
        out.push(b']');
    }
}

/// HMAC-SHA-256 (RFC 2104) over the parts, each behind its length.
fn keyed(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut pads = Zeroizing::new([[0x36_u8; 64], [0x5c_u8; 64]]);
    for pad in pads.iter_mut() {
        pad.iter_mut().zip(key).for_each(|(pad, key)| *pad ^= key);
    }
    let mut inner = Sha256::new().chain_update(pads[0]);
    for part in parts {
        inner.update((part.len() as u64).to_le_bytes());
        inner.update(part);
    }
    Sha256::new().chain_update(pads[1]).chain_update(inner.finalize()).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(sealer: &Sealer<'_>, rule: &str, secret: &[u8]) -> String {
        let (mut new, mut out) = (Vec::new(), Vec::new());
        assert!(sealer.seal(rule, secret, &mut new, &mut out));
        assert_eq!((new[0].rule(), new[0].secret()), (rule, secret));
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_placeholder_is_stable_and_tells_everything_apart() {
        let (table, key, other) =
            (SealTable::default(), SealKey::new([7; 32]), SealKey::new([8; 32]));
        let sealer = Sealer { table: &table, key: &key, session: 1, side: Side::Server, max: 64 };
        let one = sealed(&sealer, "rule", b"SECRET-1");
        assert_eq!(one, sealed(&sealer, "rule", b"SECRET-1"));
        assert!(one.starts_with("[SEALED:rule:") && one.len() == 13 + 26 + 1, "{one}");
        let others = [
            sealed(&sealer, "rule", b"SECRET-2"),
            sealed(&sealer, "ruleS", b"ECRET-1"),
            sealed(&Sealer { session: 2, ..sealer }, "rule", b"SECRET-1"),
            sealed(&Sealer { side: Side::Client, ..sealer }, "rule", b"SECRET-1"),
            sealed(&Sealer { key: &other, ..sealer }, "rule", b"SECRET-1"),
        ];
        for other in others {
            assert_ne!(one[13..], other[other.len() - 27..]);
        }
    }

    #[test]
    fn the_table_takes_so_many_and_so_much() {
        let (mut table, key) = (SealTable::default(), SealKey::new([7; 32]));
        for (n, room) in [(1_usize, true), (2, true), (3, false), (2, true)] {
            let sealer =
                Sealer { table: &table, key: &key, session: 1, side: Side::Server, max: 2 };
            let (mut new, mut out) = (Vec::new(), Vec::new());
            assert_eq!(sealer.seal("r", &vec![b'x'; n], &mut new, &mut out), room, "{n}");
            assert_eq!(out.is_empty(), !room);
            table.keep(&new);
        }
        assert!(table.memory() <= SealTable::memory_max(2));
        let empty = SealTable::default();
        let sealer = Sealer { table: &empty, key: &key, session: 1, side: Side::Server, max: 2 };
        for (len, room) in [(2 << 10, true), ((2 << 10) + 1, false)] {
            let (mut new, mut out) = (Vec::new(), Vec::new());
            assert_eq!(sealer.seal("r", &vec![b'x'; len], &mut new, &mut out), room, "{len}");
        }
    }

    /// RFC 4231, test case 1, keyed with twenty bytes 0x0b: a shorter key is padded with zeroes.
    #[test]
    fn the_digest_is_an_hmac() {
        let mut key = [0; 32];
        key[..20].fill(0x0b);
        let mut inner = vec![0x36_u8; 64];
        inner.iter_mut().zip(key).for_each(|(pad, key)| *pad ^= key);
        inner.extend_from_slice(b"Hi There");
        let mut outer = vec![0x5c_u8; 64];
        outer.iter_mut().zip(key).for_each(|(pad, key)| *pad ^= key);
        outer.extend_from_slice(&Sha256::digest(&inner));
        let start = [0xb0, 0x34, 0x4c, 0x61];
        assert_eq!(Sha256::digest(&outer)[..4], start);
        // The parts are framed by their lengths: the same computation over the framed text.
        let mut framed = inner[..64].to_vec();
        framed.extend_from_slice(&8_u64.to_le_bytes());
        framed.extend_from_slice(b"Hi There");
        outer.truncate(64);
        outer.extend_from_slice(&Sha256::digest(&framed));
        assert_eq!(keyed(&key, &[b"Hi There"])[..], Sha256::digest(&outer)[..]);
    }
}
