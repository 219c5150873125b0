//! One line against serde_json: what passes is JSON, what is refused beyond that has a listed
//! reason. The first byte says in what chunks the line comes.
#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use portcullis_proptests::frame::Judge;

thread_local! {
    static JUDGE: RefCell<Judge> = RefCell::new(match cfg!(feature = "planted") {
        true => Judge::that_takes_cr(),
        false => Judge::default(),
    });
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&chunk, line)) = bytes.split_first() else { return };
    let line: Vec<u8> = line.iter().copied().filter(|&byte| byte != b'\n').collect();
    let chunk = if chunk == 0 { usize::MAX } else { usize::from(chunk) };
    JUDGE.with_borrow_mut(|judge| judge.check(&line, chunk).expect("agreement with serde_json"));
});
