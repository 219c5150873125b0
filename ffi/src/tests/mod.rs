//! What holds of the interface as a whole.

mod face;
mod header;
mod layout;
mod library;
mod memory;
mod misuse;
mod sources;
