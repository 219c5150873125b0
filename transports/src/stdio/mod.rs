//! Descriptors that never block, and the buffered way to standard error.

mod errors;
mod ready;
mod reader;
mod writer;

pub use errors::Errors;
pub use ready::{Descriptor, Direction};
pub use reader::{Got, Reader};
pub use writer::{Put, Writer};
