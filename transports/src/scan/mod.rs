//! Searches files, directories and standard input for secrets.
//!
//! ```text
//!   paths ──> walk ──> targets, sorted ──> workers, one file each ──> in order ──> report
//!                                              │                         │
//!                        windows of a text ──> file ──> findings      progress, totals
//!                                              │
//!                                              └──> redact: a copy, the file itself, or a filter
//! ```
//!
//! Nothing here shows a secret: a finding holds its place and a masked excerpt. What is found and
//! in which order it is told depends on the files alone, not on how many workers there are.

mod copy;
mod file;
mod filter;
mod finding;
mod fingerprint;
mod place;
mod progress;
mod report;
mod walk;
mod window;
mod work;

pub use copy::Destination;
pub use file::{Bounds, End};
pub use filter::{FilterError, filter};
pub use finding::Finding;
pub use fingerprint::Key;
pub use progress::Progress;
pub use report::{Format, Report};
pub use walk::{Choice, STDIN, Target, Walked, walk};
pub use work::{Scan, Totals};
