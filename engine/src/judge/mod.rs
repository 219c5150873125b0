//! Reads one validated frame and says what is to become of it. Pure: nothing here changes a table.

pub(crate) mod acting;
pub(crate) mod asking;
pub(crate) mod auth;
pub(crate) mod bare;
pub(crate) mod case;
pub(crate) mod edits;
pub(crate) mod envelope;
pub(crate) mod fixed;
pub(crate) mod lists;
pub(crate) mod made;
pub(crate) mod metering;
pub(crate) mod names;
pub(crate) mod network;
pub(crate) mod opening;
pub(crate) mod peer;
pub(crate) mod policy;
pub(crate) mod renamed;
pub(crate) mod reply;
pub(crate) mod reports;
pub(crate) mod rules;
pub(crate) mod sanitise;
pub(crate) mod seal;
pub(crate) mod search;
pub(crate) mod tasks;
pub(crate) mod truncate;
