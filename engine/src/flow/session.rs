//! What is known of the connection beyond its bytes.

use core::net::IpAddr;
use std::fmt;
use std::sync::Arc;

use crate::base::event::Label;
use crate::base::side::Side;
use crate::identity::{Credential, Identity};
use crate::judge::metering::Subjects;
use crate::judge::peer::Peer;
use crate::judge::policy::Policy;
use crate::quota::{Key, Subject};

/// Who a peer is, as far as the host knows.
///
/// The host vouches for them: an address out of a header is one only if a proxy that is trusted
/// wrote it. `Debug` shows nothing that a peer wrote but the name.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Facts {
    /// The host's number for the session. Taken from the facts of the client.
    pub session: u64,
    /// The name of the peer, shown in events. That of the server is what rules call a server.
    pub name: Label,
    /// The client's address. Without one, as with pipes and Unix sockets, no list of addresses is
    /// asked.
    pub address: Option<IpAddr>,
    /// The user that the client runs as, by its number, as a Unix socket tells it.
    pub user: Option<u32>,
    /// What the client presented beside its messages, such as a bearer token. An `auth_token` of a
    /// message goes before it. It is wiped when other facts are told or the engine is dropped.
    pub credential: Option<Credential>,
    /// The `Origin` of a client that is a web page (RFC 6454 section 7).
    pub origin: Option<String>,
    /// The `Host` that the client asked for (RFC 9110 section 7.2).
    pub host: Option<String>,
}

impl Facts {
    /// Facts of a session with this number.
    #[must_use]
    pub fn new(session: u64, name: &str) -> Self {
        Self { session, name: Label::new(name), ..Self::default() }
    }
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts")
            .field("session", &self.session)
            .field("name", &self.name)
            .field("address", &self.address)
            .field("user", &self.user)
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}

/// The state of a connection.
pub(crate) struct Session {
    /// The host's number.
    pub number: u64,
    /// The server's name.
    pub server: Label,
    /// What the host said of the client.
    pub peer: Option<Box<Peer>>,
    /// Who spoke last for the client.
    pub speaker: Option<Arc<Identity>>,
    /// Whom limits count, as far as it stays the same.
    pub subjects: Subjects,
    /// What it holds as one of the sessions of its principal, once it does.
    pub entered: Option<Vec<Key>>,
    /// The number under which it holds places in the ledger; it stays what it was at first.
    holder: Option<u64>,
    /// When the client last said something that passed, or a request ended.
    pub heard_ms: u64,
    /// The last request that named a revision got a result: 2026-07-28 is spoken.
    pub modern: bool,
    /// The last request that named a revision, by its order of arrival.
    pub last_modern: u64,
    /// `initialize` had its result.
    pub initialized: bool,
    /// A frame with a live token came.
    pub authenticated: bool,
    /// When a drain has to end.
    pub drain_until: Option<u64>,
    /// The drain's time is over, or nothing holds it any more.
    pub drain_over: bool,
    /// Refused frames of each side since the last that passed.
    pub refused_in_a_row: [u32; 2],
}

impl Session {
    pub(crate) fn new(now_ms: u64) -> Self {
        let mut session = Self {
            number: 0,
            server: Label::EMPTY,
            peer: None,
            speaker: None,
            subjects: Subjects::default(),
            entered: None,
            holder: None,
            heard_ms: now_ms,
            modern: false,
            last_modern: 0,
            initialized: false,
            authenticated: false,
            drain_until: None,
            drain_over: false,
            refused_in_a_row: [0; 2],
        };
        session.count_for();
        session
    }

    /// Works out whom limits count.
    fn count_for(&mut self) {
        let session = Subject::session(self.number);
        let address = self.peer.as_ref().and_then(|peer| peer.address);
        let server = Subject::of(&[b"server", self.server.as_str().as_bytes()]);
        let address = address.map_or(session, Subject::address);
        self.subjects = Subjects { address, principal: session, session, server };
    }

    /// Who stands for the client where attempts are counted: its address, its user, or else this
    /// session.
    pub(crate) fn peer_subject(&self) -> Subject {
        let peer = self.peer.as_ref();
        match peer.map(|peer| (peer.address, peer.user)) {
            Some((None, Some(user))) => Subject::of(&[b"user", &user.to_le_bytes()]),
            _ => self.subjects.address,
        }
    }

    /// The number under which it holds places in the ledger.
    pub(crate) fn holder(&mut self) -> u64 {
        *self.holder.get_or_insert(self.number)
    }

    /// A message of the client passed: so says this principal.
    pub(crate) fn hear(&mut self, identity: Option<&Arc<Identity>>) {
        let same = match (&self.speaker, identity) {
            (Some(known), Some(identity)) => Arc::ptr_eq(known, identity),
            (None, None) => true,
            _ => false,
        };
        if !same {
            self.speaker = identity.cloned();
        }
    }

    /// Takes note of who a peer is.
    pub(crate) fn introduce(&mut self, side: Side, facts: Facts) {
        match side {
            Side::Client => {
                self.number = facts.session;
                self.peer = peer_of(facts);
                // Who it is now has still to show it.
                self.authenticated = false;
                self.speaker = None;
            }
            Side::Server => self.server = facts.name,
        }
        self.count_for();
    }

    /// Another policy is in force: whoever spoke for the client has to be somebody in it.
    pub(crate) fn reconsider(&mut self, policy: &Policy) {
        let speaker = self.speaker.take();
        let known = speaker.and_then(|speaker| policy.principals.current(&speaker));
        self.authenticated &= known.is_some();
        self.hear(known.as_ref());
    }

    /// Looks at the credential of the client's facts again.
    pub(crate) fn admit(&mut self, policy: &Policy, wall_ms: u64) {
        if let Some(peer) = &mut self.peer {
            peer.admit(&policy.principals, wall_ms, self.server.as_str());
        }
    }

    /// Whether a drain has had its time: nothing new leaves any more.
    pub(crate) fn is_drained(&self, now_ms: u64) -> bool {
        self.drain_until.is_some_and(|until| until <= now_ms)
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.drain_until.is_some()
    }
}

/// What was said of the client beside its session and its name; `None` if nothing was.
fn peer_of(facts: Facts) -> Option<Box<Peer>> {
    let Facts { address, user, credential, origin, host, .. } = facts;
    // What is too long is no name, and no list holds an empty one.
    let short = |text: String| match text.len() <= Peer::TEXT_BYTES_MAX {
        true => text.into_boxed_str(),
        false => Box::default(),
    };
    let [origin, host] = [origin, host].map(|text| text.map(short));
    let says = address.is_some() || user.is_some() || credential.is_some();
    let is_said = says || origin.is_some() || host.is_some();
    is_said.then(|| Box::new(Peer { address, user, origin, host, credential, admitted: None }))
}
