//! What the daemon does for single clients: admits them, gives them their turns, starts and reaps
//! their servers, and ends them.

use std::os::fd::OwnedFd;

use portcullis_engine::{Facts, Reason, notice};
use rustix::net::SendFlags;
use rustix::process::Signal;

use super::clients::{Client, Clients};
use super::daemon::{Daemon, ServeError};
use super::launches::{WAIT_MS_MAX, Wish};
use super::listener::{Peer, peer};
use crate::error::RunError;
use crate::log::{Entry, Level, Value};
use crate::process::SpawnError;
use crate::session::Session;
use crate::stdio::Descriptor;

impl Daemon {
    /// Makes a session for a client that has connected, if it may have one.
    pub(super) fn admit(&mut self, service: usize, socket: OwnedFd) {
        let own = rustix::process::geteuid().as_raw();
        let peer = peer(&socket).unwrap_or(Peer { uid: own, pid: 0 });
        let uid = peer.uid;
        if uid != own && !self.plan.socket.allow_uids.contains(&uid) {
            let fields = [("uid", Value::Number(uid.into()))];
            let what = "a client of another user was turned away; socket.allow_uids lets users in";
            self.tell_of(service, None, Level::Warn, what, &fields);
            return;
        }
        if self.clients.len() >= self.plan.serve.clients_max as usize {
            // A new socket has room for a line.
            let _ = rustix::net::send(
                &socket,
                &notice(Reason::TooManySessions),
                SendFlags::NOSIGNAL | SendFlags::DONTWAIT,
            );
            let fields = [("clients", Value::Number(self.clients.len() as u64))];
            let what = "a client was turned away; serve.clients_max are connected";
            self.tell_of(service, None, Level::Warn, what, &fields);
            return;
        }
        match self.session(service, socket, uid) {
            Ok(place) => {
                self.touch(place);
                let fields =
                    [("uid", Value::Number(uid.into())), ("pid", Value::Number(peer.pid.into()))];
                let number = Some(self.last_number);
                self.tell_of(service, number, Level::Info, "a client has connected", &fields);
            }
            Err(error) => {
                let why = error.to_string();
                let fields = [("fault", Value::Text(&why))];
                self.tell_of(service, None, Level::Error, "no session could be made", &fields);
            }
        }
    }

    fn session(&mut self, service: usize, socket: OwnedFd, uid: u32) -> Result<usize, RunError> {
        let number = self.last_number + 1;
        let (policy, limits) = (self.plan.policy.clone(), self.plan.limits);
        let name = self.services[service].name.clone();
        let first = Clients::first_token(self.clients.next_place());
        let descriptors = Descriptor::socket(socket)?;
        let mut session = Session::new(&mut self.host.world(), first, descriptors, policy, limits)?;
        let mut facts = Facts::new(number, &name);
        facts.user = Some(uid);
        session.introduce(facts);
        session.label(&format!("{name}#{number}"));
        session.expect_hang_up();
        let place = self.clients.insert(Client {
            session,
            number,
            service,
            child_since: None,
            child_ended: false,
            waits_since: None,
            greets_by: self.greets_by(),
            touched: false,
        });
        self.last_number = number;
        let service = &mut self.services[service];
        service.sessions += 1;
        service.sessions_total += 1;
        Ok(place)
    }

    /// Where tokens are demanded: when a new client has to have shown one. Whoever knows none would
    /// hold the places of those who do.
    fn greets_by(&self) -> Option<u64> {
        let grace_ms = self.plan.limits.frame_ms_max;
        let demands = self.plan.demands_token && grace_ms > 0;
        demands.then_some(self.host.now.monotonic_ms + grace_ms)
    }

    /// Does for a client what can be done now, in at most so many rounds.
    pub(super) fn turn(&mut self, place: usize, rounds: usize) -> Result<(), ServeError> {
        let now = self.host.now.monotonic_ms;
        let Some(client) = self.clients.get_mut(place) else { return Ok(()) };
        client.touched = false;
        let mut over = client.session.tick(&mut self.host.world());
        if client.session.may_launch() {
            self.launch(place);
        }
        let Some(client) = self.clients.get_mut(place) else { return Ok(()) };
        let (number, service) = (client.number, client.service);
        let rests = match client.session.pump(&mut self.host.world(), rounds) {
            Ok(rests) => rests,
            Err(RunError::Audit(error)) => return Err(ServeError::Run(RunError::Audit(error))),
            Err(error) => {
                let why = error.to_string();
                let fields = [("fault", Value::Text(&why))];
                self.tell_of(service, Some(number), Level::Error, "the session ends", &fields);
                over = true;
                true
            }
        };
        let Some(client) = self.clients.get_mut(place) else { return Ok(()) };
        if over || client.session.is_over() {
            self.end(place);
            return Ok(());
        }
        if client.waits_since.is_none() && client.session.wants_server() {
            client.waits_since = Some(now);
            self.launches.push(Wish { place, number });
        }
        if client.session.has_child() || client.waits_since.is_some() {
            // Something of it has passed.
            client.greets_by = None;
        }
        if client.greets_by.is_some_and(|by| by <= now) {
            let what = "a client said nothing that passes within limits.frame_ms_max";
            self.tell_of(service, Some(number), Level::Warn, what, &[]);
            self.end(place);
            return Ok(());
        }
        let backoff = &mut self.services[service].backoff;
        if backoff.failures() > 0 && client.has_been_answered() {
            backoff.succeed();
        }
        let due = client.session.deadline().into_iter().chain(client.greets_by).min();
        self.clients.set_due(place, due);
        if !rests && let Some(client) = self.clients.get_mut(place) {
            // It has its turn, so nothing that happens to it meanwhile gives it another.
            client.touched = true;
            self.busy.push_back(place);
        }
        Ok(())
    }

    /// Starts servers for those who wait, as far as limits and back-off allow; when to try again.
    pub(super) fn start_servers(&mut self) -> Option<u64> {
        if self.launches.is_empty() {
            return None;
        }
        let now = self.host.now.monotonic_ms;
        let mut launches = std::mem::take(&mut self.launches);
        let mut again_at: Option<u64> = None;
        launches.settle(|wish| match self.start_server(wish) {
            None => true,
            Some(at) => {
                again_at = Some(again_at.map_or(at, |known| known.min(at)));
                false
            }
        });
        self.launches = launches;
        again_at.map(|at| at.max(now + 1))
    }

    /// Begins to start one server; the time of the next try if it has to wait.
    fn start_server(&mut self, wish: Wish) -> Option<u64> {
        let now = self.host.now.monotonic_ms;
        let client = self.clients.get_mut(wish.place).filter(|it| it.number == wish.number)?;
        let since = client.waits_since?;
        let service = client.service;
        if now >= since + WAIT_MS_MAX {
            let what = "no server could be started in time; serve.children_max run, or it failed too often";
            self.tell_of(service, Some(wish.number), Level::Warn, what, &[]);
            self.deny(wish.place);
            return None;
        }
        let backoff_ms = self.services[service].backoff.remaining_ms(now);
        let short_ms = self.shortage.remaining_ms(now);
        let wait_ms = backoff_ms.max(short_ms);
        if self.children >= self.plan.serve.children_max || wait_ms > 0 {
            let retry = if wait_ms > 0 { now + wait_ms } else { u64::MAX };
            return Some(retry.min(since + WAIT_MS_MAX));
        }
        match client.session.begin_launch(self.host.registry()) {
            Ok(()) => {
                client.child_since = Some(now);
                self.children += 1;
                self.services[service].children += 1;
                self.services[service].starts += 1;
                self.services[service].backoff.start(now);
                self.touch(wish.place);
            }
            Err(error) if error.is_shortage() => return Some(self.note_shortage()),
            Err(error) => self.fail(wish.place, &error),
        }
        None
    }

    /// Goes on with a start whose guard has said something.
    fn launch(&mut self, place: usize) {
        let Some(client) = self.clients.get_mut(place) else { return };
        let launch = self.services[client.service].launch.clone();
        match client.session.launch(&launch, self.host.registry()) {
            Ok(true) => {
                client.child_since = Some(self.host.now.monotonic_ms);
                client.waits_since = None;
                let (service, number) = (client.service, client.number);
                self.tell_of(service, Some(number), Level::Info, "the server was started", &[]);
            }
            Ok(false) => {}
            Err(error) => {
                let (service, number) = (client.service, client.number);
                self.release(service);
                if error.is_shortage() {
                    self.note_shortage();
                    self.launches.push_front(Wish { place, number });
                } else {
                    self.fail(place, &error);
                }
            }
        }
    }

    /// A server could not be started: its client is told so, and the next has to wait.
    fn fail(&mut self, place: usize, error: &SpawnError) {
        let now = self.host.now.monotonic_ms;
        let Some(client) = self.clients.get_mut(place) else { return };
        let (service, number) = (client.service, client.number);
        self.services[service].backoff.fail(0, now);
        let why = error.to_string();
        let backoff_ms = self.services[service].backoff.remaining_ms(now);
        let fields = [("fault", Value::Text(&why)), ("backoff_ms", Value::Number(backoff_ms))];
        let what = "the server could not be started; mend `command` in the configuration";
        self.tell_of(service, Some(number), Level::Error, what, &fields);
        self.deny(place);
    }

    /// A client will get no server: what it asked is answered.
    fn deny(&mut self, place: usize) {
        let Some(client) = self.clients.get_mut(place) else { return };
        client.waits_since = None;
        client.session.lose_server(&mut self.host.world());
        self.touch(place);
    }

    /// Children of ours have ended: takes note of those whose sessions go on.
    pub(super) fn note_children(&mut self) {
        let holding = self.clients.iter_mut().filter(|(_, it)| it.session.has_child());
        let places: Vec<usize> = holding.map(|(place, _)| place).collect();
        for place in places {
            if self.note_child(place) {
                self.touch(place);
            }
        }
    }

    /// Takes note of the end of a client's server, once; whether it was this time.
    fn note_child(&mut self, place: usize) -> bool {
        let Some(client) = self.clients.get_mut(place) else { return false };
        let Some(status) = client.session.note_child() else { return false };
        if std::mem::replace(&mut client.child_ended, true) {
            return false;
        }
        self.judge_end(place, crate::process::exit_code(status));
        true
    }

    /// A server has ended: was that its client's doing, or its own?
    fn judge_end(&mut self, place: usize, status: u8) {
        let now = self.host.now.monotonic_ms;
        let Some(client) = self.clients.get_mut(place) else { return };
        let (service, number) = (client.service, client.number);
        let lived_ms = now.saturating_sub(client.child_since.unwrap_or(now));
        if client.session.server_was_asked_to_end() || self.drain_until.is_some() {
            self.services[service].backoff.succeed();
            return;
        }
        // One that has said something has started, whatever a client made of it then.
        if client.has_been_answered() {
            self.services[service].backoff.succeed();
        } else {
            self.services[service].backoff.fail(lived_ms, now);
        }
        let backoff_ms = self.services[service].backoff.remaining_ms(now);
        let fields = [
            ("status", Value::Number(status.into())),
            ("lived_ms", Value::Number(lived_ms)),
            ("backoff_ms", Value::Number(backoff_ms)),
        ];
        self.tell_of(service, Some(number), Level::Warn, "the server has ended", &fields);
    }

    /// Ends a session: its descriptors are closed, its server's group is killed.
    pub(super) fn end(&mut self, place: usize) {
        // The end of its server's output may be seen before the signal that tells of its end.
        self.note_child(place);
        let Some(mut client) = self.clients.remove(place) else { return };
        // A session that ends has no decision left to hold back.
        let _ = client.session.collect(&mut self.host.world());
        client.session.forget_questions(&mut self.host.world());
        let metrics = client.session.metrics();
        let (service, number) = (client.service, client.number);
        self.services[service].sessions -= 1;
        // What is open now will never be answered.
        let open: u64 = metrics.requests_open.iter().copied().map(u64::from).sum();
        let ledger = &mut self.host.ledger;
        ledger.requests_open = ledger.requests_open.saturating_sub(open);
        ledger.forget_session(number);
        let fields = [("frames", Value::Number(metrics.frames.iter().sum()))];
        self.tell_of(service, Some(number), Level::Info, "the session has ended", &fields);
        if !client.session.has_child() {
            return;
        }
        let child = client.session.into_child();
        match child {
            Some(mut child) => {
                child.signal(Signal::KILL);
                if child.is_reaped() {
                    self.release(service);
                } else {
                    self.dying.push((service, child));
                }
            }
            None => self.release(service),
        }
    }

    /// Reaps what was killed.
    pub(super) fn reap(&mut self) {
        let mut reaped = Vec::new();
        self.dying.retain_mut(|(service, child)| {
            let done = child.is_reaped();
            if done {
                reaped.push(*service);
            }
            !done
        });
        reaped.into_iter().for_each(|service| self.release(service));
    }

    /// A process of a service is gone.
    fn release(&mut self, service: usize) {
        self.children -= 1;
        self.services[service].children -= 1;
    }

    /// Says something about one service, or one of its sessions.
    pub(super) fn tell_of(
        &mut self,
        service: usize,
        session: Option<u64>,
        level: Level,
        what: &str,
        fields: &[(&str, Value<'_>)],
    ) {
        let server = &self.services[service].name;
        self.host.recorder.entry(&Entry {
            level,
            time: self.host.now,
            session,
            server,
            what,
            fields,
        });
    }
}
