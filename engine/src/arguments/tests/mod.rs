//! Tests of the layer as a whole.

mod config;
mod incidents;
mod model;
mod objects;
mod places;
mod questions;
mod schemas;

use std::borrow::Cow;

use serde_json::Value;

use super::rules::{Question, Refused, Scratch};
use super::{ArgumentConfig, Arguments};
use crate::base::limits::Limits;

/// Rules, each written as an object of JSON.
fn configs(rules: &Value) -> Vec<ArgumentConfig> {
    serde_json::from_value(rules.clone()).expect("good rules")
}

fn compile(rules: &Value) -> Arguments {
    Arguments::compile(&configs(rules)).expect("rules that compile")
}

fn judge_with(
    rules: &Arguments,
    arguments: &str,
    limits: &Limits,
    scratch: &mut Scratch,
) -> Result<Vec<Question>, Refused> {
    let frame = format!(r#"{{"x":[1],"params":{{"name":"t","arguments":{arguments},"z":{{}}}}}}"#);
    let start = frame.find(arguments).expect("they are there");
    let raw = |range| Cow::Borrowed(&frame.as_bytes()[range]);
    let Some(chosen) = rules.choose("s", "t", scratch) else { return Ok(Vec::new()) };
    chosen.judge(frame.as_bytes(), Some(start..start + arguments.len()), limits, raw)
}

fn judge(rules: &Value, arguments: &str) -> Result<Vec<Question>, Refused> {
    judge_with(&compile(rules), arguments, &Limits::default(), &mut Scratch::default())
}

/// The word that refuses these arguments, and the number of the rule; empty if they pass.
fn word(rules: &Value, arguments: &str) -> &'static str {
    judge(rules, arguments).err().map_or("", |refused| refused.word)
}
