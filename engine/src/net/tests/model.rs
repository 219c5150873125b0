//! The checks of paths agree with plain ones, which copy, fold and compare whole names each time,
//! for whatever is written.

use crate::net::{Denied, PathConfig, PathGuard, is_blank, unescape};

/// What a guard is to say.
struct Model {
    roots: Vec<Segments>,
    deny: Vec<Segments>,
    config: PathConfig,
}

/// The names of a path from the top.
type Segments = Vec<String>;
type Verdict = Result<(), &'static str>;

impl Model {
    fn of(config: &PathConfig) -> Self {
        let mut model = Self { roots: Vec::new(), deny: Vec::new(), config: config.clone() };
        model.roots = model.directories(&config.roots);
        model.deny = model.directories(&config.deny);
        model
    }

    fn directories(&self, list: &[String]) -> Vec<Segments> {
        let mut found = Vec::new();
        for text in list {
            let place: Segments =
                self.route(text).names.iter().map(|name| (*name).to_owned()).collect();
            if ["etc", "tmp", "var"].contains(&place.first().map_or("", String::as_str)) {
                found.push([vec!["private".to_owned()], place.clone()].concat());
            }
            found.push(place);
        }
        found
    }

    fn check(&self, path: &str) -> Verdict {
        let config = &self.config;
        refuse(config.bytes_max > 0 && path.len() > config.bytes_max, "path-length")?;
        let trimmed = path.trim_matches(is_blank);
        if trimmed.len() < path.len() && !trimmed.is_empty() {
            self.check(trimmed)?;
        }
        let Some(url) = unescape::file_url(path) else { return self.check_plain(path) };
        refuse(!config.file_url, "file-url")?;
        self.check_plain(&url.path)?;
        for path in url.standard.iter().chain(&url.others) {
            refuse(!config.nul && path.contains('\0'), "nul")?;
            self.check_written(path)?;
        }
        url.standard.map_or(Ok(()), |path| self.check_windows(&path))
    }

    fn check_plain(&self, path: &str) -> Verdict {
        let config = &self.config;
        refuse(!config.nul && path.contains('\0'), "nul")?;
        let forms = self.decoded(path)?;
        refuse(!config.home && path.starts_with('~'), "home")?;
        self.check_windows(path)?;
        self.check_written(path)?;
        forms.iter().try_for_each(|form| self.check_written(form))
    }

    fn check_resolved(&self, path: &str) -> Verdict {
        refuse(!self.config.nul && path.contains('\0'), "nul")?;
        let bare = path.strip_prefix(r"\\?\").filter(|_| self.config.windows).unwrap_or(path);
        let route = self.route(bare);
        refuse(!route.is_absolute || route.names.contains(&".."), "not-resolved")?;
        self.check_place(&route.follow(&[]).0)
    }

    fn check_written(&self, path: &str) -> Verdict {
        let route = self.route(path);
        if route.is_absolute {
            return self.check_place(&route.follow(&[]).0);
        }
        refuse(!self.config.relative, "relative")?;
        let (place, climbed) = route.follow(self.roots.first().map_or(&[], Vec::as_slice));
        refuse(climbed && !self.config.dot_dot, "dot-dot")?;
        if self.roots.is_empty() { Ok(()) } else { self.check_place(&place) }
    }

    fn decoded(&self, path: &str) -> Result<Vec<String>, &'static str> {
        let config = &self.config;
        let plain = shape(path);
        let (mut forms, mut text) = (Vec::new(), path.as_bytes().to_vec());
        while let Some(decoded) = unescape::percent(&text) {
            refuse(!config.nul && decoded.contains(&0), "nul")?;
            let form = String::from_utf8_lossy(&decoded).into_owned();
            refuse(!config.encoded && (forms.len() == 4 || shape(&form) != plain), "encoded")?;
            if forms.len() == 4 {
                break;
            }
            forms.push(form);
            text = decoded;
        }
        if let Some(form) = unescape::fold(forms.last().map_or(path, String::as_str)) {
            let shape = shape(&form);
            let leads_out = shape.2 > plain.2 || shape.0 != plain.0;
            refuse(!config.encoded && leads_out, "encoded")?;
            forms.push(form);
        }
        Ok(if config.encoded { Vec::new() } else { forms })
    }

    fn check_windows(&self, path: &str) -> Verdict {
        let config = &self.config;
        let drive = has_drive(path);
        let form = path.contains('\\') || drive || path.starts_with("//");
        refuse(!config.windows && form, "windows")?;
        if config.windows_names {
            return Ok(());
        }
        let names = if drive { &path[2..] } else { path };
        let device = path.starts_with(r"\\?\") || path.starts_with(r"\\.\");
        let floating = drive && !names.starts_with(['/', '\\']);
        let is_odd = |name: &str| {
            let is_trimmed = name.ends_with(['.', ' ']) && name != "." && name != "..";
            is_windows_name(name) || (config.windows && is_trimmed)
        };
        refuse(device || floating || names.split(['/', '\\']).any(is_odd), "windows-name")
    }

    fn check_place(&self, place: &[String]) -> Verdict {
        let fold = self.config.case_insensitive || self.config.windows;
        let around = |root: &&Segments| is_below(place, root, fold);
        let nearest = self.roots.iter().filter(around).map(Vec::len).max();
        let denies = |deny: &Segments| {
            is_below(place, deny, true) && nearest.is_none_or(|root| root < deny.len())
        };
        refuse(self.deny.iter().any(denies), "denied-path")?;
        refuse(!self.roots.is_empty() && nearest.is_none(), "outside-roots")
    }

    fn route<'a>(&self, path: &'a str) -> Plain<'a> {
        let windows = self.config.windows;
        let is_separator = |c: char| c == '/' || (windows && c == '\\');
        let names = path.split(is_separator).filter(|name| !name.is_empty() && *name != ".");
        let mut front = path.chars().map(is_separator);
        let is_rooted = front.next() == Some(true);
        let is_share = windows && is_rooted && front.next() == Some(true);
        let is_drive = windows && has_drive(path);
        Plain {
            is_absolute: is_rooted || is_drive,
            fixed: if is_share { 3 } else { usize::from(is_drive) },
            names: is_share.then_some(r"\\").into_iter().chain(names).collect(),
        }
    }
}

struct Plain<'a> {
    is_absolute: bool,
    fixed: usize,
    names: Vec<&'a str>,
}

impl Plain<'_> {
    fn follow(&self, start: &[String]) -> (Segments, bool) {
        let (mut place, mut climbed) = (start.to_vec(), false);
        for name in &self.names {
            if *name != ".." {
                place.push((*name).to_owned());
            } else if place.len() > self.fixed {
                climbed |= place.len() <= start.len();
                place.pop();
            } else {
                climbed = true;
            }
        }
        (place, climbed)
    }
}

/// Whether it is absolute, how many separators and how many `..` it has.
fn shape(path: &str) -> (bool, usize, usize) {
    let is_separator = |c: char| c == '/' || c == '\\';
    let is_absolute = path.starts_with(is_separator) || path.starts_with('~') || has_drive(path);
    let parents = path.split(is_separator).filter(|name| *name == "..").count();
    (is_absolute, path.matches(is_separator).count(), parents)
}

fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

fn is_below(place: &[String], directory: &[String], fold: bool) -> bool {
    let folded = |name: &String| -> String {
        name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
    };
    let same = |(a, b): (&String, &String)| a == b || (fold && folded(a) == folded(b));
    place.len() >= directory.len() && place.iter().zip(directory).all(same)
}

fn is_windows_name(name: &str) -> bool {
    let stem = name.split(['.', ':']).next().unwrap_or_default();
    let stem = stem.trim_end_matches(' ').to_lowercase();
    let ports = ["com", "lpt"]
        .into_iter()
        .flat_map(|port| "0123456789¹²³".chars().map(move |number| format!("{port}{number}")));
    let devices = ["con", "prn", "aux", "nul", "conin$", "conout$"].map(str::to_owned);
    name.contains(':') || devices.into_iter().chain(ports).any(|device| device == stem)
}

fn refuse(is_refused: bool, rule: &'static str) -> Verdict {
    if is_refused { Err(rule) } else { Ok(()) }
}

/// Configurations that differ in what is read how.
fn configs() -> Vec<PathConfig> {
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let with = |roots: &[&str], deny: &[&str]| PathConfig {
        roots: words(roots),
        deny: words(deny),
        ..PathConfig::default()
    };
    let open = PathConfig {
        windows_names: true,
        encoded: true,
        home: true,
        dot_dot: true,
        file_url: true,
        nul: true,
        ..with(&["/Work/a", "/tmp"], &["/e\u{17f}", "/work/\u{e9}tc", "/"])
    };
    vec![
        PathConfig::default(),
        with(&["/work", "/tmp/work"], &["/work/etc", "/tmp", "/wor\u{212a}"]),
        PathConfig { case_insensitive: true, ..with(&["/WORK/\u{c9}tc"], &["/Work/\u{e9}tc/a"]) },
        PathConfig { relative: false, dot_dot: true, ..with(&[], &["/a", "/\u{df}"]) },
        PathConfig {
            windows: true,
            ..with(&[r"C:\Work", r"\\nas\a", "/"], &[r"c:\work\etc", "/a/a", "//nas/a/etc"])
        },
        PathConfig { windows: true, ..open.clone() },
        open,
    ]
}

/// What paths are made of.
const PIECES: [&str; 42] = [
    "/",
    "/",
    "//",
    "\\",
    ".",
    "..",
    "/..",
    "../",
    "work",
    "/work/",
    "WORK",
    "wor\u{212a}",
    "etc",
    "/etc",
    "e\u{17f}",
    "\u{e9}tc",
    "\u{c9}TC",
    "SS",
    "\u{df}",
    "tmp",
    "a",
    "nas",
    "C:",
    ":",
    "~",
    "%",
    "%2e",
    "%2f",
    "%25",
    "%5c",
    "%00",
    "%c0%ae",
    "\0",
    " ",
    "\t",
    "\u{200b}",
    "\u{ff0f}",
    "\u{2025}",
    "file:",
    "nul",
    "com1.",
    "CONIN$ ",
];

fn agree(guard: &PathGuard, model: &Model, path: &str) {
    let word = |found: Result<(), Denied>| found.map_err(|denied| denied.rule);
    assert_eq!(word(guard.check(path)), model.check(path), "{path:?} {:?}", model.config);
    let resolved = word(guard.check_resolved(path));
    assert_eq!(resolved, model.check_resolved(path), "{path:?} {:?}", model.config);
}

#[test]
fn a_guard_says_of_every_short_path_what_the_plain_checks_say() {
    for config in configs() {
        let guard = PathGuard::compile(&config).expect("directories");
        let model = Model::of(&config);
        for n in 0..PIECES.len().pow(3) {
            let piece = |at: u32| PIECES[n / PIECES.len().pow(at) % PIECES.len()];
            agree(&guard, &model, &format!("{}{}{}", piece(0), piece(1), piece(2)));
        }
    }
}

#[test]
fn a_guard_says_of_longer_paths_what_the_plain_checks_say() {
    // Numbers by xorshift (Marsaglia 2003).
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |count: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % count as u64) as usize
    };
    for config in configs() {
        let guard = PathGuard::compile(&config).expect("directories");
        let model = Model::of(&config);
        for _ in 0..20_000 {
            let count = 4 + below(12);
            let path: String = (0..count).map(|_| PIECES[below(PIECES.len())]).collect();
            agree(&guard, &model, &path);
            // Fewer of the pieces that are refused at once.
            let path: String = (0..count).map(|_| PIECES[below(22)]).collect();
            agree(&guard, &model, &path);
        }
    }
}

#[test]
fn names_of_devices_are_told_in_any_case_and_no_other_character_folds_to_theirs() {
    let config = PathConfig { deny: Vec::new(), ..PathConfig::default() };
    let guard = PathGuard::compile(&config).expect("nothing");
    let model = Model::of(&config);
    for name in ["con", "prn", "aux", "nul", "conin$", "conout$", "com1", "lpt\u{b9}", "COM"] {
        for (at, letter) in name.char_indices() {
            for other in
                ('\0'..='\u{24f}').chain('\u{1e00}'..='\u{2fff}').chain('\u{ff00}'..='\u{ff5f}')
            {
                let end = at + letter.len_utf8();
                agree(&guard, &model, &format!("{}{other}{}", &name[..at], &name[end..]));
            }
        }
        for tail in [" ", " .x", ".x.y", "  ", "\u{a0}", &" ".repeat(30), "1", ":"] {
            agree(&guard, &model, &format!("a/{name}{tail}/b"));
            agree(&guard, &model, &format!("{}{tail}", name.to_uppercase()));
        }
    }
}
