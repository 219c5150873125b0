//! The daemon: one loop over all sockets, sessions and processes.
//!
//! Invariant: nothing here waits for one client or one server. A turn of a client is bounded, and
//! what it leaves undone is done after the others had theirs.

use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use mio::event::Event;
use mio::{Events, Poll, Token};
use portcullis_engine::{Ledger, Time};
use rustix::process::Rlimit;

use super::activation::{Handed, tell_ready, tell_reloading, tell_stopping};
use super::clients::{Clients, FIRST_TOKEN};
use super::launches::Launches;
use super::listener::{Accepted, BindError, peer_uid};
use super::plan::Plan;
use super::service::{Doors, Service, TOKENS_EACH, launch_of};
use super::status::{Memory, Snapshot, resident_bytes};
use crate::clock::Clock;
use crate::config::ServerSettings;
use crate::error::RunError;
use crate::log::{Entry, Level, Value};
use crate::process::{Child, Signals, Told};
use crate::recorder::Recorder;
use crate::session::World;
use crate::stdio::Errors;

/// What a daemon is made of.
pub struct Setup {
    /// What the configuration says.
    pub plan: Plan,
    /// Reads the configuration again; the text says why it cannot be used.
    pub reload: Box<dyn FnMut() -> Result<Plan, String>>,
    /// Where decisions are recorded.
    pub recorder: Recorder,
    /// Sockets that were opened for us.
    pub handed: Handed,
}

/// A daemon at work.
pub struct Daemon {
    pub(super) poll: Poll,
    clock: Clock,
    pub(super) now: Time,
    signals: Signals,
    pub(super) errors: Errors,
    pub(super) ledger: Ledger,
    pub(super) recorder: Recorder,
    pub(super) plan: Plan,
    reload: Box<dyn FnMut() -> Result<Plan, String>>,
    pub(super) services: Vec<Service>,
    pub(super) clients: Clients,
    pub(super) launches: Launches,
    /// Servers that were killed and are not reaped yet, and their services.
    pub(super) dying: Vec<(usize, Child)>,
    /// Server processes that run, or are about to, or are not reaped yet.
    pub(super) children: u32,
    /// The number of the last client.
    pub(super) last_number: u64,
    /// Places of clients that have something to do.
    pub(super) touched: Vec<usize>,
    /// Since descriptors ran out, nobody is accepted before this time.
    accept_again_at: Option<u64>,
    /// When the drain has to be over.
    pub(super) drain_until: Option<u64>,
    /// The limits on the number of descriptors that servers get.
    descriptors: Option<Rlimit>,
}

/// Why a daemon could not start or go on.
#[derive(Debug)]
pub enum ServeError {
    /// A socket cannot be listened on.
    Bind(BindError),
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
        let Setup { plan, reload, recorder, mut handed } = setup;
        let clock = Clock::start();
        let poll = Poll::new()?;
        let signals = Signals::catch(poll.registry(), SIGNALS)?;
        let mut daemon = Daemon {
            signals,
            errors: Errors::new(ERRORS)?,
            now: clock.now(),
            ledger: Ledger::new(),
            services: Vec::new(),
            clients: Clients::default(),
            launches: Launches::default(),
            dying: Vec::new(),
            children: 0,
            last_number: 0,
            touched: Vec::new(),
            accept_again_at: None,
            drain_until: None,
            descriptors: raise_descriptors(),
            poll,
            clock,
            recorder,
            plan,
            reload,
        };
        let opened = daemon.open(&daemon.plan, &mut handed)?;
        daemon.install(opened)?;
        for left in handed.left().collect::<Vec<_>>() {
            let fields = [("socket", Value::Text(&left))];
            daemon.tell(Level::Warn, "a socket was handed to us that no server names", &fields);
        }
        Ok(daemon)
    }

    /// The paths that are listened on, by the names of their servers.
    pub fn listening(&self) -> impl Iterator<Item = (&str, &std::path::Path)> {
        self.services.iter().filter_map(|service| {
            Some((service.name.as_str(), service.doors.as_ref()?.clients.path()))
        })
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
        self.recorder.take(self.errors.tail());
        let _ = self.errors.flush(self.poll.registry());
        result
    }

    fn serve(&mut self) -> Result<(), ServeError> {
        let mut events = Events::with_capacity(256);
        loop {
            self.accept();
            for place in std::mem::take(&mut self.touched) {
                self.turn(place)?;
            }
            // What is reaped makes room for those who wait to be started.
            self.reap();
            let start_at = self.start_servers();
            if self.drain_until.is_some() && self.clients.is_empty() && self.dying.is_empty() {
                return Ok(());
            }
            self.recorder.take(self.errors.tail());
            self.errors.flush(self.poll.registry())?;
            match self.poll.poll(&mut events, self.timeout(start_at)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => done?,
            }
            self.now = self.clock.now();
            for event in &events {
                self.note(event);
            }
            let due: Vec<usize> = self.clients.due(self.now.monotonic_ms).collect();
            due.into_iter().for_each(|place| self.touch(place));
            self.force_drain();
        }
    }

    fn timeout(&self, start_at: Option<u64>) -> Option<Duration> {
        let now = self.now.monotonic_ms;
        let waits = |service: &Service| service.doors.as_ref().is_some_and(|doors| doors.ready);
        let accepts = self.accept_again_at.is_none() && self.services.iter().any(waits);
        if accepts || !self.touched.is_empty() {
            return Some(Duration::ZERO);
        }
        let drain = self.drain_until.map(|until| until + FORCE_MS);
        let at = [self.clients.next_due(), start_at, self.accept_again_at, drain];
        let at = at.into_iter().flatten().min()?;
        Some(Duration::from_millis(at.saturating_sub(now)))
    }

    fn note(&mut self, event: &Event) {
        match event.token() {
            SIGNALS => {
                let told: Vec<Told> = self.signals.told().collect();
                told.into_iter().for_each(|told| self.heed(told));
            }
            ERRORS => self.errors.note(self.poll.registry()),
            Token(token) if token < FIRST_TOKEN => self.note_door(token - FIRST_DOOR),
            Token(token) => {
                let place = Clients::place_of(token);
                if let Some(client) = self.clients.get_mut(place) {
                    client.session.note(event, self.poll.registry());
                    self.touch(place);
                }
            }
        }
    }

    fn heed(&mut self, told: Told) {
        match told {
            Told::Report => {
                let text = self.snapshot().text();
                if self.errors.has_room() {
                    self.errors.tail().extend_from_slice(text.as_bytes());
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
        let now = self.now.monotonic_ms;
        let first = self.drain_until.is_none();
        let until = if first { now + self.plan.serve.drain_ms } else { now };
        self.drain_until = Some(until);
        if first {
            tell_stopping();
            self.services.iter_mut().for_each(|service| service.doors = None);
            let fields = [("sessions", Value::Number(self.clients.len() as u64))];
            self.tell(Level::Info, "draining", &fields);
        }
        let (mut world, clients) = self.split();
        let mut places = Vec::with_capacity(clients.len());
        for (place, client) in clients.iter_mut() {
            client.session.drain(&mut world, until);
            if !first {
                client.session.hasten(now);
            }
            places.push(place);
        }
        places.into_iter().for_each(|place| self.touch(place));
    }

    /// Ends what is left when the drain is over and everybody had a moment to read.
    fn force_drain(&mut self) {
        let now = self.now.monotonic_ms;
        if self.drain_until.is_some_and(|until| until + FORCE_MS <= now) {
            let places: Vec<usize> = self.clients.iter_mut().map(|(place, _)| place).collect();
            places.into_iter().for_each(|place| self.end(place));
        }
    }

    fn note_door(&mut self, offset: usize) {
        let Some(service) = self.services.get_mut(offset / TOKENS_EACH) else { return };
        let Some(doors) = &mut service.doors else { return };
        if offset.is_multiple_of(TOKENS_EACH) {
            doors.ready = true;
            return;
        }
        let Some(status) = &doors.status else { return };
        let mut askers: Vec<OwnedFd> = Vec::new();
        while let Accepted::Client(asker) = status.accept() {
            if peer_uid(&asker).is_none_or(|uid| uid == rustix::process::geteuid().as_raw()) {
                askers.push(asker);
            }
        }
        if askers.is_empty() {
            return;
        }
        let text = serde_json::to_string(&self.snapshot()).expect("numbers and names are JSON");
        let flags = rustix::net::SendFlags::NOSIGNAL;
        for asker in askers {
            // It fits into the buffer of a socket, so that nobody waits who does not read.
            let _ = rustix::net::send(&asker, text.as_bytes(), flags);
        }
    }

    /// Accepts some of those who wait.
    fn accept(&mut self) {
        let now = self.now.monotonic_ms;
        if self.accept_again_at.is_some_and(|at| at > now) {
            return;
        }
        self.accept_again_at = None;
        for service in 0..self.services.len() {
            for _ in 0..ACCEPTS_MAX {
                let Some(doors) = &mut self.services[service].doors else { break };
                if !doors.ready {
                    break;
                }
                match doors.clients.accept() {
                    Accepted::Client(socket) => self.admit(service, socket),
                    Accepted::Nobody => doors.ready = false,
                    Accepted::Full => {
                        self.accept_again_at = Some(now + ACCEPT_AGAIN_MS);
                        let what = "no descriptor is left for a client; raise the limit (ulimit -n), or lower serve.clients_max";
                        self.tell(Level::Error, what, &[]);
                        return;
                    }
                }
            }
        }
    }

    /// Reads the configuration again. If anything is wrong with it, everything stays as it is.
    fn reload(&mut self) {
        if self.drain_until.is_some() {
            return;
        }
        tell_reloading();
        let outcome = (self.reload)().and_then(|plan| {
            let opened =
                self.open(&plan, &mut Handed::default()).map_err(|error| error.to_string())?;
            self.plan = plan;
            self.install(opened).map_err(|error| error.to_string())
        });
        match outcome {
            Ok(()) => {
                let policy = self.plan.policy.clone();
                let (mut world, clients) = self.split();
                for (_, client) in clients.iter_mut() {
                    client.session.swap_policy(&policy, &mut world);
                }
                self.tell(Level::Info, "the configuration was read again", &[]);
            }
            Err(why) => {
                let fields = [("fault", Value::Text(&why))];
                let what = "the configuration cannot be used; the one before stays in force";
                self.tell(Level::Error, what, &fields);
            }
        }
        tell_ready(self.plan.serve.clients_max);
    }

    /// Opens what a plan needs and is not open yet: `None` for servers that keep their doors.
    fn open(&self, plan: &Plan, handed: &mut Handed) -> Result<Vec<Option<Doors>>, ServeError> {
        if plan.servers.len() + self.services.len() > SERVICES_MAX {
            return Err(ServeError::Servers);
        }
        plan.servers
            .iter()
            .map(|settings| {
                let path = settings.socket.path();
                let known = self.services.iter().find(|service| service.name == settings.name);
                let keeps = known.is_some_and(|service| service.listens_at(&path));
                if keeps || self.renamed(plan, settings).is_some() {
                    return Ok(None);
                }
                Doors::open(settings, &plan.socket, handed).map(Some).map_err(ServeError::Bind)
            })
            .collect()
    }

    /// The service that a server with a new name goes on with: the one that has its socket, if its
    /// own name is no longer in use.
    fn renamed(&self, plan: &Plan, settings: &ServerSettings) -> Option<usize> {
        if self.services.iter().any(|service| service.name == settings.name) {
            return None;
        }
        let path = settings.socket.path();
        let left = |service: &Service| plan.servers.iter().all(|one| one.name != service.name);
        self.services.iter().position(|service| service.listens_at(&path) && left(service))
    }

    /// Puts the plan in force, with the doors that were opened for it.
    fn install(&mut self, opened: Vec<Option<Doors>>) -> Result<(), ServeError> {
        let registry = self.poll.registry();
        for settings in &self.plan.servers {
            if let Some(at) = self.renamed(&self.plan, settings) {
                self.services[at].name.clone_from(&settings.name);
            }
        }
        let names: Vec<&str> = self.plan.servers.iter().map(|one| one.name.as_str()).collect();
        for service in &mut self.services {
            if !names.contains(&service.name.as_str()) {
                service.doors = None;
            }
        }
        for (settings, doors) in self.plan.servers.iter().zip(opened) {
            let known = self.services.iter().position(|service| service.name == settings.name);
            if let (Some(at), None) = (known, &doors) {
                self.services[at].launch = launch_of(settings, self.descriptors).into();
                continue;
            }
            let Some(doors) = doors else { continue };
            let free = self.services.iter().position(Service::is_empty);
            let at = known.or(free).unwrap_or(self.services.len());
            doors.register(registry, FIRST_DOOR + at * TOKENS_EACH)?;
            let service = Service::new(settings, doors, self.descriptors);
            match self.services.get_mut(at) {
                // Its clients stay, and are counted on.
                Some(old) if known.is_some() => {
                    old.doors = service.doors;
                    old.launch = service.launch;
                }
                Some(old) => *old = service,
                None => self.services.push(service),
            }
        }
        for service in self.services.iter().filter(|service| service.doors.is_some()) {
            if let Some(doors) = &service.doors {
                doors.clients.set_perm(self.plan.socket.perm)?;
            }
        }
        Ok(())
    }

    /// How we are.
    fn snapshot(&self) -> Snapshot {
        let now = self.now.monotonic_ms;
        let ledger = &self.ledger;
        let engines = self.clients.iter().map(|client| client.session.metrics().memory_bytes);
        Snapshot {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            uptime_ms: now,
            draining: self.drain_until.is_some(),
            servers: self
                .services
                .iter()
                .filter(|service| !service.is_empty())
                .map(|service| service.status(now))
                .collect(),
            sessions: self.clients.len() as u64,
            sessions_max: self.plan.serve.clients_max.into(),
            children: self.children.into(),
            children_max: self.plan.serve.children_max.into(),
            requests_open: ledger.requests_open,
            frames: ledger.frames,
            changed: ledger.changed,
            refused: ledger.refused,
            refusals: ledger
                .refusals()
                .map(|(reason, count)| (reason.name().to_owned(), count))
                .collect(),
            memory: Memory {
                resident_bytes: resident_bytes(),
                engines_bytes: engines.sum(),
                worst_case_bytes: self.plan.worst_case_bytes,
            },
        }
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
        let entry = Entry { level, time: self.now, session: None, server: "", what, fields };
        self.recorder.entry(&entry);
    }

    pub(super) fn split(&mut self) -> (World<'_>, &mut Clients) {
        let world = World {
            registry: self.poll.registry(),
            now: self.now,
            ledger: &mut self.ledger,
            recorder: &mut self.recorder,
            errors: &mut self.errors,
        };
        (world, &mut self.clients)
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

const SIGNALS: Token = Token(0);
const ERRORS: Token = Token(1);
const FIRST_DOOR: usize = 2;
/// More servers than this are a mistake; each needs two tokens below those of the clients.
const SERVICES_MAX: usize = (FIRST_TOKEN - FIRST_DOOR) / TOKENS_EACH / 2;
/// So many clients of one server are accepted before the others have a turn.
const ACCEPTS_MAX: usize = 32;
/// After descriptors ran out, so long nobody is accepted.
const ACCEPT_AGAIN_MS: u64 = 100;
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
            ServeError::Bind(error) => error.fmt(f),
            ServeError::Servers => {
                write!(f, "a daemon takes at most {SERVICES_MAX} servers; start another one")
            }
            ServeError::Run(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ServeError {}
