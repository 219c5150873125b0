//! Descriptors that never block, and the buffered way to standard error.

mod errors;
mod label;
mod reader;
mod ready;
mod writer;

pub use errors::Errors;
pub use label::Label;
pub use reader::{Got, Reader};
pub use ready::{Descriptor, Direction};
pub use writer::{Put, Writer};
