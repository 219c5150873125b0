//! One figure: a name, a number, its goal, and how it is printed.

use std::borrow::Cow;
use std::fmt::Write as _;

/// What a figure has to reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// It is printed as measured.
    None,
    /// At most this.
    AtMost(f64),
    /// At least this.
    AtLeast(f64),
    /// Less than this.
    Below(f64),
    /// From the first to the second.
    Between(f64, f64),
}

impl Goal {
    /// Whether this value reaches the goal; nothing where there is none.
    #[must_use]
    pub fn met(self, value: f64) -> Option<bool> {
        match self {
            Goal::None => None,
            Goal::AtMost(limit) => Some(value <= limit),
            Goal::AtLeast(limit) => Some(value >= limit),
            Goal::Below(limit) => Some(value < limit),
            Goal::Between(low, high) => Some((low..=high).contains(&value)),
        }
    }

    fn text(self) -> Option<String> {
        match self {
            Goal::None => None,
            Goal::AtMost(limit) => Some(format!("<= {limit}")),
            Goal::AtLeast(limit) => Some(format!(">= {limit}")),
            Goal::Below(limit) => Some(format!("< {limit}")),
            Goal::Between(low, high) => Some(format!("{low} to {high}")),
        }
    }
}

/// A measured number.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Dotted, stable: `echo.sequential.added`.
    pub name: Cow<'static, str>,
    /// The number.
    pub value: f64,
    /// What it counts: `ratio`, `us`, `ms`, `MiB`, `bytes`, `MB/s`, `calls/s`.
    pub unit: &'static str,
    /// What it has to reach.
    pub goal: Goal,
    /// For a reader: the spread, or what it was compared with.
    pub note: String,
}

impl Figure {
    /// A figure as measured.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value, unit, goal: Goal::None, note: String::new() }
    }

    /// The same with a goal.
    #[must_use]
    pub fn goal(self, goal: Goal) -> Self {
        Self { goal, ..self }
    }

    /// The same with a note.
    #[must_use]
    pub fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// One JSON object: `name`, `value`, `unit`, `goal`, `met`; the last two may be null.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::json!({
            "name": self.name,
            "value": round(self.value),
            "unit": self.unit,
            "goal": self.goal.text(),
            "met": self.goal.met(self.value),
        })
        .to_string()
    }

    /// One line for a reader.
    #[must_use]
    pub fn line(&self) -> String {
        let value = format!("{} {}", round(self.value), self.unit);
        let mut line = format!("{:34} {value:>18}", self.name);
        if let (Some(goal), Some(met)) = (self.goal.text(), self.goal.met(self.value)) {
            let _ = write!(line, "  {} (goal {goal})", if met { "met" } else { "NOT MET" });
        }
        if !self.note.is_empty() {
            let _ = write!(line, "  {}", self.note);
        }
        line
    }
}

/// Four digits that mean something; more are noise.
#[must_use]
pub fn round(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let digits = (3 - value.abs().log10().floor() as i32).clamp(0, 9);
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_hold_on_both_sides() {
        assert_eq!(Goal::None.met(1.0), None);
        assert_eq!(Goal::AtMost(1.25).met(1.25), Some(true));
        assert_eq!(Goal::AtMost(1.25).met(1.251), Some(false));
        assert_eq!(Goal::AtLeast(0.5).met(0.5), Some(true));
        assert_eq!(Goal::AtLeast(0.5).met(0.499), Some(false));
        assert_eq!(Goal::Below(8192.0).met(8192.0), Some(false));
        assert_eq!(Goal::Between(7.2, 8.8).met(8.8), Some(true));
        assert_eq!(Goal::Between(7.2, 8.8).met(7.19), Some(false));
    }

    #[test]
    fn json_has_five_members() {
        let figure = Figure::new("a.b", 1.234_56, "ratio").goal(Goal::AtMost(1.25)).note("unseen");
        let expected = r#"{"goal":"<= 1.25","met":true,"name":"a.b","unit":"ratio","value":1.235}"#;
        assert_eq!(figure.json(), expected);
        let plain = Figure::new("a.b", 12_345.6, "us");
        let expected = r#"{"goal":null,"met":null,"name":"a.b","unit":"us","value":12346.0}"#;
        assert_eq!(plain.json(), expected);
    }
}
