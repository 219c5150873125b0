//! Finders: where secrets stand in a text.

use std::cell::Cell;
use std::ffi::c_char;
use std::sync::Arc;

use portcullis_engine::{Match, RuleId, Rules, Unseen, Writing};

use crate::border::{self, Handle, Record};
use crate::numbers::{
    PORTCULLIS_VERIFIED_NO, PORTCULLIS_VERIFIED_UNKNOWN, PORTCULLIS_VERIFIED_YES,
};
use crate::policy::portcullis_policy;
use crate::status::PORTCULLIS_STATUS_BAD_NUMBER;

/// Finds secrets, and characters that a reader does not see, in texts that the host holds. It changes
/// nothing; `portcullis_redactor` does. It may move between threads; one call at a time.
pub struct portcullis_finder {
    rules: Arc<Rules>,
    matches: Vec<Match>,
    /// For each match what is said of what the secret itself holds.
    verified: Vec<u32>,
    unseen: Vec<Unseen>,
    example: String,
    poisoned: Cell<bool>,
}

impl Handle for portcullis_finder {
    fn poisoned(&self) -> &Cell<bool> {
        &self.poisoned
    }
}

/// A secret in a text.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct portcullis_match {
    /// `sizeof(portcullis_match)`, set by the caller.
    pub struct_size: u32,
    /// The number of the rule that found it, `id` in `portcullis_rule`.
    pub rule: u32,
    /// Where it starts, in bytes.
    pub start: usize,
    /// Where it ends, in bytes: the first byte that is no part of it.
    pub end: usize,
    /// 1 if the secret stands there as it is; 0 if it is spelled in another way, such as base64.
    pub plain: u32,
    /// Whether what the secret itself holds, a checksum or a structure, is as its issuer makes it,
    /// `PORTCULLIS_VERIFIED_...`. A no does not clear: most examples in manuals fail.
    pub verified: u32,
}

/// A stretch of text that a reader does not see.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct portcullis_unseen {
    /// `sizeof(portcullis_unseen)`, set by the caller.
    pub struct_size: u32,
    /// What it is, `PORTCULLIS_UNSEEN_...`.
    pub kind: u32,
    /// Where it starts, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
}

// SAFETY: both are `repr(C)`, begin with `struct_size`, and hold numbers only.
unsafe impl Record for portcullis_match {}
// SAFETY: as above.
unsafe impl Record for portcullis_unseen {}

/// Makes a finder with the rules of a policy.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_finder_new(
    abi: u32,
    policy: Option<&portcullis_policy>,
    finder: *mut *mut portcullis_finder,
) -> u32 {
    border::guard(|| {
        border::check_abi(abi)?;
        let rules = Arc::clone(border::given(policy)?.policy.rules());
        let made = portcullis_finder {
            rules,
            matches: Vec::new(),
            verified: Vec::new(),
            unseen: Vec::new(),
            example: String::new(),
            poisoned: Cell::new(false),
        };
        border::out(finder)?.write(Box::into_raw(Box::new(made)));
        Ok(())
    })
}

/// Frees a finder. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_finder_free(finder: Option<Box<portcullis_finder>>) {
    border::free(finder);
}

/// Searches a text for secrets; `*count` is how many there are. They are in order and do not overlap:
/// where rules meet, all that any of them found is one match. Any bytes are a text.
///
/// If the text is the value of something that has a name, such as a member of a JSON object, the name
/// may say that it is a secret; else `name` is NULL, which is another thing than an empty name. A name
/// is UTF-8.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_finder_find(
    finder: Option<&mut portcullis_finder>,
    name: *const c_char,
    name_len: usize,
    text: *const u8,
    text_len: usize,
    count: *mut usize,
) -> u32 {
    border::guard_handle(finder, |finder| {
        let count = border::out(count)?;
        let text = border::bytes(text, text_len)?;
        let known = border::text(name, name_len)?;
        let name = (!name.is_null()).then_some(known.as_bytes());
        let portcullis_finder { rules, matches, verified, .. } = finder;
        matches.clear();
        if rules.enabled() {
            rules.find_value(name, text, matches);
        }
        verified.clear();
        verified.extend(matches.iter().map(|found| match rules.verified(found, text) {
            None => PORTCULLIS_VERIFIED_UNKNOWN,
            Some(true) => PORTCULLIS_VERIFIED_YES,
            Some(false) => PORTCULLIS_VERIFIED_NO,
        }));
        count.write(matches.len());
        Ok(())
    })
}

/// One of the secrets of the last search, by its number from 0.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_finder_match(
    finder: Option<&portcullis_finder>,
    number: usize,
    place: *mut portcullis_match,
) -> u32 {
    border::guard_query(finder, |finder| {
        let place = border::record(place)?;
        let found = finder.matches.get(number).ok_or(PORTCULLIS_STATUS_BAD_NUMBER)?;
        place.write(portcullis_match {
            struct_size: portcullis_match::SIZE,
            rule: found.rule.0.into(),
            start: found.start,
            end: found.end,
            plain: (found.writing == Writing::PLAIN).into(),
            verified: finder.verified[number],
        });
        Ok(())
    })
}

/// Searches a text for what a reader does not see; `*count` is how many stretches there are, from
/// left to right. What writing needs is no such thing: joiners in emoji, marks beside right-to-left
/// text, flags.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_finder_find_unseen(
    finder: Option<&mut portcullis_finder>,
    text: *const u8,
    text_len: usize,
    count: *mut usize,
) -> u32 {
    border::guard_handle(finder, |finder| {
        let count = border::out(count)?;
        let text = border::bytes(text, text_len)?;
        finder.unseen.clear();
        Unseen::find(text, &mut finder.unseen);
        count.write(finder.unseen.len());
        Ok(())
    })
}

/// One of the stretches of the last search for what is not seen, by its number from 0.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_finder_unseen(
    finder: Option<&portcullis_finder>,
    number: usize,
    place: *mut portcullis_unseen,
) -> u32 {
    border::guard_query(finder, |finder| {
        let place = border::record(place)?;
        let found = finder.unseen.get(number).ok_or(PORTCULLIS_STATUS_BAD_NUMBER)?;
        place.write(portcullis_unseen {
            struct_size: portcullis_unseen::SIZE,
            kind: found.kind as u32,
            start: found.start,
            end: found.end,
        });
        Ok(())
    })
}

/// Makes up a text that holds a secret of a built-in rule, for tests of a host: no real secret has to
/// be written down anywhere. The same seed gives the same text. The secret stands from `*start` to
/// `*end`. The text is lent until the next call on this finder.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_finder_example(
    finder: Option<&mut portcullis_finder>,
    rule: u32,
    seed: u64,
    text: *mut *const c_char,
    len: *mut usize,
    start: *mut usize,
    end: *mut usize,
) -> u32 {
    border::guard_handle(finder, |finder| {
        let (text, len) = (border::out(text)?, border::out(len)?);
        let (start, end) = (border::out(start)?, border::out(end)?);
        let id = RuleId(rule.try_into().map_err(|_| PORTCULLIS_STATUS_BAD_NUMBER)?);
        let made = finder.rules.example_at(id, seed).ok_or(PORTCULLIS_STATUS_BAD_NUMBER)?;
        finder.example = made.0;
        text.write(finder.example.as_ptr().cast());
        len.write(finder.example.len());
        start.write(made.1.start);
        end.write(made.1.end);
        Ok(())
    })
}
