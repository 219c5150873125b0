//! Tells how the daemon is, to those who ask.

use std::os::fd::OwnedFd;
use std::path::Path;

use super::daemon::Daemon;
use super::door::{Door, TOKENS_EACH};
use super::listener::{Accepted, peer};
use super::status::{Memory, Snapshot, resident_bytes};

impl Daemon {
    pub(super) fn note_door(&mut self, offset: usize) {
        let at = offset / TOKENS_EACH;
        let Some(Some(door)) = self.doors.get_mut(at) else { return };
        match offset % TOKENS_EACH {
            0 => door.ready = true,
            1 => self.tell_status(at),
            _ => self.admit_controls(at),
        }
    }

    /// Tells those who wait at this door how we are.
    fn tell_status(&mut self, door: usize) {
        let Some(Some(Door { status: Some(status), .. })) = self.doors.get(door) else { return };
        let mut askers: Vec<OwnedFd> = Vec::new();
        while let Accepted::Client(asker) = status.accept() {
            if peer(&asker).is_none_or(|peer| peer.uid == rustix::process::geteuid().as_raw()) {
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

    /// How we are.
    pub(super) fn snapshot(&self) -> Snapshot {
        let now = self.host.now.monotonic_ms;
        let ledger = &self.host.ledger;
        let engines = self.clients.iter().map(|client| client.session.metrics().memory_bytes);
        Snapshot {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            uptime_ms: now,
            draining: self.drain_until.is_some(),
            servers: self
                .services
                .iter()
                .enumerate()
                .filter(|(_, service)| !service.is_empty())
                .map(|(at, service)| service.status(self.path_of(at), now))
                .collect(),
            sessions: self.clients.len() as u64,
            sessions_max: self.plan.serve.clients_max.into(),
            children: self.children.into(),
            children_max: self.plan.serve.children_max.into(),
            requests_open: ledger.requests_open,
            waiting: self.host.approvals.questions().count() as u64,
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

    /// The path by which the clients of a service come.
    fn path_of(&self, service: usize) -> Option<&Path> {
        let mut doors = self.doors.iter().flatten();
        doors.find(|door| door.service == service).and_then(Door::path)
    }
}
