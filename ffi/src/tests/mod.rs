//! What holds of the interface as a whole.

mod header;
