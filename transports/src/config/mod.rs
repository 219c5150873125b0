//! config
pub mod fault;
pub mod tree;
