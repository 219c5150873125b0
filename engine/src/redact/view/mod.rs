//! Second views of a text: what stands in it spelled otherwise than in its own characters.
//!
//! A view is found and bounded here, decoded, and searched like any text. It never changes a text;
//! it says where a secret stands and, by a [`Writing`], how it is spelled there.
//!
//! The invariant: the span of a match is one of the text that was handed in, whatever views lie
//! between.

mod writing;

pub use writing::Writing;
