//! One search for the texts of all the host's own patterns, however many there are.
//!
//! Two questions: whether a frame holds any of the texts, and which patterns a string has to be
//! searched for. Up to [`TEDDY_MAX`] texts the first is answered by Teddy (`aho-corasick`), which
//! compares 16 or 32 bytes at a time. More of them, and the second question, go to a table: of each
//! text three bytes that few others hold, hashed to one bit; every place of the text looks up its
//! bit, and the few that are set are compared.
//!
//! Nothing is kept between calls. At most [`BUCKET_MAX`] texts share their three bytes, so the work
//! for a place is bounded and the whole is linear, whatever is searched.
//!
//! Measured over 100 MB of frames, frame by frame, on one busy core, in GB/s:
//!
//! ```text
//!   texts                4     16     40    256   1024
//!   one search each    2.3    1.0    0.4   0.07   0.03
//!   this               2.4    2.4    2.0   0.52   0.35
//! ```

use aho_corasick::packed::{self, MatchKind, Searcher};

/// Teddy is faster than the table up to about so many texts.
const TEDDY_MAX: usize = 40;
/// At most so many texts are recognised by the same three bytes.
pub(crate) const BUCKET_MAX: usize = 16;

/// A set of patterns, by their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PatternSet([u64; 4]);

impl PatternSet {
    /// No set holds more.
    pub(crate) const MAX: usize = 256;

    pub(crate) fn insert(&mut self, pattern: u8) {
        self.0[usize::from(pattern >> 6)] |= 1 << (pattern & 63);
    }

    fn remove(&mut self, pattern: u8) {
        self.0[usize::from(pattern >> 6)] &= !(1 << (pattern & 63));
    }

    fn add(&mut self, other: PatternSet) {
        self.0.iter_mut().zip(other.0).for_each(|(own, other)| *own |= other);
    }

    pub(crate) fn has(&self, pattern: u8) -> bool {
        self.0[usize::from(pattern >> 6)] >> (pattern & 63) & 1 != 0
    }
}

/// The texts that patterns demand.
#[derive(Clone)]
pub(crate) struct Needles {
    /// A text, and the patterns that demand it.
    texts: Vec<(Vec<u8>, PatternSet)>,
    /// Three bytes, the text that holds them, and how far from its beginning; sorted.
    grams: Vec<(u32, u32, u32)>,
    /// One bit for each hash of three bytes.
    bits: Box<[u64; 1024]>,
    teddy: Option<Searcher>,
}

impl Needles {
    pub(crate) fn new() -> Needles {
        let bits = Box::new([0; 1024]);
        Needles { texts: Vec::new(), grams: Vec::new(), bits, teddy: None }
    }

    /// Adds the texts of which each match of a pattern holds one. False, and nothing is added, if
    /// too many other texts are recognised by the same bytes.
    pub(crate) fn add(&mut self, texts: &[Vec<u8>], pattern: u8) -> bool {
        let (text_count, gram_count) = (self.texts.len(), self.grams.len());
        for text in texts {
            let index = match self.texts.iter().position(|(known, _)| known == text) {
                Some(index) => index,
                None => match self.rarest(text) {
                    Some((gram, offset)) => {
                        self.grams.push((gram, self.texts.len() as u32, offset));
                        self.texts.push((text.clone(), PatternSet::default()));
                        self.texts.len() - 1
                    }
                    None => {
                        self.texts.truncate(text_count);
                        self.grams.truncate(gram_count);
                        self.texts.iter_mut().for_each(|(_, patterns)| patterns.remove(pattern));
                        return false;
                    }
                },
            };
            self.texts[index].1.insert(pattern);
        }
        true
    }

    /// Makes ready for searches; to be called when all are added.
    pub(crate) fn finish(&mut self) {
        self.grams.sort_unstable();
        for (gram, ..) in &self.grams {
            let hash = hash(*gram);
            self.bits[hash >> 6] |= 1 << (hash & 63);
        }
        self.teddy = None;
        if (1..=TEDDY_MAX).contains(&self.texts.len()) {
            let mut builder = packed::Config::new().match_kind(MatchKind::LeftmostFirst).builder();
            builder.extend(self.texts.iter().map(|(text, _)| text));
            self.teddy = builder.build();
        }
    }

    /// Whether any of the texts stands in a frame.
    pub(crate) fn any(&self, frame: &[u8]) -> bool {
        match &self.teddy {
            Some(teddy) => teddy.find(frame).is_some(),
            None => {
                let mut any = false;
                self.scan(frame, |_| {
                    any = true;
                    true
                });
                any
            }
        }
    }

    /// Adds the patterns whose texts stand in a string.
    pub(crate) fn collect(&self, text: &[u8], patterns: &mut PatternSet) {
        self.scan(text, |demanding| {
            patterns.add(demanding);
            false
        });
    }

    /// Calls `found` with the patterns of each text found, until it says that this is enough.
    fn scan(&self, text: &[u8], mut found: impl FnMut(PatternSet) -> bool) {
        if self.grams.is_empty() {
            return;
        }
        for (at, three) in text.windows(3).enumerate() {
            let gram = key([three[0], three[1], three[2]]);
            let hash = hash(gram);
            if self.bits[hash >> 6] >> (hash & 63) & 1 == 0 {
                continue;
            }
            let low = self.grams.partition_point(|(known, ..)| *known < gram);
            let same = self.grams[low..].iter().take_while(|(known, ..)| *known == gram);
            for (_, index, offset) in same {
                let (needle, patterns) = &self.texts[*index as usize];
                let starts = at.checked_sub(*offset as usize);
                if starts.is_some_and(|i| text[i..].starts_with(needle)) && found(*patterns) {
                    return;
                }
            }
        }
    }

    /// The three bytes of a text that the fewest texts are recognised by; among these, the ones
    /// that are rare in prose.
    fn rarest(&self, text: &[u8]) -> Option<(u32, u32)> {
        let bytes = |b: &u8| match b {
            b' ' | b'a'..=b'z' => 2,
            b'0'..=b'9' | b'A'..=b'Z' => 1,
            _ => 0,
        };
        let grams = text.windows(3).enumerate().map(|(offset, three)| {
            let gram = key([three[0], three[1], three[2]]);
            let shared = self.grams.iter().filter(|(known, ..)| *known == gram).count();
            (shared, three.iter().map(bytes).sum::<u32>(), gram, offset as u32)
        });
        let (shared, _, gram, offset) = grams.min()?;
        (shared < BUCKET_MAX).then_some((gram, offset))
    }
}

const fn key(three: [u8; 3]) -> u32 {
    (three[0] as u32) << 16 | (three[1] as u32) << 8 | three[2] as u32
}

/// Sixteen bits out of three bytes.
const fn hash(key: u32) -> usize {
    (key.wrapping_mul(0x9E37_79B1) >> 16) as usize
}
