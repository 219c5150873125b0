//! Workers, each with one file at a time, and what they found, in the order of the files.
//!
//! A worker takes the next file when it is done with one. What it finds goes to the thread that
//! reports, which tells of a file when all before it have been told of: so the order is that of
//! the files, and what waits is findings, never text.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

use portcullis_engine::Rules;

use super::copy::Destination;
use super::file::{Bounds, End, Search};
use super::finding::Finding;
use super::fingerprint::Key;
use super::progress::Progress;
use super::walk::{Target, fault};

/// What is searched, for what, and how.
#[derive(Debug)]
pub struct Scan<'a> {
    /// The rules in force.
    pub rules: &'a Rules,
    /// The files, in the order in which they are told of.
    pub targets: &'a [Target],
    /// What is searched of each.
    pub bounds: Bounds,
    /// Makes digests of secrets.
    pub key: Option<&'a Key>,
    /// Where a text without its secrets goes.
    pub destination: Option<&'a Destination>,
    /// So many files at a time; at least one.
    pub jobs: usize,
}

/// Sums of a search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Secrets.
    pub findings: u64,
    /// Files in which there are any.
    pub files_found: u64,
    /// Files that were searched.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that are no text.
    pub binary: u64,
    /// Files that are too long.
    pub too_long: u64,
    /// What could not be searched, or not written.
    pub failed: u64,
}

/// What a worker says: findings, some at a time, or how a file ended.
enum Word {
    Found(Vec<Finding>),
    End(End),
}

impl Scan<'_> {
    /// Searches, and hands every finding and the end of every file to `each`, in order. An error of
    /// `each` ends the search.
    ///
    /// # Errors
    /// Those of `each`.
    pub fn run(
        &self,
        progress: &Progress,
        mut each: impl FnMut(&Target, Result<&Finding, &End>) -> io::Result<()>,
    ) -> io::Result<Totals> {
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (sender, words) = sync_channel(WORDS_MAX);
        std::thread::scope(|scope| {
            let (next, stop) = (&next, &stop);
            for _ in 0..self.jobs.clamp(1, self.targets.len().max(1)) {
                let sender = sender.clone();
                scope.spawn(move || self.work(next, stop, progress, &sender));
            }
            drop(sender);
            let mut order = Order::default();
            let mut told = Ok(());
            for (index, word) in words {
                if told.is_ok() {
                    told = order
                        .take(index, word, &mut |index, word| each(&self.targets[index], word));
                    stop.store(told.is_err(), Ordering::Relaxed);
                }
            }
            told.map(|()| order.totals)
        })
    }

    /// Searches file after file until there is none left.
    fn work(
        &self,
        next: &AtomicUsize,
        stop: &AtomicBool,
        progress: &Progress,
        sender: &SyncSender<(usize, Word)>,
    ) {
        let mut bytes = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(target) = self.targets.get(index) else { return };
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let mut search = Search { rules: self.rules, key: self.key, bytes: &mut bytes };
            // The receiver takes words until the last sender is gone, so sending cannot fail.
            let say = |word: Word| drop(sender.send((index, word)));
            let end = self
                .search(target, &mut search, stop, progress, &say)
                .unwrap_or_else(|error| End::Failed(fault(target.shown(), &reason(&error))));
            progress.file();
            say(Word::End(end));
        }
    }

    fn search(
        &self,
        target: &Target,
        search: &mut Search<'_>,
        stop: &AtomicBool,
        progress: &Progress,
        say: &dyn Fn(Word),
    ) -> io::Result<End> {
        let (file, bounds) = match target.is_standard_input() {
            // Whoever pipes something in wants it searched, whatever it is.
            true => (standard_input()?, Bounds { binary: true, ..self.bounds }),
            false => (File::open(&target.path)?, self.bounds),
        };
        let stream = match search.begin(file, bounds)? {
            Ok(stream) => stream,
            Err(end) => return Ok(end),
        };
        let mut copy = match self.destination {
            Some(destination) => destination.begin(target)?,
            None => None,
        };
        let (mut found, mut before) = (false, 0);
        let judged = search.run(stream, |step, findings| {
            let judged = step.base + step.to as u64;
            progress.bytes(judged - before);
            before = judged;
            if let Some(copy) = &mut copy {
                copy.write(self.rules, step)?;
            }
            if !findings.is_empty() {
                found = true;
                say(Word::Found(std::mem::take(findings)));
            }
            Ok(!stop.load(Ordering::Relaxed))
        })?;
        if let Some(copy) = copy {
            copy.finish()?;
        }
        if let (true, Some(destination)) = (found, self.destination) {
            destination.rewrite(target, self.rules, search)?;
        }
        Ok(End::Searched(judged))
    }
}

/// Standard input as a file, without the buffer that the library puts in front of it.
pub(super) fn standard_input() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// What the system says, without its number.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// Words in the order of their files.
#[derive(Default)]
struct Order {
    /// The file that is told of.
    current: usize,
    /// Words of files behind it.
    waiting: BTreeMap<usize, Vec<Word>>,
    /// Whether something was found in the current one.
    found: bool,
    totals: Totals,
}

type Tell<'a> = &'a mut dyn FnMut(usize, Result<&Finding, &End>) -> io::Result<()>;

impl Order {
    fn take(&mut self, index: usize, word: Word, tell: Tell<'_>) -> io::Result<()> {
        if index != self.current {
            self.waiting.entry(index).or_default().push(word);
            return Ok(());
        }
        let mut words = vec![word];
        loop {
            for word in words {
                self.tell(&word, tell)?;
            }
            match self.waiting.remove(&self.current) {
                Some(more) => words = more,
                None => return Ok(()),
            }
        }
    }

    fn tell(&mut self, word: &Word, tell: Tell<'_>) -> io::Result<()> {
        match word {
            Word::Found(findings) => {
                self.found = true;
                self.totals.findings += findings.len() as u64;
                findings.iter().try_for_each(|finding| tell(self.current, Ok(finding)))
            }
            Word::End(end) => {
                let totals = &mut self.totals;
                totals.files_found += u64::from(std::mem::take(&mut self.found));
                match end {
                    End::Searched(bytes) => {
                        totals.files += 1;
                        totals.bytes += bytes;
                    }
                    End::Binary => totals.binary += 1,
                    End::TooLong => totals.too_long += 1,
                    End::Failed(_) => totals.failed += 1,
                }
                let index = self.current;
                self.current += 1;
                tell(index, Err(end))
            }
        }
    }
}

/// So many words wait for the report before workers wait for it.
const WORDS_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_of_in_order() {
        let mut order = Order::default();
        let mut told = Vec::new();
        let end = |bytes| Word::End(End::Searched(bytes));
        for (index, word) in [(2, end(4)), (0, end(1)), (1, Word::Found(Vec::new())), (1, end(2))] {
            let tell = &mut |index, _: Result<&Finding, &End>| {
                told.push(index);
                Ok(())
            };
            order.take(index, word, tell).unwrap();
        }
        assert_eq!(told, [0, 1, 2]);
        assert_eq!((order.totals.files, order.totals.bytes), (3, 7));
    }
}
