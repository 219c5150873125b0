//! The host's own patterns: compiled once, searched for in decoded text.

use memchr::memmem;
use regex_automata::meta::Regex;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

use super::admission::{self, NEST_MAX, Refusal};
use super::config::{PatternConfig, PatternKind};
use super::literal;

/// A pattern is at most this long: longer ones are data, not patterns.
pub(crate) const PATTERN_BYTES_MAX: usize = 4 << 10;
/// There are at most so many patterns. Each one costs a search in every frame that holds its text.
pub(crate) const PATTERNS_MAX: usize = 256;
/// A name is at most this long, since it is part of every replacement.
const NAME_BYTES_MAX: usize = 64;
/// A compiled pattern takes at most this much: bounded repetitions of large classes multiply.
const COMPILED_BYTES_MAX: usize = 1 << 20;
/// The scratch space of the lazy automaton.
const CACHE_BYTES: usize = 256 << 10;

/// All compiled patterns together take at most this much.
const COMPILED_BYTES_SUM: usize = 32 << 20;
/// At most so many patterns demand no text and are searched for in every string: each one costs a
/// walk over all that passes.
pub(crate) const SLOW_MAX: usize = 16;

/// What the patterns admitted so far cost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Budget {
    bytes: usize,
    slow: usize,
}

impl Budget {
    /// Adds what a pattern takes, or says why it is too much.
    pub(crate) fn take_bytes(&mut self, pattern: &Pattern) -> Result<(), Refusal> {
        let bytes = match &pattern.search {
            Search::Regex(regex) => regex.memory_usage(),
            Search::Literal(finder) => finder.needle().len(),
        };
        if self.bytes + bytes > COMPILED_BYTES_SUM {
            let why = format!(
                "it takes {bytes} bytes compiled, and all patterns together take more than \
                 {COMPILED_BYTES_SUM}; narrow its classes or counts, or take others out"
            );
            return Err((why, None));
        }
        self.bytes += bytes;
        Ok(())
    }

    /// Adds a pattern that is searched for in every string, or says why it is too much.
    pub(crate) fn take_slow(&mut self) -> Result<(), Refusal> {
        if self.slow >= SLOW_MAX {
            let why = format!(
                "it demands no text of {} characters of its own, so every string has to be \
                 searched for it, and {SLOW_MAX} patterns are like that already; give it a longer \
                 fixed part, or take another of them out",
                literal::LENGTH_MIN
            );
            return Err((why, None));
        }
        self.slow += 1;
        Ok(())
    }
}

/// A pattern in force.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    search: Search,
    /// Texts of which every match holds one; none for a pattern that has to be searched for
    /// everywhere.
    pub(crate) texts: Option<Vec<Vec<u8>>>,
}

#[derive(Clone, Debug)]
enum Search {
    Regex(Box<Regex>),
    Literal(Box<memmem::Finder<'static>>),
}

impl Pattern {
    /// Compiles a pattern, or says why not.
    pub(crate) fn new(config: &PatternConfig) -> Result<Pattern, Refusal> {
        check_text(config)?;
        match config.kind {
            PatternKind::Literal => {
                let text = config.pattern.as_bytes();
                let finder = memmem::Finder::new(text).into_owned();
                let texts = literal::best_stretch(text).map(|t| vec![t]);
                Ok(Pattern { search: Search::Literal(Box::new(finder)), texts })
            }
            PatternKind::Regex => {
                admission::admit(&config.pattern, config.linear)?;
                regex(&config.pattern)
            }
            PatternKind::Glob => regex(&from_glob(&config.pattern)),
        }
    }

    /// Calls `found` with every match, from left to right.
    pub(crate) fn find(&self, text: &[u8], mut found: impl FnMut(usize, usize)) {
        match &self.search {
            Search::Regex(regex) => {
                regex
                    .find_iter(text)
                    .filter(|m| !m.is_empty())
                    .for_each(|m| found(m.start(), m.end()));
            }
            Search::Literal(finder) => {
                let length = finder.needle().len();
                finder.find_iter(text).for_each(|start| found(start, start + length));
            }
        }
    }
}

fn check_text(config: &PatternConfig) -> Result<(), Refusal> {
    let name = config.name.as_bytes();
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let refuse = |why: String| Err((why, None));
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.iter().all(allowed) {
        return refuse(format!(
            "a name is 1 to {NAME_BYTES_MAX} letters, digits, dots, underscores and dashes"
        ));
    }
    if config.pattern.is_empty() {
        return refuse("the pattern is empty".to_owned());
    }
    if config.pattern.len() > PATTERN_BYTES_MAX {
        return refuse(format!("the pattern is longer than {PATTERN_BYTES_MAX} bytes"));
    }
    Ok(())
}

fn regex(pattern: &str) -> Result<Pattern, Refusal> {
    let hir = parse(pattern)?;
    let regex = build(&hir)?;
    Ok(Pattern { texts: literal::required(&hir), search: Search::Regex(Box::new(regex)) })
}

/// Reads a regular expression that matches some text.
pub(super) fn parse(pattern: &str) -> Result<Hir, Refusal> {
    // Text of a child's standard error need not be UTF-8, so matches may lie anywhere between
    // bytes.
    let hir = ParserBuilder::new()
        .utf8(false)
        .nest_limit(NEST_MAX)
        .build()
        .parse(pattern)
        .map_err(|e| (short(&e.to_string()), None))?;
    match hir.properties().minimum_len() {
        Some(0) => Err(("the pattern matches the empty text".to_owned(), None)),
        None => Err(("the pattern matches no text at all".to_owned(), None)),
        Some(_) => Ok(hir),
    }
}

/// Compiles what was read.
pub(crate) fn build(hir: &Hir) -> Result<Regex, Refusal> {
    let config = Regex::config()
        .utf8_empty(false)
        .nfa_size_limit(Some(COMPILED_BYTES_MAX))
        .hybrid_cache_capacity(CACHE_BYTES);
    Regex::builder().configure(config).build_from_hir(hir).map_err(|e| match e.size_limit() {
        Some(limit) => (format!("the compiled pattern is larger than {limit} bytes"), None),
        None => (short(&e.to_string()), None),
    })
}

/// The last line of a message, which holds the reason; the lines above quote the pattern.
fn short(message: &str) -> String {
    let line = message.lines().last().unwrap_or(message);
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// The regular expression that a glob stands for.
fn from_glob(glob: &str) -> String {
    let mut out = String::with_capacity(glob.len() + 16);
    // Flags that make white space in the pattern text again are off by default: a glob is what it
    // says.
    for c in glob.chars() {
        match c {
            '*' => out.push_str(r"\S*"),
            '?' => out.push_str(r"\S"),
            c => out.push_str(&regex_syntax::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    out
}
