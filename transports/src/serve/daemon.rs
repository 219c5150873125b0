//! The daemon: one loop over all sockets, sessions and processes.
//!
//! Invariant: nothing here waits for one client or one server. A turn of a client is bounded, and
//! what it leaves undone is done after the others had theirs: those whose descriptors said something
//! come first, and of those with work left over one at a time, so that a client with little to do
//! waits for one busy client, however many there are.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::time::Duration;

use mio::event::Event;
use mio::{Events, Token};
use rustix::process::Rlimit;

use super::activation::{Handed, tell_ready, tell_stopping};
use super::answering::{CONTROLS, Control};
use super::clients::{Clients, FIRST_TOKEN};
use super::door::{Door, TOKENS_EACH};
use super::launches::Launches;
use super::listener::{Accepted, BindError};
use super::plan::Plan;
use super::service::Service;
use super::shortage::Shortage;
use crate::error::RunError;
use crate::host::{Host, SIGNALS};
use crate::log::{Entry, Level, Value};
use crate::process::{Child, Told};
use crate::recorder::Recorder;

/// What a daemon is made of.
pub struct Setup {
    /// What the configuration says.
    pub plan: Plan,
    /// Reads the configuration again, and opens its logs anew.
    pub reload: Reload,
    /// Where decisions are recorded.
    pub recorder: Recorder,
    /// Sockets that were opened for us.
    pub handed: Handed,
}

/// Reads the configuration again; a text says why it cannot be used.
pub type Reload = Box<dyn FnMut() -> Result<(Plan, Recorder), String>>;

/// A daemon at work.
pub struct Daemon {
    pub(super) host: Host,
    pub(super) plan: Plan,
    pub(super) reload: Reload,
    pub(super) services: Vec<Service>,
    /// Where clients come in; a place is used again.
    pub(super) doors: Vec<Option<Door>>,
    /// Sockets that were opened for us, and that no server needs.
    pub(super) handed: Handed,
    pub(super) clients: Clients,
    /// Those who give orders.
    pub(super) controls: Vec<Control>,
    pub(super) launches: Launches,
    /// Servers that were killed and are not reaped yet, and their services.
    pub(super) dying: Vec<(usize, Child)>,
    /// Server processes that run, or are about to, or are not reaped yet.
    pub(super) children: u32,
    /// The number of the last client.
    pub(super) last_number: u64,
    /// Places of clients that have something to do.
    pub(super) touched: Vec<usize>,
    /// Places of clients whose last turn ended before their work did.
    pub(super) busy: VecDeque<usize>,
    /// Since when the system was short of something.
    pub(super) shortage: Shortage,
    /// When the drain has to be over.
    pub(super) drain_until: Option<u64>,
    /// The limits on the number of descriptors that servers get.
    pub(super) descriptors: Option<Rlimit>,
}

/// Why a daemon could not start or go on.
#[derive(Debug)]
pub enum ServeError {
    /// A socket cannot be listened on: the key that names it, and why.
    Bind(String, BindError),
    /// There are more servers than a daemon takes.
    Servers,
    /// A session's reason that concerns all.
    Run(RunError),
}

impl Daemon {
    /// Opens all sockets. Nobody is accepted before [`Daemon::run`].
    ///
    /// # Errors
    /// [`ServeError`]; nothing is left behind.
    pub fn start(setup: Setup) -> Result<Self, ServeError> {
        let Setup { plan, reload, recorder, handed } = setup;
        let mut daemon = Daemon {
            host: Host::start(recorder)?,
            services: Vec::new(),
            doors: Vec::new(),
            handed,
            clients: Clients::default(),
            controls: Vec::new(),
            launches: Launches::default(),
            dying: Vec::new(),
            children: 0,
            last_number: 0,
            touched: Vec::new(),
            busy: VecDeque::new(),
            shortage: Shortage::default(),
            drain_until: None,
            descriptors: raise_descriptors(),
            plan,
            reload,
        };
        let plan = std::mem::take(&mut daemon.plan);
        let opened = daemon.open(&plan)?;
        daemon.plan = plan;
        daemon.install(opened);
        daemon.tell_handed();
        Ok(daemon)
    }

    /// The paths that are listened on, by the names of their servers.
    pub fn listening(&self) -> impl Iterator<Item = (&str, &std::path::Path)> {
        self.doors
            .iter()
            .flatten()
            .filter_map(|door| Some((self.services[door.service].name.as_str(), door.path()?)))
    }

    /// Serves until a signal ends it and everything is cleared away.
    ///
    /// # Errors
    /// [`ServeError`] if we ourselves failed. Nothing is left running in any case.
    pub fn run(mut self) -> Result<(), ServeError> {
        tell_ready(self.plan.serve.clients_max);
        let result = self.serve();
        let places: Vec<usize> = self.clients.iter_mut().map(|(place, _)| place).collect();
        places.into_iter().for_each(|place| self.end(place));
        for (_, child) in self.dying.drain(..) {
            let _ = child.end();
        }
        let _ = self.host.write_errors();
        result
    }

    fn serve(&mut self) -> Result<(), ServeError> {
        let mut events = Events::with_capacity(256);
        // Empty here: whoever has something to do during these turns stands in the next.
        let mut places = Vec::new();
        loop {
            self.accept();
            std::mem::swap(&mut places, &mut self.touched);
            for place in places.drain(..) {
                self.turn(place, ROUNDS_FIRST)?;
            }
            if let Some(place) = self.busy.pop_front() {
                self.turn(place, ROUNDS_BUSY)?;
            }
            // What is reaped makes room for those who wait to be started.
            self.reap();
            let start_at = self.start_servers();
            self.settle_questions();
            if self.drain_until.is_some() && self.clients.is_empty() && self.dying.is_empty() {
                return Ok(());
            }
            self.host.write_errors()?;
            self.host.wait(&mut events, self.timeout(start_at))?;
            for event in &events {
                self.note(event);
            }
            places.extend(self.clients.due(self.host.now.monotonic_ms));
            places.drain(..).for_each(|place| self.touch(place));
            self.force_drain();
        }
    }

    fn timeout(&self, start_at: Option<u64>) -> Option<Duration> {
        let now = self.host.now.monotonic_ms;
        let accepts = self.doors.iter().flatten().any(|door| door.ready && door.clients.is_some());
        let short_ms = self.shortage.remaining_ms(now);
        if (accepts && short_ms == 0) || !self.touched.is_empty() || !self.busy.is_empty() {
            return Some(Duration::ZERO);
        }
        let drain = self.drain_until.map(|until| until + FORCE_MS);
        let accept_at = accepts.then_some(now + short_ms);
        let asked = self.questions_due();
        let at = [self.clients.next_due(), start_at, accept_at, drain, asked];
        let at = at.into_iter().flatten().min()?;
        Some(Duration::from_millis(at.saturating_sub(now)))
    }

    fn note(&mut self, event: &Event) {
        match event.token() {
            SIGNALS => self.host.told().into_iter().for_each(|told| self.heed(told)),
            CONTROLS => self.note_controls(),
            _ if self.host.note(event) => {}
            Token(token) if token < FIRST_TOKEN => self.note_door(token - FIRST_DOOR),
            Token(token) => {
                let place = Clients::place_of(token);
                if let Some(client) = self.clients.get_mut(place) {
                    client.session.note(event, self.host.registry());
                    self.touch(place);
                }
            }
        }
    }

    fn heed(&mut self, told: Told) {
        match told {
            Told::Report => {
                let text = self.snapshot().text();
                if self.host.errors.has_room() {
                    self.host.errors.tail().extend_from_slice(text.as_bytes());
                }
            }
            Told::Child => self.note_children(),
            Told::HangUp => self.reload(),
            Told::Leave => self.drain(),
        }
    }

    /// The first time: no new clients, and those that are here may end what they began. The second
    /// time: everything ends.
    fn drain(&mut self) {
        let now = self.host.now.monotonic_ms;
        let first = self.drain_until.is_none();
        let until = if first { now + self.plan.serve.drain_ms } else { now };
        self.drain_until = Some(until);
        if first {
            tell_stopping();
            // Whoever asks how we are is still told.
            self.doors.iter_mut().flatten().for_each(|door| door.clients = None);
            let fields = [("sessions", Value::Number(self.clients.len() as u64))];
            self.tell(Level::Info, "draining", &fields);
        }
        let mut places = Vec::with_capacity(self.clients.len());
        for (place, client) in self.clients.iter_mut() {
            client.session.drain(&mut self.host.world(), until);
            if !first {
                client.session.hasten(now);
            }
            places.push(place);
        }
        places.into_iter().for_each(|place| self.touch(place));
    }

    /// Ends what is left when the drain is over and everybody had a moment to read.
    fn force_drain(&mut self) {
        let now = self.host.now.monotonic_ms;
        if self.drain_until.is_some_and(|until| until + FORCE_MS <= now) {
            let places: Vec<usize> = self.clients.iter_mut().map(|(place, _)| place).collect();
            places.into_iter().for_each(|place| self.end(place));
        }
    }

    /// Accepts some of those who wait.
    fn accept(&mut self) {
        let now = self.host.now.monotonic_ms;
        if self.shortage.remaining_ms(now) > 0 {
            return;
        }
        for at in 0..self.doors.len() {
            for _ in 0..ACCEPTS_MAX {
                let Some(door) = &mut self.doors[at] else { break };
                let Some(clients) = door.clients.as_ref().filter(|_| door.ready) else { break };
                match clients.accept() {
                    Accepted::Client(socket) => {
                        let service = door.service;
                        self.admit(service, socket);
                    }
                    Accepted::Nobody => door.ready = false,
                    Accepted::Full => {
                        self.note_shortage();
                        return;
                    }
                }
            }
        }
    }

    /// Says what is odd about sockets that were handed to us.
    fn tell_handed(&mut self) {
        for left in self.handed.left().collect::<Vec<_>>() {
            let fields = [("socket", Value::Text(&left))];
            self.tell(Level::Warn, "a socket was handed to us that no server names", &fields);
        }
        let perm = self.plan.socket.perm;
        let open: Vec<String> = self
            .doors
            .iter()
            .flatten()
            .filter_map(|door| door.clients.as_ref())
            .filter(|clients| !clients.is_made() && perm & 0o022 == 0 && clients.lets_others_in())
            .map(|clients| clients.path().display().to_string())
            .collect();
        for path in open {
            let fields = [("socket", Value::Text(&path))];
            let what = "the mode of a socket that was handed to us lets others in; SocketMode=0600 mends that";
            self.tell(Level::Warn, what, &fields);
        }
    }

    /// The system is short of descriptors, processes or memory: nobody is accepted and nothing is
    /// started for a moment. When to try again.
    pub(super) fn note_shortage(&mut self) -> u64 {
        let now = self.host.now.monotonic_ms;
        if self.shortage.begin(now) {
            let what = "the system has no descriptor, process or memory left; raise its limits (ulimit -n, ulimit -u), or lower serve.clients_max";
            self.tell(Level::Error, what, &[]);
        }
        now + self.shortage.remaining_ms(now)
    }

    /// Something can be done for a client.
    pub(super) fn touch(&mut self, place: usize) {
        if let Some(client) = self.clients.get_mut(place)
            && !std::mem::replace(&mut client.touched, true)
        {
            self.touched.push(place);
        }
    }

    /// Says something about the daemon as a whole.
    pub(super) fn tell(&mut self, level: Level, what: &str, fields: &[(&str, Value<'_>)]) {
        let entry = Entry { level, time: self.host.now, session: None, server: "", what, fields };
        self.host.recorder.entry(&entry);
    }
}

/// Lets us hold as many descriptors as the system allows, and says what servers get instead: a
/// program with `select(2)` must not have more than it was made for.
fn raise_descriptors() -> Option<Rlimit> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let original = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: original.maximum, maximum: original.maximum };
    setrlimit(Resource::Nofile, raised).is_ok().then_some(original)
}

/// In a round a client is read once, and at most 64 KiB are judged or 64 frames refused: a hundred
/// microseconds. One that has little to do does it in the first round and rests in the second.
const ROUNDS_FIRST: usize = 2;
/// So many rounds a busy client has while the others wait.
const ROUNDS_BUSY: usize = 1;
/// The tokens of doors; those of clients follow.
pub(super) const FIRST_DOOR: usize = 0;
/// More servers than this are a mistake; each needs two tokens below those of the clients.
pub(super) const SERVICES_MAX: usize = (FIRST_TOKEN - FIRST_DOOR) / TOKENS_EACH / 2;
/// So many clients of one server are accepted before the others have a turn.
const ACCEPTS_MAX: usize = 32;
/// After the drain, clients have so long to read what they are owed, and servers to end.
const FORCE_MS: u64 = 2_500;

impl From<io::Error> for ServeError {
    fn from(error: io::Error) -> Self {
        ServeError::Run(RunError::System(error))
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ServeError::Bind(key, error) => write!(f, "{key}: {error}"),
            ServeError::Servers => {
                write!(f, "a daemon takes at most {SERVICES_MAX} servers; start another one")
            }
            ServeError::Run(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ServeError {}
