//! Numbers in the order of their times, the earliest first; each can be found and moved.

/// A binary heap of slots. Where each stands is kept beside it in `at`, by slot, so that two heaps
/// over the same slots share one list; a slot is in one of them.
///
/// Invariant: no entry is earlier than the one above it, and `at[slot]` is its place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heap(Vec<(u64, u32)>);

impl Heap {
    pub(crate) const EMPTY: Self = Self(Vec::new());

    /// The earliest, and its slot.
    pub(crate) fn first(&self) -> Option<(u64, u32)> {
        self.0.first().copied()
    }

    pub(crate) fn capacity(&self) -> usize {
        self.0.capacity()
    }

    pub(crate) fn push(&mut self, at: &mut [u32], time: u64, slot: u32) {
        at[slot as usize] = self.0.len() as u32;
        self.0.push((time, slot));
        self.rise(at, self.0.len() - 1);
    }

    pub(crate) fn remove(&mut self, at: &mut [u32], slot: u32) {
        let place = at[slot as usize] as usize;
        let last = self.0.len() - 1;
        self.swap(at, place, last);
        self.0.pop();
        if place < last {
            self.rise(at, place);
            self.sink(at, place);
        }
    }

    /// The time that this slot is ordered by.
    pub(crate) fn time(&self, at: &[u32], slot: u32) -> u64 {
        self.0[at[slot as usize] as usize].0
    }

    pub(crate) fn set_time(&mut self, at: &mut [u32], slot: u32, time: u64) {
        let place = at[slot as usize] as usize;
        self.0[place].0 = time;
        self.rise(at, place);
        self.sink(at, at[slot as usize] as usize);
    }

    fn rise(&mut self, at: &mut [u32], mut place: usize) {
        while place > 0 {
            let above = (place - 1) / 2;
            if self.0[above] <= self.0[place] {
                break;
            }
            self.swap(at, above, place);
            place = above;
        }
    }

    fn sink(&mut self, at: &mut [u32], mut place: usize) {
        loop {
            let below = [2 * place + 1, 2 * place + 2].into_iter().filter(|&b| b < self.0.len());
            let Some(least) = below.min_by_key(|&b| self.0[b]) else { break };
            if self.0[place] <= self.0[least] {
                break;
            }
            self.swap(at, least, place);
            place = least;
        }
    }

    fn swap(&mut self, at: &mut [u32], a: usize, b: usize) {
        self.0.swap(a, b);
        for place in [a, b] {
            at[self.0[place].1 as usize] = place as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_comes_first_whatever_moves() {
        let (mut heap, mut at) = (Heap::EMPTY, [0; 64]);
        let mut times = [0_u64; 64];
        let mut random = 7_u64;
        let mut next = || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            random >> 50
        };
        for slot in 0..64_u32 {
            times[slot as usize] = next();
            heap.push(&mut at, times[slot as usize], slot);
        }
        for _ in 0..1_000 {
            let slot = (next() % 64) as u32;
            times[slot as usize] = next();
            heap.set_time(&mut at, slot, times[slot as usize]);
            assert_eq!(heap.time(&at, slot), times[slot as usize]);
            assert_eq!(heap.first().map(|(time, _)| time), times.iter().copied().min());
        }
        for gone in [5, 0, 63, 31] {
            heap.remove(&mut at, gone);
            times[gone as usize] = u64::MAX;
        }
        let mut left = Vec::new();
        while let Some((time, slot)) = heap.first() {
            assert_eq!(time, times[slot as usize]);
            heap.remove(&mut at, slot);
            left.push(time);
        }
        assert!(left.is_sorted() && left.len() == 60);
    }
}
