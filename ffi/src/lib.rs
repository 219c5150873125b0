//! The C ABI of the engine: pointers, numbers, and panics at the border. It decides nothing.
//!
//! `include/portcullis.h` is generated from the comments of this crate, so they speak to readers who
//! know no Rust. No Rust code calls these functions; what C has to keep to stands in the header, and
//! what of it can be checked is checked in `border`, the one module with `unsafe` blocks.
//!
//! Each export is a plain function, since the generator does not see what a macro makes, and its
//! body is one call of a guard, which a test counts.

#![allow(non_camel_case_types, reason = "types have the names that C knows them by")]
#![warn(clippy::undocumented_unsafe_blocks)]

mod border;
mod engine;
mod event;
mod facts;
mod finder;
mod gate;
mod guard;
mod ledger;
mod limits;
mod metrics;
mod notice;
mod numbers;
mod policy;
mod question;
mod redactor;
mod status;
mod strict;
mod verdict;

#[cfg(test)]
mod tests;

use std::ffi::{CStr, c_char};

/// The number of this interface. It changes when something that compiled or linked before would mean
/// something else. Every `_new` takes it, and refuses another.
pub const PORTCULLIS_ABI: u32 = 1;

/// The number of the interface that the library has.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_abi() -> u32 {
    PORTCULLIS_ABI
}

/// The version of the library, such as `0.1.0` (semver.org). Never NULL; lives for ever.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_version() -> *const c_char {
    const VERSION: &CStr =
        match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(version) => version,
            Err(_) => panic!("a version holds no NUL"),
        };
    VERSION.as_ptr()
}
