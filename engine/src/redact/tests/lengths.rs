//! What the prefilter takes for granted about the catalogue.

use super::super::catalogue::CATALOGUE;
use super::super::prefilter::LONG_VALUE_MIN;
use super::super::rule::{Named, Shape, Value};

#[test]
fn no_base64_value_is_shorter_than_the_prefilter_looks() {
    let lengths = CATALOGUE.iter().filter_map(|rule| match &rule.shape {
        Shape::Named(Named { value: Value::Base64(min), .. }) => Some(*min),
        _ => None,
    });
    assert!(lengths.into_iter().all(|min| min >= LONG_VALUE_MIN));
}

#[test]
fn no_value_behind_a_word_is_shorter_than_the_runs_that_are_asked_about() {
    let forms = CATALOGUE.iter().filter_map(|rule| match &rule.shape {
        Shape::Keyed(keyed) => Some(keyed.forms),
        _ => None,
    });
    let shortest = forms.flatten().map(|form| form.lengths().0).min();
    assert!(shortest >= Some(15), "{shortest:?}");
}
