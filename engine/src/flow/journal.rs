//! Events that wait for the host.

use std::collections::VecDeque;

use crate::base::event::{Event, EventKind, Wanted};

/// Keeps at most `max` events, and a few more for the frame that is judged when one place is left.
pub(crate) struct Journal {
    events: VecDeque<Event>,
    wanted: Wanted,
    max: usize,
    pub dropped: u64,
}

impl Journal {
    pub(crate) fn new(wanted: Wanted, max: u32) -> Self {
        Self { events: VecDeque::new(), wanted, max: max as usize, dropped: 0 }
    }

    pub(crate) fn wants(&self, kind: EventKind) -> bool {
        self.wanted.wants(kind)
    }

    /// Whether nothing may be decided until the host has collected.
    pub(crate) fn is_full(&self) -> bool {
        self.wanted.holds() && self.events.len() >= self.max
    }

    pub(crate) fn push(&mut self, event: Event) {
        if !self.wants(event.kind) {
            return;
        }
        if !self.wanted.holds() && self.events.len() >= self.max {
            self.dropped += 1;
            return;
        }
        self.events.push_back(event);
    }

    pub(crate) fn pop(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub(crate) fn shrink(&mut self) {
        if self.events.is_empty() {
            self.events = VecDeque::new();
        }
    }

    pub(crate) fn memory(&self) -> usize {
        self.events.capacity() * size_of::<Event>()
    }
}

/// What is told of a message when it leaves.
pub(crate) struct Left {
    pub edits: u64,
    pub first: Option<Event>,
    pub rest: Vec<Event>,
}
