//! The crate's own sources, parsed.

use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, Item, ItemFn};

/// The Rust files below a folder, tests aside.
pub(super) fn files(folder: &Path) -> Vec<(PathBuf, syn::File)> {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true if path.ends_with("tests") => {}
                true => folders.push(path),
                false if path.extension().is_some_and(|extension| extension == "rs") => {
                    let text = fs::read_to_string(&path).expect("a source file");
                    files.push((path, syn::parse_file(&text).expect("it is Rust")));
                }
                false => {}
            }
        }
    }
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    files
}

/// The folder of this crate's sources.
pub(super) fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every function that the library exports to hosts.
pub(super) fn exports() -> Vec<ItemFn> {
    let files = files(&here());
    let items = files.into_iter().flat_map(|(_, file)| file.items);
    let functions = items.filter_map(|item| if let Item::Fn(f) = item { Some(f) } else { None });
    let exported = |f: &ItemFn| f.attrs.iter().any(|it| says(it, "no_mangle"));
    let tests_only = |f: &ItemFn| f.attrs.iter().any(|it| says(it, "panic-on-purpose"));
    functions.filter(|f| exported(f) && !tests_only(f)).collect()
}

/// The number constants, by their names.
pub(super) fn constants() -> Vec<(String, u64)> {
    let mut constants = Vec::new();
    for item in files(&here()).into_iter().flat_map(|(_, file)| file.items) {
        let Item::Const(item) = item else { continue };
        let name = item.ident.to_string();
        if !name.starts_with("PORTCULLIS_") {
            continue;
        }
        let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(number), .. }) = *item.expr else {
            panic!("{name} is no plain number, so the generator leaves it out")
        };
        constants.push((name, number.base10_parse().expect("it fits")));
    }
    constants
}

fn says(attribute: &Attribute, word: &str) -> bool {
    match &attribute.meta {
        syn::Meta::List(list) => list.tokens.to_string().contains(word),
        _ => false,
    }
}

/// Each export goes through the guard, or is one of the few that cannot fail.
#[test]
fn every_export_has_a_guard() {
    let (mut guarded, mut plain) = (0, Vec::new());
    for export in exports() {
        let body = &export.block;
        let calls = matches!(&body.stmts[..], [syn::Stmt::Expr(syn::Expr::Call(call), _)]
            if ["border :: guard", "border :: guard_handle", "border :: guard_query", "border :: free", "judge", "judged"]
                .contains(&text(&call.func).as_str()));
        match calls {
            true => guarded += 1,
            false => plain.push(export.sig.ident.to_string()),
        }
        assert!(export.sig.abi.is_some(), "{} is no function of C", export.sig.ident);
    }
    plain.retain(|name| !name.ends_with("_str"));
    plain.sort();
    let unfailing = [
        "portcullis_abi",
        "portcullis_reason_code",
        "portcullis_reason_message",
        "portcullis_version",
    ];
    assert_eq!(plain, unfailing);
    assert!(guarded > 40, "{guarded} guarded exports were found");
}

fn text(expression: &syn::Expr) -> String {
    match expression {
        syn::Expr::Path(path) => {
            let parts: Vec<String> =
                path.path.segments.iter().map(|part| part.ident.to_string()).collect();
            parts.join(" :: ")
        }
        _ => String::new(),
    }
}

/// `unsafe` blocks stand at the border alone; each tells its reason.
#[test]
fn unsafe_lives_at_the_border() {
    for (path, _) in files(&here()) {
        let text = fs::read_to_string(&path).expect("a source file");
        let blocks = text.matches("unsafe {").count();
        assert!(path.ends_with("border.rs") || blocks == 0, "{}", path.display());
        let reasons = text.matches("// SAFETY:").count();
        assert!(reasons >= blocks + text.matches("unsafe impl").count(), "{}", path.display());
    }
}

#[test]
fn sources_fit_in_the_head() {
    for (path, _) in files(&here()) {
        let text = fs::read_to_string(&path).expect("a source file");
        assert!(text.lines().count() <= 500, "{}", path.display());
        assert!(text.lines().all(|line| line.chars().count() <= 110), "{}", path.display());
    }
}
