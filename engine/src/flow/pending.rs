//! Requests in flight of one asker: a slot for each, found by the value of its id.
//!
//! A slot is *open* until its answer, our error or a cancel ends it. A refusal turns it to *owed*:
//! an answer we have to write, kept as a reason and not as bytes. The id of a request that ended
//! without its answer stays *taken* for a while, so that a late answer finds nobody else.
//!
//! Invariant: `index` holds exactly the slots that are open or taken, each in the first free place
//! from that of its hash on.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::base::event::Label;
use crate::base::limits::Limits;
use crate::base::reason::Reason;
use crate::identity::Identity;
use crate::judge::envelope::Method;
use crate::judge::reply::{Refusal, Style};
use crate::quota::Key;
use crate::wire::id::IdText;

/// The number of a slot; valid until the slot is freed.
pub(crate) type SlotNumber = u32;

/// The spelling of an id. Most fit without memory of their own.
#[derive(Clone)]
pub(crate) enum IdBuf {
    Inline([u8; 46], u8),
    Heap(Box<[u8]>),
}

impl IdBuf {
    pub(crate) fn new(spelling: &[u8]) -> Self {
        let mut inline = [0; 46];
        match inline.get_mut(..spelling.len()) {
            Some(place) => {
                place.copy_from_slice(spelling);
                Self::Inline(inline, spelling.len() as u8)
            }
            None => Self::Heap(spelling.into()),
        }
    }

    pub(crate) fn spelling(&self) -> &[u8] {
        match self {
            Self::Inline(bytes, len) => &bytes[..usize::from(*len)],
            Self::Heap(bytes) => bytes,
        }
    }

    pub(crate) fn same_as(&self, other: &IdBuf) -> bool {
        let (a, b) = (self.spelling(), other.spelling());
        a == b || IdText::parsed(a).order(IdText::parsed(b)).is_eq()
    }

    fn hash(&self) -> u32 {
        IdText::parsed(self.spelling()).hash()
    }
}

/// What a slot is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing; the slot is free.
    Free,
    /// The receiver works on it.
    Open,
    /// It waits for the host's word and has not left.
    Asked,
    /// It ended without its answer; the id stays taken until then.
    Taken(u64),
    /// It never left; only the answer is owed.
    Refused,
}

/// What is known of the batch that a request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BatchPlace {
    pub batch: u64,
    pub entry: u32,
}

/// One request.
#[derive(Clone)]
pub(crate) struct Slot {
    pub state: State,
    pub id: Option<IdBuf>,
    pub method: Method,
    pub method_label: Label,
    pub tool: Label,
    /// The whole name of a tool that the label cuts, up to [`TOOL_BYTES_MAX`].
    pub long_tool: Option<Box<str>>,
    pub modern: bool,
    pub started_ms: u64,
    /// The order of arrival.
    pub serial: u64,
    /// That of the id, while the index holds it.
    pub hash: u32,
    pub deadline_ms: u64,
    pub batch: Option<BatchPlace>,
    /// Why it is refused, and how that is told.
    pub owed: Option<(Refusal, Style)>,
    /// Who asked, if that is known.
    pub identity: Option<Arc<Identity>>,
    /// What it holds while it is open.
    pub holds: Vec<Key>,
    /// It tries a server that had failed.
    pub is_probe: bool,
    /// When it is told that it is still open; `u64::MAX`: never, or told already.
    pub report_ms: u64,
    /// The name of the rule that decided; the policy may be another when the answer is written.
    pub rule: Label,
    /// A `notifications/cancelled` of ours waits to be written, for this reason.
    pub cancel: Option<Reason>,
}

/// One for each rule of how many calls are open.
const HOLDS_MAX: usize = crate::judge::metering::CONCURRENCY_MAX;
/// Names of tools have up to 128 characters (tools, from 2025-11-25 on).
pub(crate) const TOOL_BYTES_MAX: usize = 128;

impl Slot {
    pub(crate) fn new(id: Option<IdBuf>, now_ms: u64) -> Self {
        Self {
            state: State::Free,
            id,
            method: Method::Other,
            method_label: Label::EMPTY,
            tool: Label::EMPTY,
            long_tool: None,
            modern: false,
            started_ms: now_ms,
            serial: 0,
            hash: 0,
            deadline_ms: u64::MAX,
            batch: None,
            owed: None,
            identity: None,
            holds: Vec::new(),
            is_probe: false,
            report_ms: u64::MAX,
            rule: Label::EMPTY,
            cancel: None,
        }
    }
}

/// The requests that one side asked.
pub(crate) struct Pending {
    slots: Vec<Slot>,
    free: Vec<SlotNumber>,
    /// Numbers of slots plus one, by the hashes of their ids; 0 is a free place. Its length is a
    /// power of two, and it is at most half full. Ids that were chosen to collide cost a walk over
    /// the open requests, whose number has a limit.
    index: Vec<u32>,
    /// Places of the index that are taken.
    known: usize,
    /// Slots whose answers are owed, in the order in which they are written.
    owed: VecDeque<SlotNumber>,
    /// Refusals of frames among them; these hold the lane at their limit.
    refusals_owed: u32,
    taken: VecDeque<SlotNumber>,
    /// Open requests that are to be ended, the first to go last.
    last_ones: Vec<(u64, SlotNumber)>,
    cancels: VecDeque<SlotNumber>,
    open: u32,
    listens: u32,
    /// Keys that open requests hold.
    held: usize,
    /// No deadline is earlier; may be earlier than the earliest.
    next_deadline_ms: u64,
    /// As `next_deadline_ms`, of reports.
    next_report_ms: u64,
    next_serial: u64,
    limits: Limits,
}

impl Pending {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            index: Vec::new(),
            known: 0,
            owed: VecDeque::new(),
            refusals_owed: 0,
            taken: VecDeque::new(),
            last_ones: Vec::new(),
            cancels: VecDeque::new(),
            open: 0,
            listens: 0,
            held: 0,
            next_deadline_ms: u64::MAX,
            next_report_ms: u64::MAX,
            next_serial: 0,
            limits,
        }
    }

    /// Requests that are open, those that may stay so for good included.
    pub(crate) fn open(&self) -> u32 {
        self.open
    }

    /// Open requests that hold a drain.
    pub(crate) fn holding(&self) -> u32 {
        self.open - self.listens
    }

    /// Whether one more refusal may be owed.
    pub(crate) fn can_owe(&self) -> bool {
        self.refusals_owed < self.limits.answers_owed_max
    }

    pub(crate) fn owed(&self) -> usize {
        self.owed.len()
    }

    pub(crate) fn slot(&self, number: SlotNumber) -> &Slot {
        &self.slots[number as usize]
    }

    pub(crate) fn slot_mut(&mut self, number: SlotNumber) -> &mut Slot {
        &mut self.slots[number as usize]
    }

    /// The slot that is open, or still taken, under this id.
    pub(crate) fn find(&self, id: &IdBuf) -> Option<SlotNumber> {
        self.place(id).map(|place| self.index[place] - 1)
    }

    /// Whether one more request of this method may be open.
    pub(crate) fn has_room(&self, method: Method) -> bool {
        let listens = !method.may_stay() || self.listens < self.limits.listens_max;
        self.open < self.limits.requests_open_max && listens
    }

    /// Opens a request. The caller has seen to it that there is room and that the id is free.
    pub(crate) fn open_slot(&mut self, mut slot: Slot, state: State) -> SlotNumber {
        slot.state = state;
        slot.serial = self.next_serial;
        self.next_serial += 1;
        self.open += 1;
        self.listens += u32::from(slot.method.may_stay());
        self.next_deadline_ms = self.next_deadline_ms.min(slot.deadline_ms);
        self.next_report_ms = self.next_report_ms.min(slot.report_ms);
        self.held += slot.holds.len();
        let number = self.put(slot);
        self.insert(number);
        number
    }

    /// Takes a slot for the refusal of a frame that was never open.
    pub(crate) fn refuse(&mut self, mut slot: Slot, refusal: Refusal, style: Style) {
        slot.state = State::Refused;
        slot.owed = Some((refusal, style));
        let number = self.put(slot);
        self.refusals_owed += 1;
        self.owed.push_back(number);
    }

    /// The host approved a request that waited: it leaves, and its times begin.
    pub(crate) fn approve(&mut self, number: SlotNumber, deadline_ms: u64, report_ms: u64) {
        let slot = self.slot_mut(number);
        slot.state = State::Open;
        slot.deadline_ms = deadline_ms;
        slot.report_ms = report_ms;
        self.next_deadline_ms = self.next_deadline_ms.min(deadline_ms);
        self.next_report_ms = self.next_report_ms.min(report_ms);
    }

    /// What a request held, which it holds no more.
    pub(crate) fn take_holds(&mut self, number: SlotNumber) -> Vec<Key> {
        let holds = std::mem::take(&mut self.slot_mut(number).holds);
        self.held -= holds.len();
        holds
    }

    /// An open request ends by its answer.
    pub(crate) fn finish(&mut self, number: SlotNumber) {
        self.close(number);
        self.forget_id(number);
        self.free_if_done(number);
    }

    /// An open request ends by an error of ours in the place of its answer, which came.
    pub(crate) fn end_answered(&mut self, number: SlotNumber, refusal: Option<(Refusal, Style)>) {
        self.close(number);
        if refusal.is_some() {
            self.slot_mut(number).owed = refusal;
            self.owed.push_back(number);
        }
        self.forget_id(number);
        self.free_if_done(number);
    }

    /// An open request ends without its answer: its id stays taken. With a refusal, that is owed.
    pub(crate) fn end(
        &mut self,
        number: SlotNumber,
        refusal: Option<(Refusal, Style)>,
        now_ms: u64,
    ) {
        let was_asked = self.slot(number).state == State::Asked;
        self.close(number);
        let until = now_ms + self.limits.id_taken_ms;
        self.slot_mut(number).state = State::Taken(until);
        if let Some(refusal) = refusal {
            self.slot_mut(number).owed = Some(refusal);
            self.owed.push_back(number);
        }
        if was_asked {
            // It never left, so no late answer can come.
            self.forget_id(number);
            self.free_if_done(number);
            return;
        }
        self.taken.push_back(number);
        if self.taken.len() > self.limits.ids_taken_max as usize {
            self.free_oldest_id();
        }
    }

    /// A late answer came: the id is free again.
    pub(crate) fn free_id(&mut self, number: SlotNumber) {
        self.taken.retain(|&taken| taken != number);
        self.forget_id(number);
        self.free_if_done(number);
    }

    /// Writes a `notifications/cancelled` for this request to the side that works on it.
    pub(crate) fn owe_cancel(&mut self, number: SlotNumber, reason: Reason) {
        self.slot_mut(number).cancel = Some(reason);
        self.cancels.push_back(number);
    }

    /// The next request to take back; its slot stays until this call.
    pub(crate) fn next_cancel(&mut self) -> Option<(IdBuf, Reason)> {
        let number = self.cancels.pop_front()?;
        let slot = self.slot_mut(number);
        let reason = slot.cancel.take()?;
        let id = slot.id.clone();
        self.free_if_done(number);
        Some((id?, reason))
    }

    /// The next answer that is owed, without taking it.
    pub(crate) fn next_owed(&self) -> Option<&Slot> {
        self.owed.front().map(|&number| self.slot(number))
    }

    /// The next owed answer was written.
    pub(crate) fn owed_written(&mut self) {
        let Some(number) = self.owed.pop_front() else { return };
        if self.slot(number).state == State::Refused {
            self.refusals_owed -= 1;
        }
        self.slot_mut(number).owed = None;
        self.free_if_done(number);
    }

    /// The open request that arrived first, to end it.
    pub(crate) fn first_open(&mut self) -> Option<SlotNumber> {
        let is_open = |slot: &Slot| matches!(slot.state, State::Open | State::Asked);
        while self.open > 0 {
            // One list serves until all that it names have ended: nothing new is opened then.
            let Some((serial, number)) = self.last_ones.pop() else {
                let numbered = (0..).zip(&self.slots).filter(|(_, slot)| is_open(slot));
                self.last_ones.extend(numbered.map(|(number, slot)| (slot.serial, number)));
                self.last_ones.sort_unstable_by_key(|&(serial, _)| std::cmp::Reverse(serial));
                continue;
            };
            let slot = self.slot(number);
            if is_open(slot) && slot.serial == serial {
                return Some(number);
            }
        }
        self.last_ones = Vec::new();
        None
    }

    /// The open requests whose deadline has come, in the order of their deadlines.
    pub(crate) fn expired(&mut self, now_ms: u64) -> Vec<SlotNumber> {
        let mut expired = Vec::new();
        if self.next_deadline_ms > now_ms {
            return expired;
        }
        self.next_deadline_ms = u64::MAX;
        for (number, slot) in (0..).zip(&self.slots) {
            if !matches!(slot.state, State::Open | State::Asked) {
                continue;
            }
            if slot.deadline_ms <= now_ms {
                expired.push(number);
            } else {
                self.next_deadline_ms = self.next_deadline_ms.min(slot.deadline_ms);
            }
        }
        expired.sort_by_key(|&number| {
            let slot = &self.slots[number as usize];
            (slot.deadline_ms, slot.serial)
        });
        expired
    }

    /// The open requests that are to be told of as still open, in the order of their times; each
    /// once, unless [`report_again`](Self::report_again) says otherwise.
    pub(crate) fn reports(&mut self, now_ms: u64) -> Vec<SlotNumber> {
        if self.next_report_ms > now_ms {
            return Vec::new();
        }
        let mut due = Vec::new();
        self.next_report_ms = u64::MAX;
        for (number, slot) in (0_u32..).zip(&mut self.slots) {
            if slot.state != State::Open {
                continue;
            }
            if slot.report_ms <= now_ms {
                due.push((slot.report_ms, slot.serial, number));
                slot.report_ms = u64::MAX;
            } else {
                self.next_report_ms = self.next_report_ms.min(slot.report_ms);
            }
        }
        due.sort_unstable();
        due.into_iter().map(|(.., number)| number).collect()
    }

    /// A report found no room; it is due again at once.
    pub(crate) fn report_again(&mut self, number: SlotNumber, now_ms: u64) {
        self.slot_mut(number).report_ms = now_ms;
        self.next_report_ms = now_ms;
    }

    /// When the next report may be due.
    pub(crate) fn report_deadline(&self) -> Option<u64> {
        (self.next_report_ms != u64::MAX).then_some(self.next_report_ms)
    }

    /// Some request whose deadline has come was left open; it is found again at once.
    pub(crate) fn expire_again(&mut self, now_ms: u64) {
        self.next_deadline_ms = now_ms;
    }

    /// The earliest deadline of an open request.
    pub(crate) fn deadline(&self) -> Option<u64> {
        (self.next_deadline_ms != u64::MAX).then_some(self.next_deadline_ms)
    }

    /// When the first id that stays taken becomes free.
    pub(crate) fn id_deadline(&self) -> Option<u64> {
        self.taken.front().and_then(|&number| match self.slot(number).state {
            State::Taken(until) => Some(until),
            _ => None,
        })
    }

    /// Frees the ids whose time is over.
    pub(crate) fn tick(&mut self, now_ms: u64) {
        while self.id_deadline().is_some_and(|until| until <= now_ms) {
            self.free_oldest_id();
        }
        if self.open == 0 {
            self.next_deadline_ms = u64::MAX;
            self.next_report_ms = u64::MAX;
        }
    }

    /// Gives memory back while nothing is in flight.
    pub(crate) fn shrink(&mut self) {
        if self.slots.len() == self.free.len() {
            *self = Self::new(self.limits);
        }
    }

    pub(crate) fn memory(&self) -> usize {
        let heap = self.slots.capacity() * size_of::<Slot>() + self.held * size_of::<Key>();
        let numbers = self.free.capacity()
            + self.index.capacity()
            + self.owed.capacity()
            + self.taken.capacity()
            + self.cancels.capacity()
            + self.last_ones.capacity() * 4;
        heap + numbers * size_of::<SlotNumber>()
    }

    /// Most bytes of memory with these limits.
    pub(crate) fn memory_max(limits: &Limits) -> usize {
        let slots = (limits.requests_open_max + limits.answers_owed_max + limits.ids_taken_max)
            as usize
            + 1;
        // The index is up to four times as long, since it doubles when it is half full.
        let numbers = (4 + 4) * size_of::<SlotNumber>();
        2 * slots * (size_of::<Slot>() + numbers + size_of::<(u64, SlotNumber)>())
            + slots * HOLDS_MAX * size_of::<Key>()
            + slots * limits.id_bytes_max as usize
            + limits.requests_open_max as usize * TOOL_BYTES_MAX
    }

    fn put(&mut self, slot: Slot) -> SlotNumber {
        match self.free.pop() {
            Some(number) => {
                self.slots[number as usize] = slot;
                number
            }
            None => {
                self.slots.push(slot);
                self.slots.len() as SlotNumber - 1
            }
        }
    }

    fn close(&mut self, number: SlotNumber) {
        debug_assert!(matches!(self.slot(number).state, State::Open | State::Asked), "not open");
        self.open -= 1;
        self.listens -= u32::from(self.slot(number).method.may_stay());
    }

    fn free_oldest_id(&mut self) {
        if let Some(number) = self.taken.pop_front() {
            self.forget_id(number);
            self.free_if_done(number);
        }
    }

    /// The id may be used again; the slot may still owe something.
    fn forget_id(&mut self, number: SlotNumber) {
        let place = self.slot(number).id.as_ref().and_then(|id| self.place(id));
        if let Some(place) = place.filter(|&place| self.index[place] == number + 1) {
            self.remove(place);
        }
        self.slot_mut(number).state = State::Free;
    }

    fn free_if_done(&mut self, number: SlotNumber) {
        let slot = self.slot(number);
        let done = matches!(slot.state, State::Free | State::Refused);
        if done && slot.owed.is_none() && slot.cancel.is_none() {
            self.slot_mut(number).state = State::Free;
            self.slot_mut(number).id = None;
            self.free.push(number);
        }
    }

    /// Where the index holds this id.
    fn place(&self, id: &IdBuf) -> Option<usize> {
        let mask = self.index.len().checked_sub(1)?;
        let hash = id.hash();
        let mut place = hash as usize & mask;
        while let Some(number) = self.index[place].checked_sub(1) {
            let slot = self.slot(number);
            if slot.hash == hash && slot.id.as_ref().is_some_and(|known| known.same_as(id)) {
                return Some(place);
            }
            place = (place + 1) & mask;
        }
        None
    }

    fn insert(&mut self, number: SlotNumber) {
        let Some(id) = &self.slot(number).id else { return };
        let hash = id.hash();
        self.slot_mut(number).hash = hash;
        if (self.known + 1) * 2 > self.index.len() {
            let grown = (self.index.len() * 2).max(INDEX_LEN_MIN);
            let old = std::mem::replace(&mut self.index, vec![0; grown]);
            old.into_iter().filter(|entry| *entry != 0).for_each(|entry| self.settle(entry));
        }
        self.settle(number + 1);
        self.known += 1;
    }

    /// Puts an entry into the first free place from that of its hash on.
    fn settle(&mut self, entry: u32) {
        let mask = self.index.len() - 1;
        let mut place = self.slot(entry - 1).hash as usize & mask;
        while self.index[place] != 0 {
            place = (place + 1) & mask;
        }
        self.index[place] = entry;
    }

    /// Frees a place, and moves up what had to pass over it.
    fn remove(&mut self, mut hole: usize) {
        let mask = self.index.len() - 1;
        self.index[hole] = 0;
        self.known -= 1;
        let mut place = (hole + 1) & mask;
        while self.index[place] != 0 {
            let home = self.slot(self.index[place] - 1).hash as usize & mask;
            // Entries whose way from home to here does not lead over the hole stay.
            if (place.wrapping_sub(home) & mask) >= (place.wrapping_sub(hole) & mask) {
                self.index[hole] = std::mem::take(&mut self.index[place]);
                hole = place;
            }
            place = (place + 1) & mask;
        }
    }
}

/// Places of an index that holds anything.
const INDEX_LEN_MIN: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> IdBuf {
        IdBuf::new(text.as_bytes())
    }

    fn open(pending: &mut Pending, text: &str) -> SlotNumber {
        pending.open_slot(Slot::new(Some(id(text)), 0), State::Open)
    }

    #[test]
    fn ids_are_found_by_type_and_value() {
        let mut pending = Pending::new(Limits::default());
        let numbers: Vec<_> =
            ["5", "\"5\"", "\"\\u00e9\"", "-5"].iter().map(|id| open(&mut pending, id)).collect();
        assert_eq!(pending.find(&id("\"\u{e9}\"")), Some(numbers[2]));
        assert_eq!(pending.find(&id("\"5\"")), Some(numbers[1]));
        assert_eq!(pending.find(&id("6")), None);
        numbers.into_iter().for_each(|number| pending.finish(number));
        assert_eq!(pending.find(&id("5")), None);
        assert_eq!((pending.open(), pending.free.len()), (0, 4));
    }

    #[test]
    fn an_id_stays_taken_until_its_time_or_its_late_answer() {
        let limits = Limits { ids_taken_max: 2, ..Limits::default() };
        let mut pending = Pending::new(limits);
        for text in ["1", "2", "3"] {
            let number = open(&mut pending, text);
            pending.end(number, None, 0);
        }
        assert!(pending.find(&id("1")).is_none(), "the oldest makes room");
        let two = pending.find(&id("2")).expect("still taken");
        pending.free_id(two);
        assert!(pending.find(&id("2")).is_none());
        pending.tick(limits.id_taken_ms - 1);
        assert!(pending.find(&id("3")).is_some());
        pending.tick(limits.id_taken_ms);
        assert!(pending.find(&id("3")).is_none());
        assert_eq!(pending.slots.len(), pending.free.len());
    }

    #[test]
    fn the_index_finds_what_a_plain_list_finds() {
        let mut pending = Pending::new(Limits::default());
        let mut list: Vec<(String, SlotNumber)> = Vec::new();
        let mut state = 1_u64;
        for _ in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let text = format!("{}", (state >> 33) % 90);
            match list.iter().position(|(known, _)| *known == text) {
                Some(at) => {
                    let (_, number) = list.swap_remove(at);
                    assert_eq!(pending.find(&id(&text)), Some(number));
                    pending.finish(number);
                }
                None => {
                    assert_eq!(pending.find(&id(&text)), None);
                    let number = open(&mut pending, &text);
                    list.push((text, number));
                }
            }
        }
        assert!(pending.index.len() <= 256, "{}", pending.index.len());
    }

    #[test]
    fn a_slot_lives_until_all_it_owes_is_written() {
        let mut pending = Pending::new(Limits::default());
        let number = open(&mut pending, "1");
        let style = Style { refusals: Default::default(), modern: false, is_tool_call: false };
        pending.end(number, Some((Reason::Timeout.into(), style)), 0);
        pending.owe_cancel(number, Reason::Timeout);
        pending.free_id(number);
        assert_eq!(pending.free.len(), 0);
        pending.owed_written();
        assert_eq!(pending.free.len(), 0);
        assert!(pending.next_cancel().is_some());
        assert_eq!(pending.free.len(), 1);
    }
}
