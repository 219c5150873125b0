//! Whom a limit counts, and under which rule.
//!
//! Addresses, tokens and tools are chosen by strangers, so a key holds 128 bits of SHA-256: no two
//! that anybody can find have one key. Tables order keys and hash none, so there is nothing to
//! flood.

use core::net::{IpAddr, Ipv6Addr};

use sha2::{Digest, Sha256};

/// Somebody or something that a limit counts apart from others: an address, a principal, a session,
/// a server, a tool. Made once, kept as long as it stays the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject([u64; 2]);

impl Subject {
    /// All together.
    pub const GLOBAL: Self = Self([0; 2]);

    /// The subject of these parts, in this order: a tool is its server and its name. No two lists of
    /// parts have one subject.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let digest: [u8; 32] = hash.finalize().into();
        let word = |at: usize| {
            u64::from_le_bytes(digest[at..at + 8].try_into().expect("eight bytes of 32"))
        };
        Self([word(0), word(8)])
    }

    /// Half of the digest.
    pub(crate) fn word(self) -> u64 {
        self.0[0]
    }

    /// The subject of an address. Of an IPv6 address the first 64 bits count, since who has one has
    /// 2^64 of them (RFC 4291 section 2.5.1); one that maps an IPv4 address is that (section
    /// 2.5.5.2).
    #[must_use]
    pub fn address(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(four) => Self::of(&[b"4", &four.octets()]),
            IpAddr::V6(six) => {
                let net = Ipv6Addr::from_bits(six.to_bits() >> 64 << 64);
                Self::of(&[b"6", &net.octets()])
            }
        }
    }

    /// The subject of a tool of a server.
    #[must_use]
    pub fn tool(server: &str, tool: &str) -> Self {
        Self::of(&[b"tool", server.as_bytes(), tool.as_bytes()])
    }

    /// The subject of a session, by the host's number for it.
    #[must_use]
    pub fn session(session: u64) -> Self {
        Self::of(&[b"session", &session.to_le_bytes()])
    }
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subject")
    }
}

/// Who makes up the subjects of a rule. Each crowd has places of its own in the tables, so that one
/// that is flooded keeps only its own newcomers out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crowd {
    /// The host and its configuration: principals, sessions, servers, all together.
    Known = 0,
    /// Whoever has many addresses.
    Addresses = 1,
    /// Clients, which may call tools that are none.
    Tools = 2,
}

impl Crowd {
    pub(crate) const COUNT: usize = 3;
}

/// A rule, as keys name it: by what makes it the same rule after its policy was swapped, so that
/// neither a new order of rules nor another number gives anybody a full bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag(u64);

impl Tag {
    /// Bans by the host.
    pub(crate) const BAN: Self = Self(1 << 2);
    /// Failed attempts.
    pub(crate) const LOCKOUT: Self = Self(2 << 2);
    /// Breakers of servers.
    pub(crate) const BREAKER: Self = Self(3 << 2);

    /// The tag of what these parts name. They come from the configuration, so 64 bits are enough.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        Self(Subject::of(parts).0[0]).by(Crowd::Known)
    }

    /// The tag of a rule whose subjects such a crowd makes up.
    pub(crate) const fn by(self, crowd: Crowd) -> Self {
        Self(self.0 & !Self::CROWD | crowd as u64)
    }

    /// The bits of a tag that tell the crowd.
    const CROWD: u64 = 0b11;

    /// The key of this subject under this rule.
    #[must_use]
    pub const fn key(self, subject: Subject) -> Key {
        Key { tag: self, subject }
    }
}

/// One subject under one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    tag: Tag,
    subject: Subject,
}

impl Key {
    /// The smallest key.
    pub(crate) const MIN: Self = Self { tag: Tag(0), subject: Subject([0; 2]) };
    /// The greatest key.
    pub(crate) const MAX: Self = Self { tag: Tag(u64::MAX), subject: Subject([u64::MAX; 2]) };

    /// Who made its subject up, by number.
    pub(crate) const fn crowd(&self) -> usize {
        (self.tag.0 & Tag::CROWD) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Subject {
        Subject::address(text.parse().expect("an address"))
    }

    #[test]
    fn parts_are_told_apart() {
        let lists: [&[&[u8]]; 6] =
            [&[], &[b""], &[b"", b""], &[b"ab"], &[b"a", b"b"], &[b"a", b"", b"b"]];
        for (i, a) in lists.iter().enumerate() {
            for b in &lists[..i] {
                assert_ne!(Subject::of(a), Subject::of(b), "{a:?} {b:?}");
            }
        }
        assert_ne!(Subject::of(&[]), Subject::GLOBAL);
    }

    #[test]
    fn who_owns_a_network_is_one_subject() {
        assert_eq!(address("2001:db8::1"), address("2001:db8:0:0:ffff::"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
        assert_ne!(address("::"), address("0.0.0.0"));
    }

    #[test]
    fn a_key_tells_who_made_its_subject_up() {
        for number in 0..64_u8 {
            let tag = Tag::of(&[&[number]]);
            assert_eq!(tag.key(Subject::GLOBAL).crowd(), Crowd::Known as usize);
            for crowd in [Crowd::Tools, Crowd::Addresses, Crowd::Known] {
                assert_eq!(tag.by(crowd).key(Subject::GLOBAL).crowd(), crowd as usize);
                assert_eq!(tag.by(Crowd::Tools).by(crowd), tag.by(crowd));
            }
        }
    }

    #[test]
    fn a_subject_shows_nothing() {
        assert_eq!(format!("{:?}", Subject::of(&[b"SECRET-1"])), "Subject");
    }
}
