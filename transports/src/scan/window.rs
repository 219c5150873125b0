//! A text of any length, searched in windows of bounded size.
//!
//! ```text
//!   bytes    [ judged before, kept as context | judged by this step | read, judged by the next ]
//!            0                             from                    to                        len
//! ```
//!
//! A step judges a stretch of the text with what stands on both sides of it in view, and ends it at
//! a line end where one is near. A secret that reaches over the end of a step moves the end, before
//! it or behind it; one that may go on behind what was read makes the window grow. So a secret at
//! an edge is found as if there were none.
//!
//! The invariants: `from <= to <= bytes.len() <= limit + chunk`; every byte is judged once; a match
//! that is handed out ends in the stretch of its step.

use std::io::{self, Read};

use portcullis_engine::{Match, Rules};

/// How large the windows of a text are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// So much is read before a step; a text that is not longer is judged in one.
    pub(super) window: usize,
    /// What is kept in view on each side of a step.
    pub(super) context: usize,
    /// A window grows up to this for a secret that does not end.
    pub(super) limit: usize,
    /// So much of a live text is held back for one.
    pub(super) held: usize,
}

impl Sizes {
    /// 4 MiB: nearly every text is judged in one step, and a dozen workers are no burden. 64 KiB
    /// of context: no key, certificate or line of a connection string is as long; it costs a
    /// thirtieth. 64 MiB: the longest value of a name. 64 KiB held back: a stray BEGIN line must
    /// not silence a live log for good.
    pub(super) const DEFAULT: Sizes =
        Sizes { window: 4 << 20, context: 64 << 10, limit: 64 << 20, held: 64 << 10 };
}

/// Where the bytes come from.
pub(super) trait Source: Read {
    /// Whether nothing will come for now, so that what has come should not wait.
    fn is_idle(&mut self) -> bool {
        false
    }
}

/// A text being searched.
pub(super) struct Windows<'a, S> {
    source: S,
    rules: &'a Rules,
    sizes: Sizes,
    bytes: &'a mut Vec<u8>,
    /// What was judged in the steps before.
    to: usize,
    /// Of the whole text, what stands before `bytes`.
    base: u64,
    ended: bool,
    matches: Vec<Match>,
}

/// What a step judged.
pub(super) struct Step<'a> {
    /// The window.
    pub(super) text: &'a [u8],
    /// What stands before it.
    pub(super) base: u64,
    /// The stretch that was judged begins here.
    pub(super) from: usize,
    /// And ends here.
    pub(super) to: usize,
    /// Secrets in that stretch; the first may begin before it.
    pub(super) matches: &'a [Match],
    /// All secrets in view.
    pub(super) in_view: &'a [Match],
}

/// How a step ends.
enum Cut {
    At(usize),
    /// Not before there is more.
    More,
}

impl<'a, S: Source> Windows<'a, S> {
    /// At the beginning of a text. What is in `bytes` is its beginning.
    pub(super) fn new(source: S, rules: &'a Rules, sizes: Sizes, bytes: &'a mut Vec<u8>) -> Self {
        Windows { source, rules, sizes, bytes, to: 0, base: 0, ended: false, matches: Vec::new() }
    }

    /// Judges the next stretch; `None` at the end.
    pub(super) fn step(&mut self) -> io::Result<Option<Step<'_>>> {
        self.forget();
        if self.ended && self.to == self.bytes.len() {
            return Ok(None);
        }
        let from = self.to;
        let mut target = self.sizes.window.max(from + 2 * self.sizes.context);
        let to = loop {
            let is_idle = self.read(target)?;
            self.matches.clear();
            self.rules.find(self.bytes, &mut self.matches);
            match self.cut(from, is_idle) {
                Cut::At(to) => break to,
                // Twice as much each time, so that the work stays linear.
                Cut::More => target = (2 * self.bytes.len()).max(target).min(self.sizes.limit),
            }
        };
        self.to = to;
        let first = self.matches.partition_point(|found| found.end <= from);
        let last = self.matches.partition_point(|found| found.start < to);
        Ok(Some(Step {
            text: self.bytes,
            base: self.base,
            from,
            to,
            matches: &self.matches[first..last.max(first)],
            in_view: &self.matches,
        }))
    }

    /// Lets go of what is out of view.
    fn forget(&mut self) {
        let keep = self.to.saturating_sub(self.sizes.context);
        let near = &self.bytes[keep..keep + (self.to - keep) / 2];
        let keep = match memchr::memchr(b'\n', near) {
            Some(at) if keep > 0 => keep + at + 1,
            _ => keep,
        };
        // A live text moves a few bytes at a time: its context is moved only when it has doubled.
        if keep < self.sizes.context && !self.ended {
            return;
        }
        self.bytes.drain(..keep);
        self.base += keep as u64;
        self.to -= keep;
    }

    /// Reads until there are `target` bytes, or nothing more comes; whether it only does for now.
    fn read(&mut self, target: usize) -> io::Result<bool> {
        let before = self.bytes.len();
        while !self.ended && self.bytes.len() < target {
            if self.bytes.len() > before.max(self.to) && self.source.is_idle() {
                return Ok(true);
            }
            let room = (target - self.bytes.len()).min(CHUNK);
            let start = self.bytes.len();
            self.bytes.resize(start + room, 0);
            let read = self.source.read(&mut self.bytes[start..]);
            let count = read.as_ref().map_or(0, |count| *count);
            self.bytes.truncate(start + count);
            match read {
                Ok(0) => self.ended = true,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// Where this step ends.
    fn cut(&self, from: usize, is_idle: bool) -> Cut {
        let len = self.bytes.len();
        if self.ended {
            return Cut::At(len);
        }
        let Sizes { context, held, limit, .. } = self.sizes;
        // Of a live text all lines that have ended are judged.
        let ended = memchr::memrchr(b'\n', &self.bytes[from..]).filter(|_| is_idle);
        let is_line = ended.is_some();
        let cut = match ended {
            Some(at) => from + at + 1,
            // A line without its end waits until it is too long to wait for.
            None if is_idle && len - from < held + context => return Cut::More,
            None => {
                let wanted = len - context;
                let low = from.max(wanted.saturating_sub(context));
                let line = memchr::memrchr(b'\n', &self.bytes[low..wanted]);
                line.map_or(wanted, |at| low + at + 1)
            }
        };
        // A full stop at the end of a sentence is no part of a secret, unless it goes on there.
        let (reach, held) = if is_line { (0, held) } else { (SLACK, limit) };
        let over = self.matches.iter().find(|found| found.start < cut && found.end >= cut);
        let Some(over) = over else { return Cut::At(cut) };
        let is_open = over.end + reach >= len;
        match is_open {
            false => Cut::At(over.end.max(cut)),
            true if len - over.start.max(from) >= held || len >= limit => Cut::At(len),
            true if over.start > from => Cut::At(over.start),
            true => Cut::More,
        }
    }
}

/// Bytes for one call of read(2).
const CHUNK: usize = 256 << 10;
/// What may be taken off the end of a match: punctuation behind it.
const SLACK: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Sizes = Sizes { window: 256, context: 64, limit: 2048, held: 512 };

    /// Hands out so many bytes at a time, and is idle after each if it is live.
    struct Pieces<'a> {
        rest: &'a [u8],
        piece: usize,
        live: bool,
    }

    impl Read for Pieces<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = self.piece.min(self.rest.len()).min(out.len());
            out[..count].copy_from_slice(&self.rest[..count]);
            self.rest = &self.rest[count..];
            Ok(count)
        }
    }

    impl Source for Pieces<'_> {
        fn is_idle(&mut self) -> bool {
            self.live
        }
    }

    /// The secrets of a text by window; every byte is judged once, in order.
    fn found(rules: &Rules, text: &[u8], piece: usize, live: bool) -> Vec<(u64, u64)> {
        let (mut bytes, mut judged, mut found) = (Vec::new(), 0, Vec::new());
        let source = Pieces { rest: text, piece, live };
        let mut windows = Windows::new(source, rules, SMALL, &mut bytes);
        while let Some(step) = windows.step().expect("a slice can be read") {
            assert_eq!(step.base + step.from as u64, judged);
            judged = step.base + step.to as u64;
            let text = &text[step.base as usize..];
            assert!(text.starts_with(step.text), "the window is of the text");
            for one in step.matches {
                assert!(one.end > step.from && one.end <= step.to);
                found.push((step.base + one.start as u64, step.base + one.end as u64));
            }
        }
        assert_eq!(judged, text.len() as u64);
        found
    }

    fn example(rules: &Rules, name: &str) -> String {
        let id = rules.iter().find(|id| rules.info(*id).name == name).expect("a rule");
        let (text, span) = rules.example_at(id, 7).expect("an example");
        text[span].to_owned()
    }

    #[test]
    fn a_secret_is_found_wherever_the_edge_is() {
        let rules = Rules::default();
        let secret = example(&rules, "github-classic-pat");
        for (filler, end) in [("word ", "\n"), ("word,", ","), ("a line\n", "\n")] {
            for at in (100..330).chain(500..660) {
                let before: String = filler.chars().cycle().take(at).collect();
                let text = format!("{before} {secret}{end}{}", filler.repeat(300));
                let start = at as u64 + 1;
                let want = vec![(start, start + secret.len() as u64)];
                for (piece, live) in [(1 << 20, false), (37, false), (37, true)] {
                    assert_eq!(found(&rules, text.as_bytes(), piece, live), want, "{at} {piece}");
                }
            }
        }
    }

    #[test]
    fn a_key_of_many_lines_is_one_finding() {
        let rules = Rules::default();
        let line = format!("{}\n", "Zm9vYmFyYmF6".repeat(5));
        let label = "PRIVATE KEY-----";
        for at in (0..600).step_by(23) {
            let before = "a line\n".repeat(at / 7);
            let key = format!("-----BEGIN {label}\n{}-----END {label}", line.repeat(24));
            let text = format!("{before}{key}\n{}", "behind it\n".repeat(90));
            let start = before.len() as u64;
            let want = vec![(start, start + key.len() as u64)];
            assert_eq!(found(&rules, text.as_bytes(), 100, false), want, "{at}");
        }
    }

    #[test]
    fn a_live_text_does_not_wait_for_more_than_its_line() {
        let rules = Rules::default();
        let (text, mut bytes) = ("first line\nsecond", Vec::new());
        let source = Pieces { rest: text.as_bytes(), piece: 17, live: true };
        let mut windows = Windows::new(source, &rules, SMALL, &mut bytes);
        let step = windows.step().unwrap().unwrap();
        assert_eq!(&step.text[step.from..step.to], b"first line\n");
        let step = windows.step().unwrap().unwrap();
        assert_eq!(&step.text[step.from..step.to], b"second");
        assert!(windows.step().unwrap().is_none());
    }

    #[test]
    fn what_does_not_end_is_held_back_no_longer_than_it_may() {
        let rules = Rules::default();
        let open = format!("-----BEGIN PRIVATE KEY-----\n{}\n", "Zm9vYmFyYmF6".repeat(5));
        let text = format!("{open}{}", "Zm9vYmFyYmF6Zm9v\n".repeat(400));
        for live in [false, true] {
            let (mut bytes, mut widest) = (Vec::new(), 0);
            let source = Pieces { rest: text.as_bytes(), piece: 50, live };
            let mut windows = Windows::new(source, &rules, SMALL, &mut bytes);
            while let Some(step) = windows.step().unwrap() {
                widest = widest.max(step.text.len());
            }
            assert!(widest <= SMALL.limit + CHUNK, "{widest}");
        }
    }

    #[test]
    fn an_empty_text_has_no_step() {
        assert_eq!(found(&Rules::default(), b"", 10, false), []);
    }
}
