//! Examples that other projects wrote for rules of theirs, one JSON object a line.

use std::io;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;

/// What its author expects of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// It holds a secret.
    Secret,
    /// It holds nothing that the author's rule should find.
    Clean,
}

/// An example. Its text may be a secret, so it is never printed.
#[derive(Deserialize)]
pub struct Example {
    /// The project that it comes from.
    pub source: String,
    /// That project's rule.
    pub rule: String,
    text: String,
    /// What its author expects.
    pub expect: Expect,
    #[serde(default)]
    span: Option<(usize, usize)>,
    /// The line of the file, from 1.
    #[serde(skip)]
    pub line: usize,
}

impl std::fmt::Debug for Example {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Example").field("line", &self.line).field("rule", &self.rule).finish()
    }
}

impl Example {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Where the secret stands, if its author says so.
    #[must_use]
    pub fn span(&self) -> Option<Range<usize>> {
        self.span.map(|(start, end)| start..end)
    }
}

/// Reads a file of examples.
///
/// # Errors
/// A file that cannot be read, or a line that is no example, named by its number.
pub fn read(path: &Path) -> io::Result<Vec<Example>> {
    let named = |what: &dyn std::fmt::Display| format!("{}: {what}", path.display());
    let text = std::fs::read_to_string(path)
        .map_err(|error| io::Error::new(error.kind(), named(&error)))?;
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    lines
        .map(|(line, number)| {
            let wrong = || io::Error::other(named(&format!("line {number} is no example")));
            let mut example: Example = serde_json::from_str(line).map_err(|_| wrong())?;
            example.line = number;
            let fits = |span: Range<usize>| example.text().get(span).is_some();
            if example.span().is_none_or(fits) { Ok(example) } else { Err(wrong()) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(name: &str, text: &str) -> io::Result<Vec<Example>> {
        let file = format!("portcullis-examples-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(file);
        std::fs::write(&path, text).expect("the directory for temporary files takes a file");
        let examples = read(&path);
        std::fs::remove_file(&path).expect("it was just written");
        examples
    }

    #[test]
    fn a_line_is_an_example() {
        let line = r#"{"source":"s","rule":"r","text":"abc","expect":"secret","span":[1,3]}"#;
        let text = format!("{line}\n\n{}\n", line.replace(",\"span\":[1,3]", ""));
        let examples = read_text("good", &text).expect("two examples");
        assert_eq!(examples.len(), 2);
        assert_eq!((examples[0].line, examples[0].span()), (1, Some(1..3)));
        assert_eq!((examples[1].line, examples[1].span()), (3, None));
        assert!(!format!("{:?}", examples[0]).contains("abc"), "a text is not shown");
    }

    #[test]
    fn what_is_no_example_is_named_without_its_text() {
        let far = r#"{"source":"s","rule":"r","text":"SECRET-1","expect":"secret","span":[1,30]}"#;
        for (name, line) in [("far", far), ("none", r#"{"text":"SECRET-1"}"#)] {
            let error = read_text(name, line).expect_err("no example").to_string();
            assert!(error.contains("line 1") && !error.contains("SECRET"), "{error}");
        }
    }
}
