//! What a host says of a peer, as C hands it over.

use std::ffi::c_char;

use portcullis_engine::Facts;
use portcullis_engine::identity::{Credential, Source};
use portcullis_engine::quota::Subject;

use crate::border::{self, Record};
use crate::gate::header;
use crate::guard::address;
use crate::numbers::{PORTCULLIS_SOURCE_BEARER, PORTCULLIS_SOURCE_HEADER, PORTCULLIS_SOURCE_QUERY};
use crate::status::PORTCULLIS_STATUS_BAD_NUMBER;

/// Who a peer is, as far as the host knows; the host vouches for it. Everything may be left 0. Of a
/// server only its name counts; of the client all but its name.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct portcullis_facts {
    /// `sizeof(portcullis_facts)`, set by the caller.
    pub struct_size: u32,
    /// Whether `user` is told: 0 or 1.
    pub has_user: u32,
    /// The user that the client runs as, by its number, as a Unix socket tells it.
    pub user: u32,
    /// How the credential came, `PORTCULLIS_SOURCE_...`.
    pub source: u32,
    /// The host's number for the session.
    pub session: u64,
    /// The peer's name, for events and rules, cut to 62 bytes.
    pub name: *const c_char,
    /// Its length in bytes.
    pub name_len: usize,
    /// The client's address, without a port; of length 0 for none, as with pipes and Unix sockets. One
    /// out of a header is one only if a trusted proxy wrote it: `portcullis_guard_client_address`.
    pub address: *const c_char,
    /// Its length in bytes.
    pub address_len: usize,
    /// What the client presented beside its messages, such as a bearer token, as
    /// `portcullis_credential_read` gives it; of length 0 for none, and none if it has over 16,384 bytes.
    /// An `auth_token` of a message goes before it. The library copies and wipes it.
    pub credential: *const c_char,
    /// Its length in bytes.
    pub credential_len: usize,
    /// The value of the client's `Origin`; NULL if it has none.
    pub origin: *const c_char,
    /// Its length in bytes.
    pub origin_len: usize,
    /// The value of the client's `Host`; NULL if it has none.
    pub host: *const c_char,
    /// Its length in bytes.
    pub host_len: usize,
}

// SAFETY: `repr(C)`, begins with `struct_size`, and holds numbers and pointers only.
unsafe impl Record for portcullis_facts {}

impl portcullis_facts {
    pub(crate) fn facts(&self) -> Result<Facts, u32> {
        let mut facts = Facts::new(self.session, border::text(self.name, self.name_len)?);
        facts.address = match border::text(self.address, self.address_len)? {
            "" => None,
            text => Some(address(text)?),
        };
        facts.user = (self.has_user != 0).then_some(self.user);
        let token = border::text(self.credential, self.credential_len)?;
        facts.credential = Credential::new(source(self.source)?, token);
        facts.origin = header(self.origin, self.origin_len)?.map(str::to_owned);
        facts.host = header(self.host, self.host_len)?.map(str::to_owned);
        Ok(facts)
    }

    /// Whom attempts and bans are counted for: the address, else the user, else the session.
    pub(crate) fn subject(&self) -> Result<Subject, u32> {
        let facts = self.facts()?;
        Ok(match (facts.address, facts.user) {
            (Some(address), _) => Subject::address(address),
            (None, Some(user)) => Subject::of(&[b"user", &user.to_le_bytes()]),
            (None, None) => Subject::session(facts.session),
        })
    }
}

fn source(number: u32) -> Result<Source, u32> {
    let known = Source::ALL.iter().find(|source| **source as u32 == number);
    known.copied().ok_or(PORTCULLIS_STATUS_BAD_NUMBER)
}

/// Reads the credential in what an HTTP server holds, strictly, into a buffer; no NUL stands behind it.
/// 16,384 bytes are enough. `*token_len` is 0 if there is none, or nothing that two readers read alike.
///
/// - `PORTCULLIS_SOURCE_BEARER`: `text` is the value of `Authorization`, `name` its scheme: `Bearer`.
/// - `PORTCULLIS_SOURCE_HEADER`: `text` is the value of another header; `name` is not read.
/// - `PORTCULLIS_SOURCE_QUERY`: `text` is the query of a URL without its `?`, `name` that of the
///   parameter. One that stands there twice is none.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_credential_read(
    source: u32,
    text: *const u8,
    text_len: usize,
    name: *const c_char,
    name_len: usize,
    token: *mut c_char,
    token_capacity: usize,
    token_len: *mut usize,
) -> u32 {
    border::guard(|| {
        let len = border::out(token_len)?;
        let bytes = border::bytes(text, text_len)?;
        let name = border::text(name, name_len)?;
        let read = match source {
            PORTCULLIS_SOURCE_BEARER => Credential::from_authorization(bytes, name),
            PORTCULLIS_SOURCE_HEADER => Credential::from_header(bytes),
            PORTCULLIS_SOURCE_QUERY => {
                str::from_utf8(bytes).ok().and_then(|query| Credential::from_query(query, name))
            }
            _ => return Err(PORTCULLIS_STATUS_BAD_NUMBER),
        };
        let found = read.as_ref().map_or(&[][..], Credential::token);
        if !found.is_empty() {
            border::copy(found, token, token_capacity)?;
        }
        len.write(found.len());
        Ok(())
    })
}
