//! What a person at a terminal sees while a search goes on: a bar on standard error.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// The bar, or none where nobody would see it.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    files: AtomicU64,
}

impl Progress {
    /// None.
    #[must_use]
    pub fn none() -> Progress {
        Progress { bar: ProgressBar::hidden(), files: AtomicU64::new(0) }
    }

    /// A bar for so many bytes, if standard error is a terminal.
    #[must_use]
    pub fn of(bytes: u64) -> Progress {
        if !std::io::stderr().is_terminal() {
            return Progress::none();
        }
        let bar = ProgressBar::new(bytes);
        let template = "searching [{bar:30}] {bytes} of {total_bytes}, {msg} files done";
        let style = ProgressStyle::with_template(template).expect("the template is ours");
        bar.set_style(style.progress_chars("=> "));
        bar.set_message("0");
        bar.enable_steady_tick(Duration::from_millis(200));
        Progress { bar, files: AtomicU64::new(0) }
    }

    /// So many more bytes were searched.
    pub fn bytes(&self, count: u64) {
        self.bar.inc(count);
    }

    /// A file more is done.
    pub fn file(&self) {
        let files = self.files.fetch_add(1, Ordering::Relaxed) + 1;
        if !self.bar.is_hidden() {
            self.bar.set_message(files.to_string());
        }
    }

    /// Does something that writes, without the bar in its way.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}
