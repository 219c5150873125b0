//! Tests of the layer as a whole: hostile input as tables. Each row names the check that refuses it,
//! and passes when that check alone is switched off.

mod model;
mod paths;
mod spellings;
mod urls;
