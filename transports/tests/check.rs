//! `portcullis check`: what it is asked, what it says, and its exit statuses.

mod support;

use std::io::Write;

use support::{finish, portcullis, shown};

fn run(words: &[&str]) -> (i32, String, String) {
    finish(portcullis("check").args(words))
}

fn feed(words: &[&str], input: &[u8]) -> (i32, String, String) {
    let mut process = portcullis("check").args(words).spawn().unwrap();
    let _ = process.stdin.take().unwrap().write_all(input);
    let output = process.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (shown(output.status), text(output.stdout), text(output.stderr))
}

/// Refused by this check, with a way to allow it, and allowed with these flags.
fn refused(words: &[&str], rule: &str, remedy: &str, flags: &[&str]) {
    let (status, output, errors) = run(words);
    assert_eq!((status, errors.as_str()), (1, ""), "{words:?}");
    assert!(output.starts_with("refused  "), "{words:?}: {output}");
    assert!(output.contains(&format!("  {rule}: ")), "{words:?}: {output}");
    assert!(output.contains(remedy), "{words:?}: {output}");
    let words = [&words[..1], flags, &words[1..]].concat();
    let (status, output, errors) = run(&words);
    assert_eq!((status, errors.as_str()), (0, ""), "{words:?}: {output}");
    assert!(output.starts_with("ok       "), "{words:?}: {output}");
}

fn wrong(words: &[&str], hint: &str) {
    let (status, output, errors) = run(words);
    assert_eq!((status, output.as_str()), (2, ""), "{words:?}: {errors}");
    assert!(errors.contains(hint), "{words:?}: {errors}");
}

#[test]
fn a_url_is_refused_by_one_check_and_allowed_by_its_flag() {
    let by_class = [
        ("http://0x7f.1/", "loopback"),
        ("http://[::ffff:10.0.0.1]/", "private"),
        ("http://2852039166/latest", "metadata"),
        ("http://[64:ff9b::6440:1]/", "carrier-grade"),
    ];
    for (url, class) in by_class {
        refused(&["url", url], class, "urls.classes", &["--class", class]);
    }
    refused(&["url", "http://10.1.2.3/"], "private", "urls.nets", &["--net", "10.1.0.0/16"]);
    refused(&["url", "ftp://example.com/"], "scheme", "urls.schemes", &["--scheme", "ftp"]);
    let (status, output, _) = run(&["url", "https://example.com/", "http://8.8.8.8/"]);
    assert_eq!(status, 0);
    assert_eq!(
        output,
        "ok       https://example.com/  (its addresses are still to be judged: --resolved)\n\
         ok       http://8.8.8.8/  (8.8.8.8, public)\n"
    );
}

#[test]
fn lists_of_hosts_narrow_what_is_allowed() {
    let allow = ["--allow", "*.example.com:443"];
    let (status, output, _) = run(&[&["url"][..], &allow, &["https://a.example.com/"]].concat());
    assert_eq!(status, 0, "{output}");
    let words = ["url", "--allow", "*.example.com:443", "https://evilexample.com/"];
    refused(&words, "host-unlisted", "urls.allow", &["--allow", "evilexample.com"]);
    let (status, output, _) = run(&["url", "--deny", "a.example", "https://a.example/"]);
    assert!(status == 1 && output.contains("host-denied: "), "{output}");
}

#[test]
fn addresses_that_were_resolved_are_judged_too() {
    let url = "https://example.com/";
    let (status, output, _) = run(&["url", "--resolved", "8.8.8.8", url]);
    assert_eq!((status, output), (0, format!("ok       {url}\n")));
    let rebound = ["url", "--resolved", "8.8.8.8", "--resolved", "127.0.0.1", url];
    refused(&rebound, "loopback", "urls.classes", &["--class", "loopback"]);
    wrong(&["url", "--resolved", "8.8.8.8", url, url], "one at a time");
    wrong(&["url", "--resolved", "127.1", url], "not an address");
}

#[test]
fn a_path_is_judged_by_where_it_lies_and_how_it_is_written() {
    for (words, rule, remedy, flags) in [
        (&["path", "/etc/passwd"][..], "denied-path", "paths.deny", &["--root", "/etc"][..]),
        (&["path", "/work/../etc/a"], "denied-path", "paths.deny", &["--root", "/etc/a"]),
        (
            &["path", "--root", "/work", "/workshop/a"],
            "outside-roots",
            "paths.roots",
            &["--root", "/workshop"],
        ),
        (&["path", r"C:\a"], "windows", "paths.windows", &["--windows"]),
    ] {
        refused(words, rule, remedy, flags);
    }
    for (path, rule) in
        [("%2e%2e/etc", "encoded"), ("../a", "dot-dot"), ("a%00", "nul"), ("~/a", "home")]
    {
        let (status, output, _) = run(&["path", path]);
        assert!(status == 1 && output.contains(&format!("  {rule}: ")), "{path}: {output}");
    }
    for path in ["/work/a..b", "/etcetera", "a%", "/work/100%"] {
        let (status, output, errors) = run(&["path", path]);
        let want = format!("ok       {path}\n");
        assert_eq!((status, output, errors.as_str()), (0, want, ""));
    }
    let followed = ["path", "--root", "/work", "--resolved", "/home/a", "/work/link"];
    refused(&followed, "outside-roots", "paths.roots", &["--root", "/home"]);
    wrong(&["path", "--root", "work", "a"], "network.paths.roots[0]: write an absolute directory");
}

#[test]
fn an_address_is_judged_by_its_class_or_by_the_lists_of_clients() {
    refused(&["ip", "::ffff:127.0.0.1"], "loopback", "urls.classes", &["--class", "loopback"]);
    refused(
        &["ip", "[64:ff9b::a9fe:a9fe]:80"],
        "metadata",
        "urls.nets",
        &["--net", "64:ff9b::/96"],
    );
    let (status, output, _) = run(&["ip", "8.8.8.8", "fe80::1%eth0"]);
    assert_eq!(status, 1);
    assert!(output.starts_with("ok       8.8.8.8  (public)\nrefused  fe80::1%eth0  link-local: "));
    let lists = ["ip", "--client", "--allow", "10.0.0.0/8", "--deny", "10.0.0.50"];
    let client = |address| run(&[&lists[..], &[address]].concat());
    assert_eq!(client("::ffff:10.0.0.1").0, 0);
    assert!(client("10.0.0.50").1.contains("  address-denied: "));
    assert!(client("192.0.2.1").1.contains("  address-unlisted: "));
    wrong(&["ip", "127.1"], "value 1 is no address");
    wrong(&["ip", "8.8.8.8", "example.com"], "value 2 is no address");
    wrong(
        &["ip", "--client", "--allow", "10.0.0.0/33", "10.0.0.1"],
        "network.addresses.allow[0].net",
    );
    wrong(&["ip", "--allow", "10.0.0.0/8", "10.0.0.1"], "--client");
    wrong(&["ip", "--class", "nothing", "10.0.0.1"], "there are: public, ");
}

#[test]
fn an_origin_is_judged_by_the_list() {
    let list = ["origin", "--allow", "http://localhost:*,https://*.smithery.ai"];
    let check = |origin| run(&[&list[..], &[origin]].concat());
    for origin in ["http://localhost:3000", "https://a.smithery.ai"] {
        assert_eq!(check(origin), (0, format!("ok       {origin}\n"), String::new()));
    }
    for origin in ["https://evilsmithery.ai", "https://smithery.ai", "https://localhost"] {
        let (status, output, _) = check(origin);
        assert!(status == 1 && output.contains("  origin: "), "{output}");
    }
    let null = ["origin", "--allow", "https://a.example", "null"];
    refused(&null, "null-origin", "origins.origins", &["--allow", "null"]);
    wrong(&["origin", "https://a.example"], "--allow");
    wrong(&["origin", "--allow", "a.example", "https://a.example"], "network.origins.origins[0]");
}

#[test]
fn values_come_from_standard_input_one_a_line() {
    let (status, output, errors) = feed(&["path", "-"], b"/work/a\n/etc/passwd\r\n\n");
    assert_eq!((status, errors.as_str()), (1, ""));
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0] == "ok       /work/a" && lines[1].starts_with("refused  /etc/passwd  "));
    assert_eq!(feed(&["path", "-", "b"], b"a\n").1, "ok       a\nok       b\n");
    assert_eq!(feed(&["path", "-"], b"").0, 0);
    assert_eq!(feed(&["path", "-"], b"\xff\n").0, 2);
    let (status, _, errors) = feed(&["path", "-"], &vec![b'a'; (16 << 20) + 1]);
    assert!(status == 2 && errors.contains("16 MiB"), "{errors}");
}

#[test]
fn what_is_shown_moves_no_terminal() {
    let (status, output, _) = run(&["url", "http://a\u{1b}[2J.example/\nok"]);
    assert_eq!(status, 1);
    assert!(output.starts_with("refused  http://a\\u{1b}[2J.example/\\nok  syntax: "), "{output}");
    assert_eq!(output.lines().count(), 1);
}

#[test]
fn wrong_usage_is_told_apart_from_a_refusal() {
    wrong(&["url"], "VALUE");
    wrong(&["nothing", "x"], "unrecognized subcommand");
    wrong(&["url", "--scheme", "http://", "http://example.com/"], "network.urls.schemes[4]");
    wrong(&["url", "--allow", "a b", "http://example.com/"], "network.urls.allow[0]");
    wrong(&["url", "--config", "/nonexistent.yaml", "http://example.com/"], "/nonexistent.yaml");
    let (status, output, _) = run(&["url", "--help"]);
    assert!(status == 0 && output.contains("Exit status:"), "{output}");
}
