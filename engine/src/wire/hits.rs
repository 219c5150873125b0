//! The strings of a frame in which a secret may stand.
//!
//! There may be many; what is kept of them is bounded. Over the bound every string is one.

/// Strings that are kept.
const HITS_MAX: usize = 512;

/// Where the strings open, in rising order.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    single: Vec<u32>,
    from: Option<usize>,
}

impl Hits {
    /// Ready for the next frame. Memory is kept.
    pub(crate) fn reset(&mut self) {
        self.single.clear();
        self.from = None;
    }

    /// Gives back the memory that frames took.
    pub(crate) fn shrink(&mut self) {
        self.single.shrink_to_fit();
    }

    /// Bytes of memory held.
    pub(crate) fn memory(&self) -> usize {
        self.single.capacity() * size_of::<u32>()
    }

    /// Most bytes of memory.
    pub(crate) const fn memory_max() -> usize {
        2 * HITS_MAX * size_of::<u32>()
    }

    /// Single strings.
    pub(crate) fn single(&self) -> &[u32] {
        &self.single
    }

    /// From here on every string is one.
    pub(crate) fn from(&self) -> Option<usize> {
        self.from
    }

    /// The string that opens at `opens` may hold a secret.
    pub(crate) fn add(&mut self, opens: usize) {
        if self.from.is_some() {
            return;
        }
        // Names and escapes are seen a little earlier than the places of the same string.
        match self.single.binary_search(&(opens as u32)) {
            Ok(_) => {}
            Err(_) if self.single.len() == HITS_MAX => self.from = Some(self.single[0] as usize),
            Err(place) => self.single.insert(place, opens as u32),
        }
    }

    /// Every string of the frame may hold one.
    pub(crate) fn add_all(&mut self) {
        self.from = Some(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_kept_once_and_in_order_up_to_the_limit() {
        let mut hits = Hits::default();
        for opens in (0..HITS_MAX).rev() {
            hits.add(2 * opens + 7);
            hits.add(2 * opens + 7);
        }
        assert_eq!(hits.single().len(), HITS_MAX);
        assert!(hits.single().is_sorted());
        assert_eq!(hits.from(), None);
        hits.add(6 * HITS_MAX);
        assert_eq!(hits.from(), Some(7));
        hits.reset();
        assert_eq!((hits.single().len(), hits.from()), (0, None));
    }
}
