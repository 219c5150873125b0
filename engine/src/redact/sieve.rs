//! Takes away the places that a few bytes rule out: what is left is worth a question that costs.
//!
//! ```text
//!   masks ──> places ──> listed, some blocks at a time ──> one look into tables each ──> places left
//! ```
//!
//! Runs are so many that each is judged without a branch that depends on it, in one tight loop for
//! some blocks together. The sieve serves raw and decoded text alike and is willing: where
//! it lacks bytes, a place stays.

use super::gate::{self, BACK};
use super::index::Index;
use super::names;
use super::places::{BATCH, Places, Window};
use super::signed;
use super::view;
use crate::bits::kernel::{self, BLOCK};
use crate::bits::mask;

/// A list of places, each as its distance from the first block.
struct List<const N: usize> {
    places: [u16; N],
    len: usize,
}

/// So many are written at a time, wanted or not.
const STEP: usize = 4;

impl<const N: usize> List<N> {
    #[inline(always)]
    fn new() -> Self {
        Self { places: [0; N], len: 0 }
    }

    #[inline(always)]
    fn add(&mut self, block: usize, mut mask: u64) {
        let (base, count) = (block * BLOCK, mask.count_ones() as usize);
        let mut at = self.len;
        self.len += count;
        while at < self.len {
            for place in &mut self.places[at..at + STEP] {
                *place = (base + mask.trailing_zeros() as usize) as u16;
                mask &= mask.wrapping_sub(1);
            }
            at += STEP;
        }
    }

    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.places[..self.len].iter().map(|place| usize::from(*place))
    }
}

/// The places worth a look in the blocks of `text` that lie between the first and the last of
/// `windows`; the first of them starts at `base`.
#[inline]
pub(crate) fn sift(
    index: &Index,
    text: &[u8],
    base: usize,
    windows: &[Window],
    out: &mut [Places; BATCH],
) {
    kernel::tuned(Sifting { index, text, base, windows, out });
}

/// The arguments of [`sift`].
struct Sifting<'a> {
    index: &'a Index,
    text: &'a [u8],
    base: usize,
    windows: &'a [Window],
    out: &'a mut [Places; BATCH],
}

impl kernel::Work for Sifting<'_> {
    #[inline(always)]
    fn run(self) {
        sifted(self);
    }
}

#[inline(always)]
fn sifted(Sifting { index, text, base, windows, out }: Sifting<'_>) {
    let mut runs = List::<{ BATCH * 8 }>::new();
    for (n, three) in windows.windows(3).enumerate() {
        let [before, now, next] = three else { unreachable!("a window of three") };
        out[n] = Places::of(before, now, next);
        runs.add(n, out[n].runs);
        (out[n].runs, out[n].keyed, out[n].inner) = (0, 0, 0);
    }
    for place in runs.iter() {
        run(index, text, base, windows, out, place);
    }
    for (n, places) in out[..windows.len() - 2].iter_mut().enumerate() {
        let base = base.wrapping_add(n * BLOCK);
        rest(index, text, base, &windows[n + 1..n + 3], places);
    }
}

/// What a mask says from a place on, up to 64 bits of it.
#[inline(always)]
fn from(now: u64, next: u64, i: usize) -> u64 {
    now >> i | next << 1 << (BLOCK - 1 - i)
}

#[inline(always)]
fn run(
    index: &Index,
    text: &[u8],
    base: usize,
    windows: &[Window],
    out: &mut [Places; BATCH],
    place: usize,
) {
    let (n, i) = (place / BLOCK, place % BLOCK);
    let (now, next) = (&windows[n + 1], &windows[n + 2]);
    let at = base.wrapping_add(place);
    let near = at.checked_sub(3).and_then(|low| text.get(low..at + 4));
    let near = near.and_then(|near| near.first_chunk::<7>()).copied();
    let [third, second, last, a, b, c, d] = near.unwrap_or_else(|| beginning(text, at));
    let length = (!from(now.token, next.token, i)).trailing_zeros() as usize;
    let is_long = length >= super::index::LONG_MIN;
    let is_run = index.may_begin([a, b, c, d])
        | index.gate.before([third, second, last], length)
        | (a == b'-');
    out[n].runs |= u64::from(is_run) << i;
    if !is_long {
        return;
    }
    let ones = if length < BLOCK { !(u64::MAX << length) } else { u64::MAX };
    let has_digit = from(now.digit, next.digit, i) & ones != 0;
    let is_keyed = index.keyed.may_be(second, last, length, has_digit);
    out[n].keyed |= u64::from(is_keyed) << i;
    let marks = from(now.mark, next.mark, i) & ones;
    let is_inner = length == BLOCK || (marks > 7 && index.inner.may_hold(text, at, marks));
    out[n].inner |= u64::from(is_inner) << i;
    if length >= super::index::BARE_MIN && index.bare(text, at).next().is_some() {
        out[n].runs |= 1 << i;
    }
}

/// What stands around a run at the very beginning of a text.
#[cold]
fn beginning(text: &[u8], at: usize) -> [u8; 7] {
    let mut near = [0; 7];
    let there = &text[at.saturating_sub(3)..text.len().min(at + 4)];
    near[3 - at.min(3)..][..there.len()].copy_from_slice(there);
    near
}

/// Whether the sign at `at` may give a name a value.
#[inline(always)]
fn may_assign(index: &Index, text: &[u8], at: usize) -> bool {
    let near = at.checked_sub(BACK).and_then(|low| text.get(low..at + 2));
    match near.and_then(|near| near.first_chunk::<{ BACK + 2 }>()) {
        Some([back @ .., sign, next]) => gate::may_assign(&index.names, *back, *sign, *next),
        None => true,
    }
}

/// The kinds that are rare.
#[inline(always)]
fn rest(index: &Index, text: &[u8], base: usize, windows: &[Window], places: &mut Places) {
    let [now, next] = windows else { unreachable!("two windows") };
    if places.found() | places.blobs == 0 {
        return;
    }
    places.signs = filtered(places.signs, |i| may_assign(index, text, base.wrapping_add(i)));
    places.paddings = filtered(places.paddings, |i| signed::may_end(text, base.wrapping_add(i)));
    places.words = filtered(places.words, |i| {
        let at = base.wrapping_add(i);
        // Behind the end of a text stand spaces.
        at < text.len() && text[..at].last_chunk::<3>().is_none_or(|last| gate::may_announce(*last))
    });
    places.closes = filtered(places.closes, |i| {
        let at = base.wrapping_add(i);
        names::is_spelled(text, at) || index.names.may_end(text, at)
    });
    places.options = filtered(places.options, |i| {
        let length = (!from(now.token, next.token, i)).trailing_zeros() as usize;
        let at = base.wrapping_add(i);
        length == BLOCK || gate::may_be_option(&index.names, text, at, at + length)
    });
    places.tildes = filtered(places.tildes, |i| text[..base.wrapping_add(i)].ends_with(b"Q"));
    places.blobs = filtered(places.blobs, |i| view::may_hold_blob(text, base.wrapping_add(i)));
}

/// The places at which the answer is yes.
#[inline(always)]
fn filtered(mask: u64, mut is: impl FnMut(usize) -> bool) -> u64 {
    if mask == 0 {
        return 0;
    }
    mask::places(mask).fold(0, |left, i| left | u64::from(is(i)) << i)
}
