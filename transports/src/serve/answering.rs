//! Calls of all sessions that wait for somebody's word: hands on what hooks said, and does what
//! `portcullis approve` orders.

use std::io;
use std::os::fd::OwnedFd;

use mio::{Registry, Token};

use super::clients::Clients;
use super::control::{LISTED_MAX, ORDER_BYTES_MAX, Order, Reply, Waits};
use super::daemon::Daemon;
use super::door::Door;
use super::listener::{Accepted, peer};
use crate::approval::Code;
use crate::log::{Level, Value};
use crate::stdio::{Descriptor, Got, Put, Reader, Writer};

/// The token of all who give orders.
pub(super) const CONTROLS: Token = Token(usize::MAX - 4);
/// So many may give orders at once; people are fewer.
const CONTROLS_MAX: usize = 16;
/// Whoever gives no order, or does not read the reply, for so long is shown the door.
const PATIENCE_MS: u64 = 5_000;

/// Somebody who gives an order.
pub(super) struct Control {
    input: Reader,
    output: Writer,
    order: Vec<u8>,
    reply: Vec<u8>,
    written: usize,
    until_ms: u64,
    pid: u32,
}

impl Control {
    fn new(socket: OwnedFd, pid: u32, registry: &Registry, now_ms: u64) -> io::Result<Self> {
        let [input, output] = Descriptor::socket(socket)?;
        Ok(Control {
            input: Reader::new(input, registry, CONTROLS)?,
            output: Writer::new(output, CONTROLS),
            order: Vec::new(),
            reply: Vec::new(),
            written: 0,
            until_ms: now_ms + PATIENCE_MS,
            pid,
        })
    }

    /// The order, once it is there; an error if none will come.
    fn read(&mut self) -> Result<Option<Order>, ()> {
        let mut chunk = [0; ORDER_BYTES_MAX];
        while self.input.is_ready() {
            match self.input.read(&mut chunk) {
                Got::Bytes(count) => self.order.extend_from_slice(&chunk[..count]),
                Got::Nothing => break,
                Got::End => return Err(()),
            }
            if let Some(line) = self.order.strip_suffix(b"\n") {
                return serde_json::from_slice(line).map(Some).map_err(|_| ());
            }
            if self.order.len() > ORDER_BYTES_MAX {
                return Err(());
            }
        }
        Ok(None)
    }

    /// Writes what it can of the reply; whether it goes on.
    fn write(&mut self, registry: &Registry) -> bool {
        while self.written < self.reply.len() && self.output.is_ready() {
            match self.output.write(&self.reply[self.written..], registry) {
                Ok(Put::Bytes(count)) => self.written += count,
                Ok(Put::Nothing) => return true,
                Ok(Put::Gone) | Err(_) => return false,
            }
        }
        self.written < self.reply.len()
    }
}

impl Daemon {
    /// Lets in those of our own user who want to give orders.
    pub(super) fn admit_controls(&mut self, door: usize) {
        let Some(Some(Door { orders: Some(orders), .. })) = self.doors.get(door) else { return };
        let own = rustix::process::geteuid().as_raw();
        while let Accepted::Client(socket) = orders.accept() {
            let peer = peer(&socket);
            let is_own = peer.is_none_or(|peer| peer.uid == own);
            if !is_own || self.controls.len() >= CONTROLS_MAX {
                continue;
            }
            let pid = peer.map_or(0, |peer| peer.pid);
            let now = self.host.now.monotonic_ms;
            // Without a descriptor there is no reply, and whoever asked is told so by the end.
            self.controls.extend(Control::new(socket, pid, self.host.registry(), now));
        }
    }

    /// Something may have come from those who give orders, or they may have read.
    pub(super) fn note_controls(&mut self) {
        for control in &mut self.controls {
            control.input.look_again();
            control.output.note(self.host.registry());
        }
    }

    /// Does what was ordered, as far as it is here.
    fn obey(&mut self) {
        let now = self.host.now.monotonic_ms;
        for mut control in std::mem::take(&mut self.controls) {
            if control.reply.is_empty() {
                match control.read() {
                    Ok(Some(order)) => {
                        let reply = self.reply(&order, control.pid);
                        control.reply = serde_json::to_vec(&reply).expect("a reply is JSON");
                        control.reply.push(b'\n');
                    }
                    Ok(None) => {}
                    Err(()) => continue,
                }
            }
            let waits = control.reply.is_empty() || control.write(self.host.registry());
            if waits && now < control.until_ms {
                self.controls.push(control);
            }
        }
    }

    fn reply(&mut self, order: &Order, pid: u32) -> Reply {
        let now = self.host.now.monotonic_ms;
        let mut reply =
            Reply { pid: std::process::id(), waiting: Vec::new(), more: 0, answered: None };
        match order {
            Order::List => {
                let questions = self.host.approvals.questions();
                reply.waiting = questions.take(LISTED_MAX).map(|it| Waits::of(it, now)).collect();
                let all = self.host.approvals.questions().count();
                reply.more = (all - reply.waiting.len()) as u64;
            }
            Order::Approve(code) => reply.answered = self.answer(code, true, pid),
            Order::Deny(code) => reply.answered = self.answer(code, false, pid),
        }
        reply
    }

    /// Somebody of our user has answered, by this process.
    fn answer(&mut self, code: &Code, approved: bool, pid: u32) -> Option<Waits> {
        let question = self.host.approvals.answer(code, approved)?;
        let what = match approved {
            true => "a call was approved by hand",
            false => "a call was denied by hand",
        };
        let fields = [("pid", Value::Number(pid.into()))];
        question.tell(&mut self.host.desk(), Level::Info, what, &fields);
        Some(Waits::of(&question, self.host.now.monotonic_ms))
    }

    /// Asks, and hands on what was said, to whoever waits for it.
    pub(super) fn settle_questions(&mut self) {
        self.obey();
        for verdict in self.host.ask() {
            let place = Clients::place_of(verdict.key.first);
            let client = self.clients.get_mut(place);
            if let Some(client) = client.filter(|it| it.number == verdict.key.session) {
                client.session.answer(&verdict, &mut self.host.world());
                self.touch(place);
            }
        }
    }

    /// When questions are to be looked at again, whatever happens.
    pub(super) fn questions_due(&self) -> Option<u64> {
        let controls = self.controls.iter().map(|control| control.until_ms);
        controls.chain(self.host.approvals.deadline()).min()
    }
}
