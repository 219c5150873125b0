//! A filter: one text in, the same text without its secrets out.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use portcullis_engine::Rules;

use super::copy::Writer;
use super::file::{Bounds, Search};
use super::walk::Target;
use super::work::{Totals, standard_input};

/// Why a filter ended early.
#[derive(Debug)]
pub enum FilterError {
    /// The text could not be read to its end.
    Input(io::Error),
    /// Nobody takes it, or there is no room.
    Output(io::Error),
}

/// Writes a text without its secrets to `out`, whatever it is: bytes that are no text pass as they
/// are. A live text comes out line by line.
///
/// # Errors
/// A text that cannot be read or written, in [`Totals`] what was done until then.
pub fn filter(
    rules: &Rules,
    target: &Target,
    out: &mut dyn Write,
) -> (Totals, Result<(), FilterError>) {
    let mut totals = Totals::default();
    let ended = run(rules, target, out, &mut totals);
    totals.files = u64::from(ended.is_ok());
    totals.files_found = u64::from(totals.findings > 0);
    (totals, ended)
}

fn run(
    rules: &Rules,
    target: &Target,
    out: &mut dyn Write,
    totals: &mut Totals,
) -> Result<(), FilterError> {
    let file = match target.is_standard_input() {
        true => standard_input(),
        false => File::open(&target.path),
    };
    let mut bytes = Vec::new();
    let mut search = Search { rules, key: None, bytes: &mut bytes };
    let bounds = Bounds { binary: true, bytes_max: u64::MAX };
    let begun = file.and_then(|file| search.begin(file, bounds)).map_err(FilterError::Input)?;
    let Ok(stream) = begun else { unreachable!("these bounds leave nothing out") };
    let mut writer = Writer::new(BufWriter::new(out));
    let mut stuck = None;
    let read = search.run(stream, |step, findings| {
        totals.findings += findings.len() as u64;
        totals.bytes = step.base + step.to as u64;
        stuck = writer.write(rules, step).and_then(|()| writer.flush()).err();
        Ok(stuck.is_none())
    });
    match (stuck, read) {
        (Some(error), _) => Err(FilterError::Output(error)),
        (None, Err(error)) => Err(FilterError::Input(error)),
        (None, Ok(_)) => Ok(()),
    }
}
