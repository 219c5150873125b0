//! Group 19 of the hostile input: paths that lead out.

use crate::base::error::ConfigError;
use crate::net::{PathConfig, PathGuard};

fn guard(config: &PathConfig) -> PathGuard {
    PathGuard::compile(config).expect("a configuration")
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

/// No denied directories, no roots.
fn anywhere() -> PathConfig {
    PathConfig { deny: Vec::new(), ..PathConfig::default() }
}

fn below(root: &str) -> PathConfig {
    PathConfig { roots: words(&[root]), ..PathConfig::default() }
}

/// The configuration without this one check.
fn without(rule: &str, mut config: PathConfig) -> PathConfig {
    match rule {
        "path-length" => config.bytes_max = 0,
        "nul" => config.nul = true,
        "file-url" => config.file_url = true,
        "home" => config.home = true,
        "encoded" => config.encoded = true,
        "windows" => config.windows = true,
        "windows-name" => config.windows_names = true,
        "relative" => config.relative = true,
        "dot-dot" => config.dot_dot = true,
        "denied-path" => config.deny.clear(),
        "outside-roots" => config.roots.clear(),
        _ => panic!("{rule} cannot be switched off"),
    }
    config
}

fn refuses(config: &PathConfig, rule: &str, path: &str) {
    let found = guard(config).check(path).expect_err(path);
    assert_eq!(found.rule, rule, "{path}");
    let open = guard(&without(rule, config.clone())).check(path);
    assert!(open.is_ok(), "{path} is refused by {rule} and by {open:?}");
}

#[test]
fn each_hostile_path_is_refused_by_one_check() {
    for (config, rule, paths) in [
        (
            anywhere(),
            "encoded",
            "..%2F..%2Fetc ..%2fa %2e%2e/etc %252e%252e/etc %25252e%25252e/a /a/.%2e/b %c0%ae%c0%ae/a \
             /a%c0%afb /a%e0%80%afb /a%f0%80%80%afb %u002e%u002e/a %u2e%2e/a..%2f %2fetc/passwd \
             %5c..%5ca /a/%2e%2e ．．/etc ‥/etc /a/．．/b /work／../x／.. ／etc %2525252525252e %7eroot/a \
             a%5Cb %uff0e%uff0e/a .\u{200b}./etc",
        ),
        (
            anywhere(),
            "dot-dot",
            "../a .. a/../../b ./../a a/b/../../../c ../../../../etc/passwd ./a/./../..",
        ),
        (
            PathConfig::default(),
            "denied-path",
            "/etc /etc/ /etc/passwd /./etc/passwd /work/../etc/passwd /../etc/passwd /a/../../etc \
             /etc/. /ETC/passwd /u\u{17f}r/bin /private/etc/passwd /private/var /tmp/x /usr/../usr/lib \
             /%65tc/passwd /%2565tc/passwd /e\u{200b}tc/passwd /ｅｔｃ/passwd /var//log",
        ),
        (
            below("/work"),
            "outside-roots",
            "/ /workshop /work2/a /Work/a /work/../a /home/a /wor /work/a/../../b",
        ),
        (anywhere(), "home", "~ ~/a ~root/.ssh ~/../a"),
        (anywhere(), "windows", r"C:\a c:/a \\server\share\a //server/share a\b \a ..\..\a C:/"),
        (
            anywhere(),
            "windows-name",
            "ab:stream a/b.txt:$DATA nul a/CON com1 a/COM1.txt /aux.c lpt9 a/prn.a.b com¹ CONOUT$ NUL:",
        ),
        (anywhere(), "file-url", "file:///a FILE:/a file://localhost/a file:a"),
        (PathConfig { relative: false, ..anywhere() }, "relative", "a ./a a/b/.. .hidden"),
        (anywhere(), "nul", "a\0b /a\0 a%00b /a%2500 a%c0%80b %00"),
    ] {
        for path in paths.split(' ') {
            match rule {
                "windows" if path.starts_with("..") => {
                    refuses(&PathConfig { dot_dot: true, ..config.clone() }, rule, path);
                }
                _ => refuses(&config, rule, path),
            }
        }
    }
    // Two slashes begin a share on Windows.
    refuses(&PathConfig::default(), "windows", "///home");
}

/// `file:` URLs are let be, and so is what is encoded in them, or not.
fn urls_below(root: &str, encoded: bool) -> PathConfig {
    PathConfig { file_url: true, encoded, deny: Vec::new(), ..below(root) }
}

#[test]
fn a_file_url_is_judged_as_every_program_reads_it() {
    // The readings: of the WHATWG standard (browsers, Node); of programs that decode first (Python,
    // Java); of programs that take `file://` off and no more.
    for (rule, url) in [
        // From the top, to the standard.
        ("outside-roots", "file:etc/passwd"),
        ("outside-roots", "FILE:etc/passwd"),
        ("outside-roots", "file:x"),
        ("outside-roots", "file:"),
        ("outside-roots", "file:/etc/passwd"),
        ("outside-roots", "file:///etc/passwd"),
        ("outside-roots", "file://localhost/etc/passwd"),
        // From where the program stands, to others.
        ("dot-dot", "file:data/../../x/../data/a"),
        // Tabs and ends of lines are taken out.
        ("outside-roots", "file:///data/.\t./etc/passwd"),
        ("outside-roots", "fi\tle:///etc/passwd"),
        ("outside-roots", "file:///\ndata/.\r./etc/passwd"),
        // What stands behind `?` and `#` is a name to some.
        ("outside-roots", "file:///data/../data?/../x"),
        ("outside-roots", "file:///data/x?/../../etc/passwd"),
        ("outside-roots", "file:///data/x#/../../etc/passwd"),
        ("outside-roots", "file:///data/..?/data/x"),
    ] {
        for encoded in [false, true] {
            let found = guard(&urls_below("/data", encoded)).check(url).expect_err(url);
            assert_eq!(found.rule, rule, "{url:?} {encoded}");
        }
    }
    // Whoever reads one decodes it, whatever is let be of paths.
    for (rule, url) in [
        ("outside-roots", "file:///%65tc/passwd"),
        ("outside-roots", "file:///data/%2e%2e/etc/passwd"),
        ("outside-roots", "file:///data/%2E./etc/passwd"),
        ("outside-roots", "file:///data/..%2fetc/passwd"),
        ("outside-roots", "file:///data/%2e%2e%2fetc/passwd"),
        ("outside-roots", "file:///data/x?/%2e%2e/%2e%2e/etc/passwd"),
        // Dots go with the names before them first, and then separators come up, or the other way
        // round.
        ("outside-roots", "file:///data/x%2fy/%2e%2e/%2e%2e/etc/passwd"),
        ("outside-roots", "file:///data/x%2fy/../../etc/passwd"),
        ("outside-roots", "file:///data/x%2fy%2fz/../..%2f..%2fetc/passwd"),
        ("outside-roots", "file:///data/x/..%2f../..%2f..%2fdata%2f..%2fx"),
        ("windows", r"file:///data\%2e%2e\etc"),
        ("nul", "file:///data/x%00"),
    ] {
        let found = guard(&urls_below("/data", true)).check(url).expect_err(url);
        assert_eq!(found.rule, rule, "{url:?}");
        assert!(guard(&urls_below("/data", false)).check(url).is_err(), "{url:?}");
    }
    let denied = PathConfig { file_url: true, encoded: true, ..PathConfig::default() };
    for url in ["file:etc/passwd", "file:///%65tc/passwd", "file:///x/%2e%2e/etc/passwd"] {
        assert_eq!(guard(&denied).check(url).expect_err(url).rule, "denied-path", "{url}");
    }
    // Nobody decodes a path that is no URL, where that is let be.
    let open = PathConfig { encoded: true, ..below("/data") };
    assert_eq!(guard(&open).check("/data/%2e%2e/etc/passwd"), Ok(()));
}

#[test]
fn a_file_url_below_a_root_passes() {
    for url in [
        "file:///data/a",
        "file:///data/",
        "file:/data/a/../b",
        "file://localhost/data/a",
        "FILE://LocalHost/data/a",
        "file:///data/a%20b",
        "file:///data/%61",
        "file:///data/\u{e9}",
        "file:///data/a?x=1#y",
        "file:data/a",
    ] {
        for encoded in [false, true] {
            let judged = guard(&urls_below("/data", encoded)).check(url);
            assert_eq!(judged, Ok(()), "{url:?} {encoded}");
        }
    }
    for url in ["file:///data/a%2fb", "file:///data/x/%2e%2e/y"] {
        assert_eq!(guard(&urls_below("/data", true)).check(url), Ok(()), "{url}");
        let found = guard(&urls_below("/data", false)).check(url).expect_err(url);
        assert_eq!(found.rule, "encoded", "{url}");
    }
}

#[test]
fn a_file_url_of_windows_is_judged_with_its_drive() {
    let config = PathConfig { windows: true, ..urls_below(r"C:\Work", true) };
    for url in ["file:///C:/Work/a", "file:C:/Work/a", "file:///c:/work/x%5cy", "file:/C:/Work"] {
        assert_eq!(guard(&config).check(url), Ok(()), "{url}");
    }
    for url in [
        "file:///D:/a",
        r"file:\\\D:\a",
        "file:///C:/Work/%2e%2e/a",
        "file:///C:/Work/x/..%5c..%5ca",
        "file:///%43:/Other/a",
        "file://nas/Work/a",
        "file:///C|/Other/a",
    ] {
        assert!(guard(&config).check(url).is_err(), "{url}");
    }
}

#[test]
fn honest_paths_pass() {
    for path in [
        "/work",
        "/work/",
        "/work/a..b",
        "/work/..a/b..",
        "/work/...",
        "/work/100%",
        "/work/%zz",
        "/work/a%20b",
        "/work/%41",
        "/work/a/../b",
        "/work//a/./b",
        "/work/~a",
        "a",
        "",
        ".",
        "./a/..",
        "a/b",
        "a%",
        "%",
        "ä/ö",
        "１．２／３",
        "/work/nulls",
        "/work/console.log",
        "/work/com10",
        "/work/etc/passwd",
        "/work/a b. ",
        "/work/.../x",
    ] {
        assert_eq!(guard(&below("/work")).check(path), Ok(()), "{path}");
    }
    for path in
        ["/etcetera", "/etc2/a", "/home/etc/a", "/usrlocal", "/", "/home", "/variable", "/binary"]
    {
        assert_eq!(guard(&PathConfig::default()).check(path), Ok(()), "{path}");
    }
}

#[test]
fn the_nearer_of_a_root_and_a_denied_directory_wins() {
    let config = PathConfig {
        roots: words(&["/tmp/work", "/data"]),
        deny: words(&["/tmp", "/data/keys", "/tmp/work/keys"]),
        ..PathConfig::default()
    };
    let nested = guard(&config);
    for path in ["/tmp/work/a", "/private/tmp/work", "/data/a", "a", "/data/keys2"] {
        assert_eq!(nested.check(path), Ok(()), "{path}");
    }
    for path in
        ["/tmp/a", "/data/keys", "/data/KEYS/a", "/tmp/work/keys/a", "keys/a", "/tmp/workers"]
    {
        assert_eq!(nested.check(path).expect_err(path).rule, "denied-path", "{path}");
    }
    assert_eq!(nested.check("/home/a").expect_err("outside").rule, "outside-roots");
    let same = PathConfig { roots: words(&["/tmp"]), ..PathConfig::default() };
    assert_eq!(guard(&same).check("/tmp/a"), Ok(()));
    let all = PathConfig { roots: words(&["/"]), ..PathConfig::default() };
    assert_eq!(guard(&all).check("/home/a"), Ok(()));
    assert!(guard(&all).check("/etc/a").is_err());
}

#[test]
fn a_relative_path_is_taken_from_the_first_root() {
    let config = PathConfig { dot_dot: true, ..below("/work/a") };
    assert_eq!(guard(&config).check("x/../y"), Ok(()));
    assert_eq!(guard(&config).check("../a/x"), Ok(()));
    refuses(&config, "outside-roots", "../b");
    refuses(&below("/work/a"), "dot-dot", "../a/x");
}

#[test]
fn case_counts_for_roots_unless_told() {
    let config = PathConfig { case_insensitive: true, ..below("/Work") };
    assert_eq!(guard(&config).check("/wORK/a"), Ok(()));
    refuses(&below("/Work"), "outside-roots", "/work/a");
}

#[test]
fn windows_paths_are_judged_as_such() {
    let config = PathConfig {
        roots: words(&[r"C:\Work", r"\\nas\data"]),
        deny: words(&[r"c:\work\keys"]),
        windows: true,
        ..PathConfig::default()
    };
    let guard = guard(&config);
    for path in [
        r"C:\Work\a",
        "c:/work/a",
        r"C:\work\a\..\b",
        r"\\NAS\data\x",
        "//nas/data/x",
        r"a\b",
        r"C:\..\work\x",
        r"\\nas\data\..\..\..\x",
    ] {
        assert_eq!(guard.check(path), Ok(()), "{path}");
    }
    for (rule, path) in [
        ("outside-roots", r"C:\Works"),
        ("outside-roots", r"C:\Work\..\a"),
        ("outside-roots", r"D:\Work\a"),
        ("outside-roots", r"\nas\data\x"),
        ("outside-roots", r"\\nas\other"),
        ("outside-roots", "/work/a"),
        ("denied-path", r"C:\WORK\Keys\a"),
        ("windows-name", r"C:\Work\keys.\a"),
        ("windows-name", r"C:\Work\keys \a"),
        ("windows-name", r"C:\Work\.. \..\a"),
        ("windows-name", r"C:Work\a"),
        ("windows-name", r"\\?\C:\Work\a"),
        ("windows-name", r"\\.\PhysicalDrive0"),
        ("windows-name", r"C:\Work\a::$DATA"),
        ("dot-dot", r"..\a"),
        ("encoded", r"C:\Work\%2e%2e\a"),
        ("encoded", r"C:\Work\a%5cb"),
    ] {
        assert_eq!(guard.check(path).expect_err(path).rule, rule, "{path}");
    }
    assert_eq!(guard.check_resolved(r"\\?\C:\Work\a"), Ok(()));
    assert!(guard.check_resolved(r"\\?\C:\Other").is_err());
}

#[test]
fn a_resolved_path_is_taken_as_it_is() {
    let guard = guard(&below("/work"));
    for path in ["/work", "/work/%2e%2e", "/work/a:b", "/work/nul", r"/work/a\b", "/work/~"] {
        assert_eq!(guard.check_resolved(path), Ok(()), "{path}");
    }
    for (rule, path) in [
        ("not-resolved", "a"),
        ("not-resolved", ""),
        ("not-resolved", "/work/../work"),
        ("denied-path", "/etc/passwd"),
        ("denied-path", "/private/etc/passwd"),
        ("outside-roots", "/home/a"),
        ("nul", "/work/\0"),
    ] {
        assert_eq!(guard.check_resolved(path).expect_err(path).rule, rule, "{path}");
    }
}

#[test]
fn length_is_counted_in_bytes() {
    let config = PathConfig { bytes_max: 6, ..anywhere() };
    assert_eq!(guard(&config).check("/abcd"), Ok(()));
    assert_eq!(guard(&config).check("/abcä"), Ok(()));
    assert_eq!(guard(&config).check("/abcde"), Ok(()));
    refuses(&config, "path-length", "/abcdef");
    refuses(&config, "path-length", "/abcdä");
}

#[test]
fn many_escapes_cost_little() {
    let path = format!("/{}", "%25".repeat(1_300));
    assert_eq!(guard(&anywhere()).check(&path), Ok(()));
    let path = format!("/%{}41", "25".repeat(2_000));
    assert_eq!(guard(&anywhere()).check(&path).expect_err("deep").rule, "encoded");
}

#[test]
fn a_directory_has_to_be_absolute() {
    for text in ["", "work", "../work", "/work/../a", "~", r"C:\work", "/a\0"] {
        let roots = PathConfig { roots: words(&["/a", text]), ..PathConfig::default() };
        let deny = PathConfig { deny: words(&[text]), ..PathConfig::default() };
        for (config, key) in [(roots, "roots[1]"), (deny, "deny[0]")] {
            let ConfigError::Setting(found, _) = PathGuard::compile(&config).expect_err(text)
            else {
                panic!("{text}");
            };
            assert_eq!(found, format!("network.paths.{key}"));
        }
    }
}
