//! Holds the engine to its layers and to its purity, by reading its source.
#![expect(clippy::disallowed_methods, reason = "a test reads the source that it checks")]

use std::path::{Path, PathBuf};

/// Lower layers first; a layer imports itself and those before it.
const LAYERS: [&str; 11] = [
    "base",
    "net",
    "quota",
    "identity",
    "bits",
    "redact",
    "wire",
    "rights",
    "arguments",
    "judge",
    "flow",
];
/// The two places where a library may build a tree, each behind a cargo feature.
const TREES: [&str; 2] = ["identity/jwt.rs", "arguments/schema.rs"];
/// What no file of the engine names outside its tests.
const FORBIDDEN: [(&str, &str); 13] = [
    ("std::fs", "files are the host's"),
    ("std::net", "sockets are the host's"),
    ("std::io", "I/O is the host's"),
    ("std::env", "configuration is handed in"),
    ("std::thread", "threads are the host's"),
    ("std::process", "processes are the host's"),
    ("std::time", "the clock is the host's"),
    ("HashMap", "its order depends on a random seed"),
    ("serde_json", "frames are read by the engine's own scanner"),
    ("static mut", "an engine is a value"),
    ("OnceLock", "an engine is a value"),
    ("println!", "the engine says everything through what it returns"),
    ("todo!", "nothing is left open"),
];

fn sources() -> Vec<(PathBuf, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).expect("a source file");
                files.push((path, text));
            }
        }
    }
    assert!(files.len() > 20, "the sources were not found");
    files
}

/// The part of a file that is no test, and whether there is any.
fn product(path: &Path, text: &str) -> Option<String> {
    if path.components().any(|part| part.as_os_str() == "tests") {
        return None;
    }
    Some(text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned())
}

fn layer_of(path: &Path) -> Option<usize> {
    let folders = path.parent()?.iter().filter_map(|folder| folder.to_str());
    folders.rev().find_map(|folder| LAYERS.iter().position(|layer| *layer == folder))
}

#[test]
fn imports_go_downward_only() {
    let mut seen = 0;
    for (path, text) in sources() {
        let (Some(layer), Some(text)) = (layer_of(&path), product(&path, &text)) else { continue };
        for (number, line) in text.lines().enumerate() {
            for used in line.split("crate::").skip(1) {
                let name: String =
                    used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                let Some(target) = LAYERS.iter().position(|layer| *layer == name) else { continue };
                let is_link = line.trim_start().starts_with("//");
                seen += 1;
                assert!(
                    target <= layer || is_link,
                    "{}:{}: {} imports from {name}, which lies above it",
                    path.display(),
                    number + 1,
                    LAYERS[layer]
                );
            }
        }
    }
    assert!(seen > 50, "no imports were found");
}

#[test]
fn the_engine_is_pure() {
    for (path, text) in sources() {
        let Some(text) = product(&path, &text) else { continue };
        for (number, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for (word, reason) in FORBIDDEN {
                let may = word == "serde_json" && TREES.iter().any(|tree| path.ends_with(tree));
                assert!(
                    may || !line.contains(word),
                    "{}:{}: {word} ({reason})",
                    path.display(),
                    number + 1
                );
            }
        }
    }
}

#[test]
fn unsafe_lives_in_the_kernel_alone() {
    for (path, text) in sources() {
        let is_kernel = path.ends_with("bits/kernel.rs");
        let uses = text.lines().filter(|line| line.contains("unsafe {")).count();
        assert!(is_kernel || uses == 0, "{}", path.display());
        if is_kernel {
            assert_eq!(uses, text.matches("// SAFETY:").count(), "each block tells its reason");
        }
    }
}

#[test]
fn files_and_functions_fit_in_the_head() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 700, "{} has {lines} lines", path.display());
        let (mut start, mut name) = (0, "");
        // One row of the catalogue is one line, so that it can be read as the table that it is.
        let is_table = path.parent().is_some_and(|p| p.ends_with("redact/catalogue"))
            || product(&path, &text).is_none();
        for (number, line) in text.lines().enumerate() {
            assert!(is_table || line.chars().count() <= 120, "{}:{}", path.display(), number + 1);
            let code = line.trim_start();
            let indent = line.len() - code.len();
            if code.contains("fn ") && !code.starts_with("//") && indent <= 8 {
                (start, name) = (number, code);
            }
            if line == format!("{}}}", " ".repeat(indent)) && indent <= 4 && !name.is_empty() {
                let length = number - start;
                assert!(length <= 75, "{}: {name} has {length} lines", path.display());
                name = "";
            }
        }
    }
}
