//! The type of a value.

use super::check::{Denial, Value};
use super::config::Kind;
use super::decimal;

pub(super) const DENIAL: Denial = Denial::of("kind");

pub(super) fn judge(wanted: Kind, value: Value<'_>) -> Result<(), Denial> {
    let is_it = match (wanted, value) {
        (Kind::String, Value::Text(_))
        | (Kind::Number, Value::Number(_))
        | (Kind::Boolean, Value::Bool(_))
        | (Kind::Object, Value::Object)
        | (Kind::Array, Value::Array)
        | (Kind::Null, Value::Null) => true,
        (Kind::Integer, Value::Number(number)) => decimal::is_whole(number.as_bytes()),
        _ => false,
    };
    if is_it { Ok(()) } else { Err(DENIAL) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_of_its_own_type_alone() {
        let kinds =
            [Kind::String, Kind::Number, Kind::Boolean, Kind::Object, Kind::Array, Kind::Null];
        let values = [
            Value::Text("1"),
            Value::Number("1.5"),
            Value::Bool("true"),
            Value::Object,
            Value::Array,
            Value::Null,
        ];
        for (k, kind) in kinds.into_iter().enumerate() {
            for (v, value) in values.into_iter().enumerate() {
                assert_eq!(judge(kind, value).is_ok(), k == v, "{kind:?} {value:?}");
            }
        }
        for (number, is_whole) in [("1", true), ("1.0", true), ("1e2", true), ("1.5", false)] {
            assert_eq!(judge(Kind::Integer, Value::Number(number)).is_ok(), is_whole, "{number}");
        }
        assert!(judge(Kind::Integer, Value::Text("1")).is_err());
    }
}
