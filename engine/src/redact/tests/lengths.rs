//! What the prefilter takes for granted about the catalogue.

use super::super::catalogue::CATALOGUE;
use super::super::rule::{Named, Shape, Value};
use super::super::vicinity;

#[test]
fn no_base64_value_is_longer_than_what_is_decoded_behind_its_sign() {
    let lengths = CATALOGUE.iter().filter_map(|rule| match &rule.shape {
        Shape::Named(Named { value: Value::Base64(min), .. }) => Some(*min),
        _ => None,
    });
    assert!(lengths.max() < Some(vicinity::AHEAD - 16));
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
