//! `${NAME}` and `{{ .env.NAME }}`: values that come from the environment.
//!
//! They are replaced in values after the document was read, so what a variable holds can neither add
//! keys nor change the shape of the document. `$${NAME}` stands for the text `${NAME}` itself.

/// A text with its variables replaced.
#[derive(Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The text.
    pub text: String,
    /// Whether anything was replaced.
    pub changed: bool,
}

/// Replaces every variable.
///
/// # Errors
/// The name of a variable that is not set, or is not UTF-8.
pub fn replace(
    text: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Replaced, String> {
    let mut replaced = Replaced { text: String::with_capacity(text.len()), changed: false };
    let mut rest = text;
    while let Some(at) = rest.find(['$', '{']) {
        let (before, found) = rest.split_at(at);
        replaced.text.push_str(before);
        if let Some(after) = found.strip_prefix("$${") {
            replaced.text.push_str("${");
            rest = after;
        } else if let Some((name, after)) = braced(found).or_else(|| templated(found)) {
            replaced.text.push_str(&environment(name).ok_or_else(|| name.to_owned())?);
            replaced.changed = true;
            rest = after;
        } else {
            replaced.text.push_str(&found[..1]);
            rest = &found[1..];
        }
    }
    replaced.text.push_str(rest);
    Ok(replaced)
}

/// What stands in the document itself: the text without its variables.
pub fn literal(text: &str) -> String {
    // What an escaped variable stands for is text.
    let bare = replace(&text.replace("$${", "$"), &|_| Some(String::new()));
    bare.map(|left| left.text).unwrap_or_default()
}

/// What mends a line of YAML in which the brace of a variable stands without quotes, where it can
/// begin or end a mapping.
pub fn unquoted(line: &str) -> Option<&'static str> {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match quote {
            // Escaped or doubled quotes are rare here, and this only chooses words.
            Some(end) if c == end => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == '#' && before.is_whitespace() => return None,
            None if line[at..].starts_with("${") => return Some("quote it: \"${NAME}\""),
            None if line[at..].starts_with("{{") => return Some("quote it: \"{{ .env.NAME }}\""),
            None => {}
        }
        before = c;
    }
    None
}

/// `${NAME}` at the start of a text: the name, and what follows.
fn braced(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = name_at(text.strip_prefix("${")?)?;
    Some((name, rest.strip_prefix('}')?))
}

/// `{{ .env.NAME }}` at the start of a text: the name, and what follows.
fn templated(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("{{")?.trim_start_matches([' ', '\t']);
    let (name, rest) = name_at(inner.strip_prefix(".env.")?)?;
    Some((name, rest.trim_start_matches([' ', '\t']).strip_prefix("}}")?))
}

fn name_at(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    (!name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit())).then_some((name, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_once() {
        let environment = |name: &str| match name {
            "A" => Some("1".to_owned()),
            "NESTED" => Some("${A}".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let check = |text: &str, want: &str, changed| {
            let got = replace(text, &environment).unwrap();
            assert_eq!((got.text.as_str(), got.changed), (want, changed), "{text}");
        };
        check("", "", false);
        check("${A}", "1", true);
        check("x${A}y{{ .env.A }}z{{.env.A}}", "x1y1z1", true);
        check("${NESTED}", "${A}", true);
        check("<${EMPTY}>", "<>", true);
        check(
            "$${A} $$ $A ${1} ${} ${A {A} {{A}} {{ .A }}",
            "${A} $$ $A ${1} ${} ${A {A} {{A}} {{ .A }}",
            false,
        );
        check("é${A}é", "é1é", true);
        assert_eq!(unquoted("a: {b: ${A}}"), Some("quote it: \"${NAME}\""));
        assert_eq!(unquoted("{{ .env.A }}"), Some("quote it: \"{{ .env.NAME }}\""));
        for line in
            ["", "a: \"${A}\"", "a: '{{ .env.A }}' # {{", "a: {b: $A, c: {}} # ${A}", "# ${"]
        {
            assert_eq!(unquoted(line), None, "{line}");
        }
        assert_eq!(replace("x ${B}", &environment), Err("B".to_owned()));
        assert_eq!(replace("{{ .env.C_1 }}", &environment), Err("C_1".to_owned()));
    }
}
